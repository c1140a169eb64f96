"""The model gate: criteria that a home's model must meet before it may link the register.

Without labels nothing proves that another model is better. So the criteria check that the model was
learned from enough records, and that its evidence has the right direction. They also check that it
does not gain links by making doubtful ones. The figures come from `model_comparison` and
`register.identity.score.adaptation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from register.identity.evaluate.model_comparison import JudgedPairs, ModelComparison
from register.identity.score import AdaptationReport, LevelDifference

# 2,000 records have two million pairs. A level that one random pair in 100,000 reaches then has
# some twenty pairs, so its u is known within a factor of 1.5.
MIN_RECORDS = 2_000
# The packaged model's m counts as this number of matches (`PSEUDO_COUNT`). With fewer matches of
# its own, a home's model would only add noise.
MIN_MATCHES = 1_000.0
# A weight this close to 0 (in bits) hardly speaks for or against a pair.
NO_DIRECTION = 0.5
# With this number of matches a weight is known within 0.15 bits: enough to believe that a partial
# agreement's weight has changed sign.
MIN_MATCHES_TO_REVERSE = 100.0
# A new model may lose at most one true link in a hundred. A greater loss would visibly lower the
# agreement of the two sources.
MIN_TRUE_LINKS = 0.99
MIN_LIKELY_GAIN = 0.5
# The usual level of significance of a one-sided test.
MIN_CHANCE = 0.05
MIN_JUDGED = 100
MAX_CALIBRATION_LOSS = 0.02
FULL_AGREEMENT = frozenset({"same", "shares_postcode_and_surname", "shares_postcode"})
DISAGREEMENT = frozenset({"differs"})


@dataclass(frozen=True)
class Criterion:
    """One criterion: the measured figure and its limit; `is_met` is None if there is no figure."""

    code: str
    sentence: str
    measured: str
    limit: str
    is_met: bool | None


def judge_model(report: AdaptationReport, comparison: ModelComparison) -> list[Criterion]:
    """Judge a home's model by how it was learned and what it would change."""
    in_use, other, likely = comparison.in_use, comparison.other, comparison.likely_in_use
    rest = "at rest" if report.is_converged else "still moving"
    min_true_links = MIN_TRUE_LINKS * in_use.expected_true_links
    return [
        Criterion(
            code="converged",
            sentence="Expectation maximisation came to rest.",
            measured=f"{rest} after {report.round_count} rounds",
            limit="at rest",
            is_met=report.is_converged,
        ),
        Criterion(
            code="enough_records",
            sentence="It was learned from enough records to know u of rare levels.",
            measured=f"{report.record_count:,}",
            limit=f"at least {MIN_RECORDS:,}",
            is_met=report.record_count >= MIN_RECORDS,
        ),
        Criterion(
            code="enough_matches",
            sentence="It was learned from as many matches as the m of the package counts for.",
            measured=f"{report.match_count:,.0f}",
            limit=f"at least {MIN_MATCHES:,.0f}",
            is_met=report.match_count >= MIN_MATCHES,
        ),
        _check_directions(report.levels),
        _check_reversals(report.levels),
        Criterion(
            code="expected_false_links",
            sentence="It expects no more false links than the model in use.",
            measured=f"{other.expected_false_links:,.2f}",
            limit=f"at most {in_use.expected_false_links:,.2f}",
            is_met=other.expected_false_links <= in_use.expected_false_links,
        ),
        Criterion(
            code="expected_true_links",
            sentence="It gives up hardly any true link for that.",
            measured=f"{other.expected_true_links:,.0f}",
            limit=f"at least {min_true_links:,.0f}",
            is_met=other.expected_true_links >= min_true_links,
        ),
        Criterion(
            code="gained_links",
            sentence="Links that it alone makes are more likely than not by the model in use too.",
            measured="no such link" if likely is None else f"{likely:.2f} on average",
            limit=f"at least {MIN_LIKELY_GAIN}",
            is_met=None if likely is None else likely >= MIN_LIKELY_GAIN,
        ),
        _check_guarded_links(comparison),
        *_check_judged(in_use.judged, other.judged),
    ]


def _check_directions(levels: list[LevelDifference]) -> Criterion:
    """Check that full agreement is evidence for one child, and disagreement evidence against."""
    wrong = [
        f"{each.comparison}.{each.level}"
        for each in levels
        if (each.level in FULL_AGREEMENT and each.weight <= 0)
        or (each.level in DISAGREEMENT and each.weight >= 0)
    ]
    return Criterion(
        code="directions",
        sentence="Agreement in full weighs for one child, and disagreement against it.",
        measured=", ".join(wrong) or "none that does not",
        limit="none that does not",
        is_met=not wrong,
    )


def _check_reversals(levels: list[LevelDifference]) -> Criterion:
    reversals = [
        f"{each.comparison}.{each.level} ({each.given_weight:+.1f} to {each.weight:+.1f} bits,"
        f" {each.match_count:,.0f} matches)"
        for each in levels
        if each.given_weight * each.weight < 0
        and min(abs(each.given_weight), abs(each.weight)) >= NO_DIRECTION
        and each.match_count < MIN_MATCHES_TO_REVERSE
    ]
    return Criterion(
        code="reversals",
        sentence="No level reverses its direction on few matches.",
        measured=", ".join(reversals) or "none",
        limit=f"none on fewer than {MIN_MATCHES_TO_REVERSE:,.0f} matches",
        is_met=not reversals,
    )


def _check_guarded_links(comparison: ModelComparison) -> Criterion:
    """Check the numbers of forbidden links gained and lost, by a sign test.

    The null hypothesis: a forbidden link that only one model makes comes from either model equally
    often.
    """
    gained, lost = comparison.guarded_gained, comparison.guarded_lost
    chance = sum(comb(gained + lost, each) for each in range(gained, gained + lost + 1))
    chance /= 2 ** (gained + lost)
    return Criterion(
        code="guarded_links",
        sentence="Guards forbid no more of its links, but for chance.",
        measured=f"{gained:,} more and {lost:,} fewer, a chance of {chance:.3f}",
        limit=f"a chance of at least {MIN_CHANCE}",
        is_met=chance >= MIN_CHANCE,
    )


def _check_judged(before: JudgedPairs | None, after: JudgedPairs | None) -> list[Criterion]:
    """Check calibration and links against pairs that people judged, if enough pairs were judged."""
    calibration = (
        "judged_calibration",
        "Its probabilities are as right, by the pairs that people judged.",
    )
    links = ("judged_links", "As many of its links are right, by the pairs that people judged.")
    if before is None or after is None or after.calibration.pair_count < MIN_JUDGED:
        measured = f"{after.calibration.pair_count if after else 0:,} pairs judged"
        limit = f"from {MIN_JUDGED:,}"
        return [Criterion(*words, measured, limit, None) for words in (calibration, links)]
    errors = [each.calibration.mean_absolute_error or 0.0 for each in (before, after)]
    right = [
        each.true_link_count / each.link_count if each.link_count else 1.0
        for each in (before, after)
    ]
    max_error = errors[0] + MAX_CALIBRATION_LOSS
    error, limit = f"an error of {errors[1]:.3f}", f"at most {max_error:.3f}"
    least_right = f"at least {right[0]:.4f}"
    return [
        Criterion(*calibration, error, limit, errors[1] <= max_error),
        Criterion(*links, f"{right[1]:.4f}", least_right, right[1] >= right[0]),
    ]
