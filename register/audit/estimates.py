"""Estimates of shares from a sample of areas, with intervals that respect the sample's design.

The share is the weighted mean (Hájek). Its variance is the variance between areas, by
linearisation. The areas are treated as if drawn with replacement, which makes the intervals rather
too wide (Särndal, Swensson and Wretman 1992, chapter 5).

The interval follows Korn and Graubard (1998), Survey Methodology 24: 193-201. It is Clopper and
Pearson's interval for the effective number of cases, and is valid near 0 and 1 too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Judged:
    """An answered case: its area, its weight, and whether the auditor's answer is yes."""

    area: str
    weight: float
    is_yes: bool


@dataclass(frozen=True)
class Estimate:
    """A share (0-1) with its interval, from `case_count` cases in `area_count` areas."""

    share: float
    lower: float
    upper: float
    case_count: int
    area_count: int


def estimate_share(cases: Sequence[Judged]) -> Estimate | None:
    """Return the weighted share of the answer yes with its interval, or None without cases."""
    if not cases:
        return None
    total = sum(case.weight for case in cases)
    share = sum(case.weight for case in cases if case.is_yes) / total
    deviations: dict[str, float] = defaultdict(float)
    for case in cases:
        deviations[case.area] += case.weight * (case.is_yes - share) / total
    areas = len(deviations)
    effective = float(len(cases))
    if areas > 1 and 0 < share < 1:
        variance = areas / (areas - 1) * sum(value**2 for value in deviations.values())
        if variance > 0:
            effective = _compute_effective_count(share, variance, len(cases), areas)
    lower, upper = _compute_clopper_pearson(share * effective, effective)
    return Estimate(share, lower, upper, len(cases), areas)


def _compute_effective_count(share: float, variance: float, case_count: int, areas: int) -> float:
    """Return the size of a simple random sample of equal precision, at most `case_count`."""
    from scipy import stats

    tail = (1 + CONFIDENCE) / 2
    loss = stats.t.ppf(tail, case_count - 1) / stats.t.ppf(tail, areas - 1)
    return min(float(case_count), float(share * (1 - share) / variance * loss**2))


def _compute_clopper_pearson(successes: float, trials: float) -> tuple[float, float]:
    from scipy import stats

    tail = (1 - CONFIDENCE) / 2
    failures = trials - successes
    lower = stats.beta.ppf(tail, successes, failures + 1) if successes > 0 else 0.0
    upper = stats.beta.ppf(1 - tail, successes + 1, failures) if failures > 0 else 1.0
    return float(lower), float(upper)
