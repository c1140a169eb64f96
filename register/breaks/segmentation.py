"""The division of one series into stretches of one level.

A likelihood-ratio test for a change of rate of Poisson counts, with three things a register needs:

- *Season and nation.* Counts are compared with those of the supplier's peers, month by month, so
  that a season, a school holiday or a national trend is no step (`register.breaks.season`).
- *Overdispersion.* The statistic is divided by the dispersion that the counts show from one month
  to the next, which a step hardly moves (von Neumann 1941, Annals of Mathematical Statistics
  12:367-395).
- *Several breaks, and gaps.* The best division into stretches is found exactly, by dynamic
  programming (Jackson et al. 2005, IEEE Signal Processing Letters 12:105-108), so that a dip in the
  middle is found as two breaks; then the weakest is taken back until every one passes. A month that
  was not delivered is no month of the series.

A break passes where its p-value, times the places at which it might have been found (Bonferroni,
which is conservative), is at most `ALPHA`, and the level changes by a size worth a remark. A slow
drift reads as steps. A change of definitions that is announced always divides the series, whether
or not the counts step: an average across it would mean nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

# Of a thousand series without a break, about one is marked.
ALPHA = 0.001
# A level that changes by less is not worth a remark, however sure.
LEAST_RATIO = 1.25
# A stretch is not read from fewer months, a series not tested with fewer.
LEAST_MONTHS = 3
LEAST_SERIES_MONTHS = 12

Counts = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Segment:
    """A stretch of one level: months `first` to before `end`, and the break that begins it.

    `ratio`, `statistic` and `p_value` compare with the stretch before; none for the first.
    """

    first: int
    end: int
    is_announced: bool
    ratio: float | None
    statistic: float | None
    p_value: float | None

    @property
    def is_step(self) -> bool:
        """Whether the counts step at its beginning."""
        return (
            self.p_value is not None and self.p_value <= ALPHA and _is_sizeable(self.ratio or 0.0)
        )


@dataclass(frozen=True)
class Series:
    """Counts of the delivered months in order, the exposure of each (its season, mean 1).

    `announced` are the positions, other than 0, at which a definition changes.
    """

    counts: Counts
    exposure: Counts
    announced: tuple[int, ...] = ()

    @property
    def is_tested(self) -> bool:
        """Whether it is long enough to be tested."""
        return len(self.counts) >= LEAST_SERIES_MONTHS


def dispersion(series: Series) -> float:
    """How much more the counts vary from month to month than Poisson counts would; at least 1.

    Half the mean square of successive differences of 2√count, which has a variance of 1 for a
    Poisson count of any size worth testing; the largest tenth, where steps are, is left out.
    """
    levels = 2.0 * np.sqrt((series.counts + 0.375) / np.maximum(series.exposure, 0.05))
    weights = np.minimum(series.exposure[1:], series.exposure[:-1])
    squares = np.sort(np.diff(levels) ** 2 * weights / 2.0)
    kept = squares[: max(1, int(0.9 * len(squares)))]
    # A chi-squared variable of one degree, without as large a part of its largest values.
    share = len(kept) / len(squares)
    cut = 2.0 * special.gammaincinv(0.5, share)
    expected = float(special.chdtr(3, cut)) / share
    return max(1.0, float(kept.mean()) / expected)


def segments(series: Series) -> list[Segment]:
    """Divide a series into stretches of one level; one stretch where it does not step."""
    length = len(series.counts)
    announced = sorted({place for place in series.announced if 0 < place < length})
    breaks = list(announced)
    scale = dispersion(series) if series.is_tested else 1.0
    if series.is_tested:
        edges = [0, *announced, length]
        for first, end in itertools.pairwise(edges):
            breaks += optimal_breaks(series, first, end, scale)
    return _weakest_taken_back(series, sorted(breaks), set(announced), scale)


def _weakest_taken_back(
    series: Series, breaks: list[int], announced: set[int], scale: float
) -> list[Segment]:
    while True:
        found = _described(series, breaks, announced, scale)
        weak = [item for item in found[1:] if not item.is_announced and not item.is_step]
        if not weak:
            return found
        worst = max(weak, key=lambda item: (item.p_value or 0.0, item.first))
        breaks = [place for place in breaks if place != worst.first]


def _described(
    series: Series, breaks: list[int], announced: set[int], scale: float
) -> list[Segment]:
    edges = [0, *breaks, len(series.counts)]
    found = [Segment(0, edges[1], False, None, None, None)]
    for before, place, end in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        ratio, statistic, p_value = _compared(series, before, place, end, scale)
        found.append(Segment(place, end, place in announced, ratio, statistic, p_value))
    return found


def _compared(
    series: Series, first: int, place: int, end: int, scale: float
) -> tuple[float | None, float | None, float | None]:
    """The change of level at `place`, its scaled likelihood ratio and p-value."""
    if not series.is_tested:
        return None, None, None
    cost = _Cost(series)
    statistic = (cost(first, end) - cost(first, place) - cost(place, end)) / scale
    # The dispersion is estimated, hence F and not chi-squared; searched places multiply it.
    chance = float(special.fdtrc(1, _freedom(series), max(0.0, statistic)))
    p_value = min(1.0, _places(first, end) * chance)
    before = series.counts[first:place].sum() / series.exposure[first:place].sum()
    after = series.counts[place:end].sum() / series.exposure[place:end].sum()
    ratio = float(after / before) if before > 0 else None
    return ratio, float(statistic), p_value


def _is_sizeable(ratio: float) -> bool:
    return ratio >= LEAST_RATIO or ratio <= 1.0 / LEAST_RATIO


class _Cost:
    """Twice the negative log-likelihood of a stretch at its own rate, by running sums."""

    def __init__(self, series: Series) -> None:
        self._counts = np.concatenate([[0.0], np.cumsum(series.counts)])
        self._exposure = np.concatenate([[0.0], np.cumsum(series.exposure)])

    def __call__(self, first: int | Positions, end: int | Positions) -> Counts:
        counts = np.asarray(self._counts[end] - self._counts[first])
        exposure = np.asarray(self._exposure[end] - self._exposure[first])
        rate = np.maximum(counts, 1e-12) / np.maximum(exposure, 1e-12)
        return np.where(counts > 0, -2.0 * counts * np.log(rate), 0.0)


def break_penalty(series: Series, first: int, end: int) -> float:
    """The statistic that a break inside `first` to `end` must reach, at `ALPHA` by Bonferroni."""
    return float(special.fdtri(1, _freedom(series), 1.0 - ALPHA / _places(first, end)))


def _places(first: int, end: int) -> int:
    """At how many places a break inside `first` to `end` might be."""
    return max(1, end - first - 2 * LEAST_MONTHS + 1)


def _freedom(series: Series) -> int:
    """Degrees of freedom of the dispersion."""
    return max(1, len(series.counts) - 2)


def optimal_breaks(series: Series, first: int, end: int, scale: float) -> list[int]:
    """The places inside `first` to `end` whose division costs least, a penalty for each.

    The cost is twice the negative log-likelihood of the stretches over `scale`, the dispersion; no
    stretch is shorter than `LEAST_MONTHS`. Exact, by dynamic programming (Jackson et al. 2005).
    """
    penalty = break_penalty(series, first, end)
    cost = _Cost(series)
    best = np.full(end - first + 1, np.inf)
    best[0] = -penalty
    origin = np.zeros(end - first + 1, dtype=np.int64)
    for last in range(LEAST_MONTHS, end - first + 1):
        starts = np.arange(0, last - LEAST_MONTHS + 1, dtype=np.int64)
        total = best[starts] + cost(first + starts, first + last) / scale + penalty
        origin[last] = starts[int(np.argmin(total))]
        best[last] = float(total.min())
    found: list[int] = []
    place = int(origin[end - first])
    while place > 0:
        found.append(first + place)
        place = int(origin[place])
    return found[::-1]
