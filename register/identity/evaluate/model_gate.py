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
# By default the packaged model's m counts as this number of matches (`PSEUDO_COUNT`). With fewer
# matches of its own, a home's model would only add noise.
MIN_MATCHES = 1_000.0
# A weight this close to 0 (in bits) hardly speaks for or against a pair.
NO_DIRECTION = 0.5
# With this number of matches a weight is known within 0.15 bits: enough to believe that a partial
# agreement's weight has changed sign.
MIN_MATCHES_TO_REVERSE = 100.0
# Both models' links are measured by the probabilities of the model in use, for each model believes
# its own links most. A new model may lose at most one true link in a hundred. A greater loss would
# visibly lower the agreement of the two sources.
MIN_TRUE_LINKS = 0.99
# It may add one false link for every thousand links of the model in use. None at all would refuse
# every model that gains links, since the model in use does not believe these enough to link them.
MAX_ADDED_FALSE_LINKS = 0.001
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
    min_true_links = MIN_TRUE_LINKS * in_use.true_links_by_in_use
    max_false_links = in_use.false_links_by_in_use + MAX_ADDED_FALSE_LINKS * in_use.links
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
            sentence="It was learned from enough expected matches to know m.",
            measured=f"{report.match_count:,.0f}",
            limit=f"at least {MIN_MATCHES:,.0f}",
            is_met=report.match_count >= MIN_MATCHES,
        ),
        _check_directions(report.levels),
        _check_reversals(report.levels),
        Criterion(
            code="expected_false_links",
            sentence="By the model in use, it adds at most one false link to 1,000 links.",
            measured=f"{other.false_links_by_in_use:,.2f}",
            limit=f"at most {max_false_links:,.2f}",
            is_met=other.false_links_by_in_use <= max_false_links,
        ),
        Criterion(
            code="expected_true_links",
            sentence="By the model in use, it has at least 99 % of the true links.",
            measured=f"{other.true_links_by_in_use:,.2f}",
            limit=f"at least {min_true_links:,.2f}",
            is_met=other.true_links_by_in_use >= min_true_links,
        ),
        Criterion(
            code="gained_links",
            sentence="By the model in use, links that it alone makes are on average at least as"
            " likely as not.",
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
    """Check that no level has another sign than in the package's model on few matches.

    A weight within `NO_DIRECTION` of 0, in either model, has no direction to reverse.
    """
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
        sentence="No level reverses its direction in the package's model on few matches.",
        measured=", ".join(reversals) or "none",
        limit=f"none on fewer than {MIN_MATCHES_TO_REVERSE:,.0f} matches",
        is_met=not reversals,
    )


def _check_guarded_links(comparison: ModelComparison) -> Criterion:
    """Check the numbers of forbidden links gained and lost, by a sign test.

    A link is forbidden if a guard of either model forbids it. The null hypothesis: a forbidden link
    that only one model makes comes from either model equally often. So few such links never refuse
    a model.
    """
    gained, lost = comparison.guarded_gained, comparison.guarded_lost
    chance = sum(comb(gained + lost, each) for each in range(gained, gained + lost + 1))
    chance /= 2 ** (gained + lost)
    return Criterion(
        code="guarded_links",
        sentence="It does not make significantly more links that a guard forbids (sign test, 5 %).",
        measured=f"{gained:,} gained and {lost:,} lost, p = {chance:.3f}",
        limit=f"p at least {MIN_CHANCE}",
        is_met=chance >= MIN_CHANCE,
    )


def _check_judged(before: JudgedPairs | None, after: JudgedPairs | None) -> list[Criterion]:
    """Check calibration and links against pairs that people judged, if enough pairs were judged."""
    calibration = (
        "judged_calibration",
        "On pairs that people judged, the error of its probabilities is at most 0.02 greater.",
    )
    links = (
        "judged_links",
        "On pairs that people judged, as great a share of its links is right.",
    )
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
