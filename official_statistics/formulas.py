"""Formulas of intervals, coefficients and estimates from shown counts, each with its source.

The register uses the same formulas for its own counts (`dbt_project/functions/statistics`, with
derivations). `derived_figures` chooses the counts and the symbol of each figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

from register.intervals import INTERVAL_Z, Interval, wilson_interval

# Lower limits of the one-sided 95 % Poisson interval for 1 to 3 successes (Brown, Cai and DasGupta
# 2001, section 4.1.1).
POISSON_LIMITS = {1: 0.0512932943876, 2: 0.3553615106987, 3: 0.8176914471176}


def chapman_estimate(both: int, police_only: int, authority_only: int) -> Interval:
    """Return Chapman's estimate of all episodes (1951) with Sadinle's interval (2009)."""
    recorded = both + police_only + authority_only
    estimate = recorded + police_only * authority_only / (both + 1)
    centre = (police_only + 0.5) * (authority_only + 0.5) / (both + 0.5)
    error = sqrt(
        1 / (both + 0.5)
        + 1 / (police_only + 0.5)
        + 1 / (authority_only + 0.5)
        + 1 / max(0.25, centre)
    )
    ends = [max(0.0, centre * exp(sign * INTERVAL_Z * error) - 0.5) for sign in (-1, 1)]
    return Interval(estimate, min(estimate, recorded + ends[0]), max(estimate, recorded + ends[1]))


def byar_interval(count: int) -> Interval:
    """Return a count of events with Byar's interval (Breslow and Day 1987, section 2.11).

    It approximates the exact Poisson interval, as the register's `count_lower` and `count_upper` do
    for counts of children.
    """

    def compute_limit(events: int, sign: int) -> float:
        step = sign * INTERVAL_Z / (3 * sqrt(events))
        return float(events * (1 - 1 / (9 * events) + step) ** 3)

    return Interval(
        count, max(0.0, compute_limit(count, -1)) if count else 0.0, compute_limit(count + 1, 1)
    )


@dataclass(frozen=True)
class Cells:
    """Numbers of pairs by two sources' answers: both yes (a), only one yes (b, c), neither (d)."""

    a: int
    b: int
    c: int
    d: int

    @property
    def size(self) -> int:
        """The number of pairs."""
        return self.a + self.b + self.c + self.d

    @property
    def disagreement(self) -> float:
        """The share of pairs for which the two sources differ."""
        return (self.b + self.c) / self.size


def gwets_ac1(cells: Cells) -> Interval:
    """Return Gwet's AC1 (2008) with its interval by MOVER (Zou and Donner 2008)."""
    disagreement, lean = cells.disagreement, _compute_lean(cells.a, cells.d)
    limits = _disagreement_limits(cells)
    estimate = _compute_ac1(disagreement, lean)
    down = _square_outward(estimate - _compute_ac1(limits[1], lean)) + _square_outward(
        estimate - _compute_ac1(disagreement, _lean_lower(cells.a, cells.d))
    )
    up = _square_outward(_compute_ac1(limits[0], lean) - estimate) + _square_outward(
        _compute_ac1(disagreement, _lean_upper(cells.a, cells.d)) - estimate
    )
    return Interval(estimate, max(-1.0, estimate - sqrt(down)), min(1.0, estimate + sqrt(up)))


def cohens_kappa(cells: Cells) -> Interval | None:
    """Return Cohen's kappa (1960) with its interval by MOVER.

    If both sources always give the same answer, kappa is undefined, and None is returned.
    """
    a, b, c, d = cells.a, cells.b, cells.c, cells.d
    chance = (a + b) * (b + d) + (a + c) * (c + d)
    if chance == 0:
        return None
    estimate = 2 * (a * d - b * c) / chance
    lower = _sum_kappa_steps(cells, is_lower=True)
    upper = _sum_kappa_steps(cells, is_lower=False)
    return Interval(estimate, max(-1.0, estimate - sqrt(lower)), min(1.0, estimate + sqrt(upper)))


def _sum_kappa_steps(cells: Cells, *, is_lower: bool) -> float:
    """Return the sum of squared changes of kappa, as one share after another moves to its end.

    A share moves to the lower or upper end of its interval, while the other shares stay.
    """
    share = cells.disagreement
    end = _disagreement_limits(cells)[1 if is_lower else 0]
    u, v = _compute_lean(cells.a, cells.d), _compute_lean(cells.b, cells.c)
    least = (_lean_lower(cells.a, cells.d), _lean_lower(cells.b, cells.c))
    most = (_lean_upper(cells.a, cells.d), _lean_upper(cells.b, cells.c))
    far_u = most[0] if is_lower else least[0]
    far_v = least[1] if is_lower else most[1]

    def square_step(start: float | None, stop: float | None) -> float:
        if start is None or stop is None:
            return 0.0
        return _square_outward(start - stop if is_lower else stop - start)

    total = square_step(_compute_kappa(share, u, v), _compute_kappa(end, u, v))
    for moved_u, moved_v in ((far_u, v), (u, far_v)):
        total += max(
            square_step(_compute_kappa(at, u, v), _compute_kappa(at, moved_u, moved_v))
            for at in (share, end)
        )
    return total


def _compute_kappa(disagreement: float, agreed_lean: float, disagreed_lean: float) -> float | None:
    chance = 1 - ((1 - disagreement) * agreed_lean) ** 2 + (disagreement * disagreed_lean) ** 2
    return 1 - 2 * disagreement / chance if chance else None


def _compute_ac1(disagreement: float, agreed_lean: float) -> float:
    return 1 - 2 * disagreement / (1 + ((1 - disagreement) * agreed_lean) ** 2)


def _square_outward(step: float) -> float:
    """Return the square of a step away from the estimate, or 0 for a step towards it."""
    return max(0.0, step) ** 2


def _disagreement_limits(cells: Cells) -> tuple[float, float]:
    return (
        _small_count_lower(cells.b + cells.c, cells.size),
        1 - _small_count_lower(cells.a + cells.d, cells.size),
    )


def _small_count_lower(successes: int, trials: int) -> float:
    if trials == 0:
        return 0.0
    limit = POISSON_LIMITS.get(successes)
    return min(wilson_interval(successes, trials).lower, limit / trials if limit else 1.0)


def _compute_lean(yes: int, no: int) -> float:
    return (yes - no) / (yes + no) if yes + no else 0.0


def _lean_lower(yes: int, no: int) -> float:
    return max(0.0, 2 * _small_count_lower(max(yes, no), yes + no) - 1)


def _lean_upper(yes: int, no: int) -> float:
    return 2 * (1 - _small_count_lower(yes + no - max(yes, no), yes + no)) - 1
