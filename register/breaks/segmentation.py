"""Segmentation: the division of one series of monthly counts into stretches of one level.

The method is a likelihood-ratio test for a change in the rate of Poisson counts, adapted to a
register:

- *Season and nation.* Counts are compared with those of the supplier's peers, month by month. So a
  season, a school holiday or a national trend does not count as a step (`register.breaks.season`).
- *Overdispersion.* The statistic is divided by the dispersion between successive months, which a
  step hardly changes (von Neumann 1941, Annals of Mathematical Statistics 12:367-395). If single
  children have many absences, successive months understate the dispersion, since such children come
  and go slowly. So it is at least the dispersion of clusters of absences
  (`Series.least_dispersion`).
- *Several breaks, and gaps.* Dynamic programming finds the best division into stretches exactly
  (Jackson et al. 2005, IEEE Signal Processing Letters 12:105-108). So a dip in the middle is found
  as two breaks. Then the weakest break is dropped until every break passes the test. Months that
  were not delivered are left out of the series.
- *Edges.* A new level in the last months looks like a late or partial delivery. So a break needs at
  least `MIN_SIDE_MONTHS` compared months of its series on either side.

A break passes if it is significant and large enough. Its p-value, multiplied by the number of
places where it might have been found (Bonferroni), must be at most `ALPHA`. This is conservative.
The level must change at least by the factor `MIN_RATIO`. A slow drift is found as several steps.

An announced change of definitions always divides the series, whether or not the counts step. An
average across such a change would mean nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

# At most about one in a thousand series without a break is marked by mistake. That is acceptable,
# since the mark is only a question to the supplier.
ALPHA = 0.001
# A supplier is named in public only at this stricter level: at most one in ten thousand series
# without a break is named by mistake. For series of shares `ALPHA` is enough, since none of 13,000
# simulated ones without a break reached it (decision 58).
CERTAIN_ALPHA = 0.0001
# A step by a smaller factor, up or down, is not worth a remark, even if it is certain.
MIN_RATIO = 1.25
# Minimum number of months between two breaks, and minimum length of the series before and after a
# break.
MIN_MONTHS = 3
MIN_SIDE_MONTHS = 6
MIN_SERIES_MONTHS = 2 * MIN_SIDE_MONTHS

Counts = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Segment:
    """A stretch of one level, from month `first` to before `end`, and the break that begins it.

    `ratio`, `statistic` and `p_value` compare the stretch with the one before it. They are None for
    the first stretch, and if the series is too short for a test. With `is_part` the level is a
    share of the supplier's own reports.
    """

    first: int
    end: int
    is_announced: bool
    ratio: float | None
    statistic: float | None
    p_value: float | None
    is_part: bool = False

    @property
    def is_step(self) -> bool:
        """Whether the counts step where the stretch begins."""
        ratio = self.ratio or 0.0
        is_sizeable = ratio >= MIN_RATIO or ratio <= 1.0 / MIN_RATIO
        return self.p_value is not None and self.p_value <= ALPHA and is_sizeable

    @property
    def is_certain_step(self) -> bool:
        """Whether the step is certain enough to name its supplier in public."""
        limit = ALPHA if self.is_part else CERTAIN_ALPHA
        return self.is_step and (self.p_value or 0.0) <= limit


@dataclass(frozen=True)
class Series:
    """The counts of the delivered months in order, and the exposure of each month.

    The exposure is the season (mean 1). With `is_part`, it is the total of which the count is a
    part, so the count is binomial instead of Poisson. A month of exposure 0 belongs to a stretch,
    but is not compared. `announced` are the positions (other than 0) at which a definition changes.
    `least_dispersion` is the dispersion of reports that come in clusters, one cluster per child:
    the sum of the squares of the cluster sizes over their sum.
    """

    counts: Counts
    exposure: Counts
    announced: tuple[int, ...] = ()
    least_dispersion: float = 1.0
    is_part: bool = False

    @property
    def compared(self) -> Positions:
        """The positions of the months that are compared."""
        return np.flatnonzero(self.exposure > 0)

    @property
    def is_tested(self) -> bool:
        """Whether the series is long enough to be tested."""
        return len(self.compared) >= MIN_SERIES_MONTHS

    def narrow_to_compared(self) -> Series:
        """Return the series of compared months; an announced change moves to the next of these."""
        places = np.searchsorted(self.compared, self.announced)
        inside = places[(places > 0) & (places < len(self.compared))]
        return Series(
            self.counts[self.compared],
            self.exposure[self.compared],
            tuple(sorted(set(inside.tolist()))),
            self.least_dispersion,
            self.is_part,
        )


def estimate_dispersion(series: Series) -> float:
    """Return the dispersion: the factor by which counts vary more than Poisson counts do.

    The estimate is half the mean square of successive differences of 2√count. For Poisson counts of
    any size worth testing, 2√count has variance 1. The largest tenth of the squares is left out,
    since steps are among these, and the mean is corrected for this. For a part of a total, the
    arcsine of the root of the share replaces the root. The result is at least `least_dispersion`.
    """
    if series.is_part:
        shares = (series.counts + 0.375) / (series.exposure + 0.75)
        levels = 2.0 * np.arcsin(np.sqrt(np.minimum(shares, 1.0)))
    else:
        levels = 2.0 * np.sqrt((series.counts + 0.375) / np.maximum(series.exposure, 0.05))
    weights = np.minimum(series.exposure[1:], series.exposure[:-1])
    squares = np.sort(np.diff(levels) ** 2 * weights / 2.0)
    smallest = squares[: max(1, int(0.9 * len(squares)))]
    # The mean of a chi-squared variable with one degree of freedom, cut off like the observed
    # squares above.
    share = len(smallest) / len(squares)
    cut = 2.0 * special.gammaincinv(0.5, share)
    expected = float(special.chdtr(3, cut)) / share
    return max(series.least_dispersion, float(smallest.mean()) / expected)


def find_segments(series: Series) -> list[Segment]:
    """Divide a series into stretches of one level; a series without a step is one stretch."""
    announced = {place for place in series.announced if 0 < place < len(series.counts)}
    breaks = set(announced)
    scale = 1.0
    if series.is_tested:
        narrow = series.narrow_to_compared()
        scale = estimate_dispersion(narrow)
        for first, end in itertools.pairwise([0, *narrow.announced, len(narrow.counts)]):
            inside = range(first + MIN_SIDE_MONTHS, end - MIN_SIDE_MONTHS + 1)
            places = find_optimal_breaks(narrow, first, end, scale)
            breaks |= {int(series.compared[place]) for place in places if place in inside}
    return _drop_weakest(series, sorted(breaks), announced, scale)


def _drop_weakest(
    series: Series, breaks: list[int], announced: set[int], scale: float
) -> list[Segment]:
    """Drop the weakest break repeatedly until each break left is announced or passes the test."""
    while True:
        segments = _describe_segments(series, breaks, announced, scale)
        weak = [item for item in segments[1:] if not item.is_announced and not item.is_step]
        if not weak:
            return segments
        worst = max(weak, key=lambda item: (item.p_value or 0.0, item.first))
        breaks = [place for place in breaks if place != worst.first]


def _describe_segments(
    series: Series, breaks: list[int], announced: set[int], scale: float
) -> list[Segment]:
    edges = [0, *breaks, len(series.counts)]
    segments = [Segment(0, edges[1], False, None, None, None)]
    for before, place, end in zip(edges[:-2], edges[1:-1], edges[2:], strict=True):
        ratio, statistic, p_value = _test_break(series, before, place, end, scale)
        is_announced = place in announced
        segments.append(
            Segment(place, end, is_announced, ratio, statistic, p_value, series.is_part)
        )
    return segments


def _test_break(
    series: Series, first: int, place: int, end: int, scale: float
) -> tuple[float | None, float | None, float | None]:
    """Return the ratio of the levels at `place`, the scaled likelihood ratio and the p-value.

    All three are None if the series is too short for a test or one side has no compared month. The
    ratio is also None if the level before is 0.
    """
    if not series.is_tested:
        return None, None, None
    narrow = series.narrow_to_compared()
    edges = np.searchsorted(series.compared, (first, place, end))
    first, place, end = (int(edge) for edge in edges)
    if not first < place < end:
        return None, None, None
    statistic = _min_evidence(narrow, first, place, end) / scale
    # The F distribution is used instead of chi-squared because the dispersion is estimated. The
    # p-value is multiplied by the number of places searched (Bonferroni).
    chance = float(special.fdtrc(1, _degrees_of_freedom(narrow), max(0.0, statistic)))
    p_value = min(1.0, _count_places(first, end) * chance)
    before = narrow.counts[first:place].sum() / narrow.exposure[first:place].sum()
    after = narrow.counts[place:end].sum() / narrow.exposure[place:end].sum()
    ratio = float(after / before) if before > 0 else None
    return ratio, float(statistic), p_value


def _min_evidence(series: Series, first: int, place: int, end: int) -> float:
    """Return the likelihood ratio of a break at `place` without the month that supports it most.

    So a single exceptional month does not count as a new level.
    """
    is_after = np.arange(first, end) >= place
    sides = []
    for side in (~is_after, is_after):
        own = [
            np.where(side, values[first:end], 0.0) for values in (series.counts, series.exposure)
        ]
        sides.append([values.sum() - values for values in own])
    (counts, exposure), (counts_after, exposure_after) = sides
    together = (counts + counts_after, exposure + exposure_after)
    apart = _deviance(counts, exposure, series.is_part)
    apart = apart + _deviance(counts_after, exposure_after, series.is_part)
    return float((_deviance(*together, series.is_part) - apart).min())


def _deviance(counts: Counts, exposure: Counts, is_part: bool) -> Counts:
    """Return twice the negative log-likelihood of sums of counts, if each sum has its own rate."""
    rate = np.maximum(counts, 1e-12) / np.maximum(exposure, 1e-12)
    cost = np.where(counts > 0, -2.0 * counts * np.log(rate), 0.0)
    return cost + _deviance(exposure - counts, exposure, False) if is_part else cost


def compute_break_penalty(series: Series, first: int, end: int) -> float:
    """Return the statistic that a break between `first` and `end` needs to pass at `ALPHA`."""
    return float(
        special.fdtri(1, _degrees_of_freedom(series), 1.0 - ALPHA / _count_places(first, end))
    )


def _count_places(first: int, end: int) -> int:
    """Count the places between `first` and `end` at which a break could be."""
    return max(1, end - first - 2 * MIN_MONTHS + 1)


def _degrees_of_freedom(series: Series) -> int:
    """Return the degrees of freedom of the dispersion estimate."""
    return max(1, len(series.counts) - 2)


def find_optimal_breaks(series: Series, first: int, end: int, scale: float) -> list[int]:
    """Return the breaks between `first` and `end` that divide the series at the lowest cost.

    The cost is the stretches' deviance (twice the negative log-likelihood) divided by the
    dispersion `scale`, plus a penalty for each break. No stretch is shorter than `MIN_MONTHS`.
    Dynamic programming makes the result exact (Jackson et al. 2005).
    """
    penalty = compute_break_penalty(series, first, end)
    # With running sums, the sum of any stretch takes one subtraction.
    counts, exposure = (
        np.concatenate([[0.0], np.cumsum(values)]) for values in (series.counts, series.exposure)
    )
    length = end - first
    best = np.full(length + 1, np.inf)
    best[0] = -penalty
    origin = np.zeros(length + 1, dtype=np.int64)
    for last in range(MIN_MONTHS, length + 1):
        starts = np.arange(0, last - MIN_MONTHS + 1, dtype=np.int64)
        cost = _deviance(
            counts[first + last] - counts[first + starts],
            exposure[first + last] - exposure[first + starts],
            series.is_part,
        )
        total = best[starts] + cost / scale + penalty
        origin[last] = starts[int(np.argmin(total))]
        best[last] = float(total.min())
    places: list[int] = []
    place = int(origin[length])
    while place > 0:
        places.append(first + place)
        place = int(origin[place])
    return places[::-1]
