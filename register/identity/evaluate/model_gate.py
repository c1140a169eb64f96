"""The gate of a home's model: criteria that it must meet before it may link the register.

Without labels nothing proves that another model is better. The criteria say that it was learned
from enough records, that its evidence has the right direction, and that it does not gain links by
making doubtful ones. Figures belong to `model_comparison` and `register.identity.score.adaptation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

from register.identity.evaluate.model_comparison import JudgedPairs, ModelComparison
from register.identity.score import AdaptationReport, LevelDifference

# As many records have two million pairs: a level that one random pair in 100,000 is on is then
# expected on twenty of them, from which its u is known within a factor of 1.5.
MIN_RECORDS = 2_000
# As many as the m of the model in the package usually counts for (`PSEUDO_COUNT`): with fewer, the
# home's model would be that one with noise.
MIN_MATCHES = 1_000.0
# A level within half a bit of none says next to nothing either way.
NO_DIRECTION = 0.5
# From so many matches a weight is known within 0.15 bits: enough to reverse a partial agreement.
MIN_MATCHES_TO_REVERSE = 100.0
# One in a hundred: more would be seen in the agreement of the two sources.
MIN_TRUE_LINKS = 0.99
MIN_LIKELY_GAIN = 0.5
# One-sided; the usual error of the first kind.
MIN_CHANCE = 0.05
MIN_JUDGED = 100
MAX_CALIBRATION_LOSS = 0.02
FULL_AGREEMENT = frozenset({"same", "shares_postcode_and_surname", "shares_postcode"})
DISAGREEMENT = frozenset({"differs"})


@dataclass(frozen=True)
class Criterion:
    """One criterion: the measured figure and its limit; `is_met` is None without a figure."""

    code: str
    sentence: str
    measured: str
    limit: str
    is_met: bool | None


def judge_model(report: AdaptationReport, comparison: ModelComparison) -> list[Criterion]:
    """Judge a home's model by how it was learned and by the changes it would bring."""
    return [
        _check_convergence(report),
        _check_minimum(
            "enough_records",
            "It was learned from enough records to know u of rare levels.",
            report.record_count,
            MIN_RECORDS,
        ),
        _check_minimum(
            "enough_matches",
            "It was learned from as many matches as the m of the package counts for.",
            report.match_count,
            MIN_MATCHES,
        ),
        _check_directions(report.levels),
        _check_reversals(report.levels),
        _check_false_links(comparison),
        _check_true_links(comparison),
        _check_gained_links(comparison),
        _check_guarded_links(comparison),
        *_check_judged(comparison.in_use.judged, comparison.other.judged),
    ]


def _check_minimum(code: str, sentence: str, measured: float, limit: float) -> Criterion:
    least = f"at least {limit:,.0f}"
    return Criterion(code, sentence, f"{measured:,.0f}", least, measured >= limit)


def _check_convergence(report: AdaptationReport) -> Criterion:
    return Criterion(
        "converged",
        "Expectation maximisation came to rest.",
        f"{'at rest' if report.is_converged else 'still moving'} after {report.round_count} rounds",
        "at rest",
        report.is_converged,
    )


def _check_directions(levels: list[LevelDifference]) -> Criterion:
    """Check that full agreement is evidence for one child, and disagreement evidence against."""
    wrong = [
        f"{each.comparison}.{each.level}"
        for each in levels
        if (each.level in FULL_AGREEMENT and each.weight <= 0)
        or (each.level in DISAGREEMENT and each.weight >= 0)
    ]
    return Criterion(
        "directions",
        "Agreement in full weighs for one child, and disagreement against it.",
        ", ".join(wrong) or "none that does not",
        "none that does not",
        not wrong,
    )


def _check_reversals(levels: list[LevelDifference]) -> Criterion:
    reversed_ = [
        f"{each.comparison}.{each.level} ({each.given_weight:+.1f} to {each.weight:+.1f} bits,"
        f" {each.match_count:,.0f} matches)"
        for each in levels
        if each.given_weight * each.weight < 0
        and min(abs(each.given_weight), abs(each.weight)) >= NO_DIRECTION
        and each.match_count < MIN_MATCHES_TO_REVERSE
    ]
    return Criterion(
        "reversals",
        "No level reverses its direction on few matches.",
        ", ".join(reversed_) or "none",
        f"none on fewer than {MIN_MATCHES_TO_REVERSE:,.0f} matches",
        not reversed_,
    )


def _check_false_links(comparison: ModelComparison) -> Criterion:
    before, after = comparison.in_use, comparison.other
    return Criterion(
        "expected_false_links",
        "It expects no more false links than the model in use.",
        f"{after.expected_false_links:,.2f}",
        f"at most {before.expected_false_links:,.2f}",
        after.expected_false_links <= before.expected_false_links,
    )


def _check_true_links(comparison: ModelComparison) -> Criterion:
    least = MIN_TRUE_LINKS * comparison.in_use.expected_true_links
    return Criterion(
        "expected_true_links",
        "It gives up hardly any true link for that.",
        f"{comparison.other.expected_true_links:,.0f}",
        f"at least {least:,.0f}",
        comparison.other.expected_true_links >= least,
    )


def _check_gained_links(comparison: ModelComparison) -> Criterion:
    likely = comparison.likely_in_use
    return Criterion(
        "gained_links",
        "Links that it alone makes are more likely than not by the model in use too.",
        "no such link" if likely is None else f"{likely:.2f} on average",
        f"at least {MIN_LIKELY_GAIN}",
        None if likely is None else likely >= MIN_LIKELY_GAIN,
    )


def _check_guarded_links(comparison: ModelComparison) -> Criterion:
    """Check by a sign test: by chance half of the links of one model alone would be of either."""
    gained, lost = comparison.guarded_gained, comparison.guarded_lost
    chance = sum(comb(gained + lost, each) for each in range(gained, gained + lost + 1))
    chance /= 2 ** (gained + lost)
    return Criterion(
        "guarded_links",
        "Guards forbid no more of its links, but for chance.",
        f"{gained:,} more and {lost:,} fewer, a chance of {chance:.3f}",
        f"a chance of at least {MIN_CHANCE}",
        chance >= MIN_CHANCE,
    )


def _check_judged(before: JudgedPairs | None, after: JudgedPairs | None) -> list[Criterion]:
    """Check calibration and links by the pairs that people judged, if there are enough."""
    sentences = {
        "judged_calibration": "Its probabilities are as right, by the pairs that people judged.",
        "judged_links": "As many of its links are right, by the pairs that people judged.",
    }
    if before is None or after is None or after.calibration.pair_count < MIN_JUDGED:
        count = after.calibration.pair_count if after else 0
        return [
            Criterion(code, sentence, f"{count:,} pairs judged", f"from {MIN_JUDGED:,}", None)
            for code, sentence in sentences.items()
        ]
    errors = [each.calibration.mean_absolute_error or 0.0 for each in (before, after)]
    right = [
        each.true_link_count / each.link_count if each.link_count else 1.0
        for each in (before, after)
    ]
    most = errors[0] + MAX_CALIBRATION_LOSS
    return [
        Criterion(
            "judged_calibration",
            sentences["judged_calibration"],
            f"an error of {errors[1]:.3f}",
            f"at most {most:.3f}",
            errors[1] <= most,
        ),
        Criterion(
            "judged_links",
            sentences["judged_links"],
            f"{right[1]:.4f}",
            f"at least {right[0]:.4f}",
            right[1] >= right[0],
        ),
    ]
