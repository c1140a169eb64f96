"""Our division of a series into stretches is that of the library `ruptures`."""

from __future__ import annotations

import numpy as np
import pytest
import ruptures
from ruptures.base import BaseCost
from scipy import stats

from register.breaks.segmentation import (
    MIN_MONTHS,
    Counts,
    Series,
    compute_break_penalty,
    estimate_dispersion,
    find_optimal_breaks,
    find_segments,
)
from tests.breaks.series import school_year, steady_counts

MONTHS = 36
MAX_BREAKS = 5


def _log_likelihood(counts: Counts, exposure: Counts) -> float:
    """Of Poisson counts at their own rate, term by term, as SciPy has it."""
    return float(stats.poisson.logpmf(counts, counts.sum() / exposure.sum() * exposure).sum())


class PoissonCost(BaseCost):
    """A cost of `ruptures` for counts (first column) with an exposure (second column)."""

    model = "poisson"
    min_size = MIN_MONTHS

    def fit(self, signal: Counts) -> PoissonCost:
        """Take the series."""
        self.signal = signal
        return self

    def error(self, start: int, end: int) -> float:
        """Twice the negative log-likelihood of one stretch."""
        return -2.0 * _log_likelihood(*self.signal[start:end].T)


def _divisions(series: Series) -> dict[tuple[int, ...], float]:
    """The best division with each number of breaks, and what it costs, by `ruptures`."""
    signal = np.column_stack([series.counts, series.exposure])
    cost = PoissonCost()
    search = ruptures.Dynp(custom_cost=cost, min_size=MIN_MONTHS, jump=1).fit(signal)
    scale, penalty = estimate_dispersion(series), compute_break_penalty(series, 0, len(signal))
    cost_of = {(): cost.error(0, len(signal)) / scale}
    for count in range(1, MAX_BREAKS + 1):
        edges = search.predict(n_bkps=count)
        cost_of[tuple(edges[:-1])] = cost.sum_of_costs(edges) / scale + penalty * count
    return cost_of


def _draw_series(seed: int) -> Series:
    """A series with a season and none, one or two steps."""
    generator = np.random.default_rng(seed)
    season = school_year(MONTHS)
    counts = np.round(
        steady_counts(float(generator.choice([2.0, 12.0, 80.0])), MONTHS, seed) * season
    )
    for place in generator.integers(MIN_MONTHS, MONTHS - MIN_MONTHS, seed % 3):
        counts[place:] = np.round(counts[place:] * generator.choice([0.0, 0.3, 3.0]))
    return Series(counts, season)


@pytest.mark.parametrize("seed", range(12))
def test_the_breaks_are_those_of_the_library(seed: int) -> None:
    """Prevents a slip in our own dynamic programming, or in the running sums behind its costs."""
    series = _draw_series(seed)
    divisions = _divisions(series)
    best = min(divisions, key=divisions.__getitem__)
    assert len(best) < MAX_BREAKS
    assert tuple(find_optimal_breaks(series, 0, MONTHS, estimate_dispersion(series))) == best


def test_the_tried_series_have_no_break_one_and_several() -> None:
    """Prevents a comparison that is passed because nothing is ever divided."""
    counts = {len(find_optimal_breaks(series, 0, MONTHS, estimate_dispersion(series))) for series in
              (_draw_series(seed) for seed in range(12))}  # fmt: skip
    assert {0, 1, 2} <= counts


def test_the_statistic_is_the_least_likelihood_ratio_over_the_dispersion() -> None:
    """Prevents a test whose statistic is not the one that its docstring names."""
    season = school_year(MONTHS)
    counts = np.round(steady_counts(30.0, MONTHS, 4) * season)
    counts[20:] = np.round(counts[20:] * 0.4)
    series = Series(counts, season)
    (_, step) = find_segments(series)
    place = step.first
    apart = sum(
        _log_likelihood(counts[part], season[part])
        for part in (slice(None, place), slice(place, None))
    )
    ratio = 2.0 * (apart - _log_likelihood(counts, season))
    without = [_ratio_without(counts, season, place, month) for month in range(MONTHS)]
    assert min(without) < ratio
    assert step.statistic == pytest.approx(min(without) / estimate_dispersion(series), rel=1e-9)


def _ratio_without(counts: Counts, season: Counts, place: int, month: int) -> float:
    """The likelihood ratio of a step at `place`, without one month."""
    months = np.arange(MONTHS)
    before, after = (months < place) & (months != month), (months >= place) & (months != month)
    apart = sum(_log_likelihood(counts[part], season[part]) for part in (before, after))
    together = before | after
    return 2.0 * (apart - _log_likelihood(counts[together], season[together]))
