"""Breaks in recording are found where they are, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from register.breaks.segmentation import (
    ALPHA,
    CERTAIN_ALPHA,
    MIN_RATIO,
    MIN_SIDE_MONTHS,
    Segment,
    Series,
    estimate_dispersion,
    find_segments,
)
from tests.breaks.series import MONTHS, flat_series, steady_counts


def _find_breaks(series: Series) -> list[int]:
    return [item.first for item in find_segments(series)[1:]]


def test_a_step_is_found_where_it_is() -> None:
    """Prevents an average over two ways of recording."""
    counts = steady_counts()
    counts[30:] = np.round(counts[30:] * 0.4)
    stretches = find_segments(flat_series(counts))
    assert len(stretches) == 2
    step = stretches[1]
    assert abs(step.first - 30) <= 1
    assert step.is_step
    assert not step.is_announced
    assert step.ratio == pytest.approx(0.4, abs=0.08)
    assert step.p_value is not None
    assert step.p_value < 1e-6


def test_a_dip_in_the_middle_is_two_breaks() -> None:
    """Prevents a gap of recording from hiding because the series ends where it began."""
    counts = steady_counts()
    counts[25:30] = np.round(counts[25:30] * 0.15)
    places = _find_breaks(flat_series(counts))
    assert len(places) == 2
    assert np.abs(np.array(places) - [25, 30]).max() <= 1


def test_series_without_a_step_are_left_alone() -> None:
    """Prevents a list of breaks that is mostly chance: of 400 series hardly one is marked."""
    marked = sum(
        len(_find_breaks(flat_series(steady_counts(level, months, seed)))) > 0
        for level in (0.5, 3.0, 20.0, 300.0)
        for months in (24, MONTHS)
        for seed in range(50)
    )
    assert marked <= 3


@pytest.mark.parametrize(("months", "share"), [(24, 0.35), (MONTHS, 0.5)])
def test_large_steps_are_found_in_most_series(months: int, share: float) -> None:
    """Prevents a test so careful that it finds nothing."""
    stretches = 0
    for seed in range(50):
        counts = steady_counts(20.0, months, seed)
        counts[months // 2 :] = np.round(counts[months // 2 :] * share)
        stretches += len(_find_breaks(flat_series(counts))) == 1
    assert stretches >= 45


def test_a_step_too_small_to_matter_is_no_break() -> None:
    """Prevents a large supplier from being flagged for a change of a tenth."""
    counts = np.full(MONTHS, 2000.0)
    counts[30:] = 2200.0
    assert _find_breaks(flat_series(counts)) == []
    counts[30:] = 2600.0
    assert _find_breaks(flat_series(counts)) == [30]


def test_a_change_that_is_announced_divides_the_series_without_a_step() -> None:
    """Prevents an average across two definitions because the counts happen to agree."""
    counts = steady_counts()
    stretches = find_segments(Series(counts, np.ones_like(counts), announced=(24,)))
    assert [(item.first, item.end) for item in stretches] == [(0, 24), (24, MONTHS)]
    assert stretches[1].is_announced
    assert not stretches[1].is_step
    counts[24:] *= 3
    stepped = find_segments(Series(counts, np.ones_like(counts), announced=(24,)))
    assert [item.first for item in stepped] == [0, 24]
    assert stepped[1].is_step


def test_a_short_series_is_not_tested_and_says_so() -> None:
    """Prevents 'no break' from standing for 'nobody looked'."""
    short = flat_series(np.array([30.0] * 5 + [2.0] * 6))
    assert not short.is_tested
    assert len(find_segments(short)) == 1
    assert flat_series(np.array([30.0] * 6 + [2.0] * 6)).is_tested
    assert _find_breaks(flat_series(np.array([30.0] * 6 + [2.0] * 6))) == [6]


def test_dispersion_is_that_of_the_counts_and_not_of_the_step() -> None:
    """Prevents a step from hiding behind the variance that it makes."""
    poisson = np.random.default_rng(3).poisson(30, 2000).astype(np.float64)
    assert estimate_dispersion(flat_series(poisson)) == pytest.approx(1.0, abs=0.1)
    assert estimate_dispersion(flat_series(steady_counts(30.0, 2000))) == pytest.approx(
        2.0, abs=0.3
    )
    poisson[1000:] += 60
    assert estimate_dispersion(flat_series(poisson)) == pytest.approx(1.0, abs=0.1)


def test_a_series_that_falls_silent_has_a_break_and_no_ratio_from_nothing() -> None:
    """Prevents a division by a level of 0."""
    begins = np.concatenate([np.zeros(12), np.full(12, 9.0)])
    stretches = find_segments(flat_series(begins))
    assert [item.first for item in stretches] == [0, 12]
    assert stretches[1].ratio is None
    assert find_segments(flat_series(begins[::-1].copy()))[1].ratio == 0.0


@pytest.mark.parametrize(
    ("ratio", "p_value", "is_step"),
    [
        (MIN_RATIO, ALPHA, True),
        (1 / MIN_RATIO, ALPHA, True),
        (MIN_RATIO, ALPHA * 1.001, False),
        (MIN_RATIO * 0.999, ALPHA, False),
        (1.001 / MIN_RATIO, ALPHA, False),
        (9.0, None, False),
    ],
)
def test_a_step_is_both_large_and_unlikely_by_chance(
    ratio: float, p_value: float | None, is_step: bool
) -> None:
    """Prevents a large change of few absences from being called a change of recording."""
    assert Segment(12, 24, False, ratio, 9.0, p_value).is_step is is_step


def test_a_level_with_which_a_series_begins_or_ends_is_no_step() -> None:
    """Prevents a late or partial delivery at the edge from being called a change of recording."""
    for months in range(1, MIN_SIDE_MONTHS):
        for edge in (slice(None, months), slice(MONTHS - months, None)):
            counts = np.full(MONTHS, 40.0)
            counts[edge] = 0.0
            assert _find_breaks(flat_series(counts)) == []
    counts = np.full(MONTHS, 40.0)
    counts[-MIN_SIDE_MONTHS:] = 4.0
    assert _find_breaks(flat_series(counts)) == [MONTHS - MIN_SIDE_MONTHS]


@pytest.mark.parametrize("count", [0.0, 400.0])
def test_one_month_out_of_line_is_no_step(count: float) -> None:
    """Prevents a month entered twice, or not at all, from being called a level."""
    counts = np.full(MONTHS, 40.0)
    counts[30] = count
    assert _find_breaks(flat_series(counts)) == []


def test_a_month_that_is_not_compared_makes_no_step_and_no_level() -> None:
    """Prevents months that nothing is known of from deciding whether others changed."""
    counts = np.full(MONTHS, 40.0)
    exposure = np.ones(MONTHS)
    counts[40:] = 0.0
    exposure[40:] = 0.0
    assert [(item.first, item.end) for item in find_segments(Series(counts, exposure))] == [
        (0, MONTHS)
    ]
    counts[20:40] = 20.0
    _, step = find_segments(Series(counts, exposure))
    assert (step.first, step.end, step.ratio) == (20, MONTHS, 0.5)
    exposure[11:] = 0.0
    assert not Series(counts, exposure).is_tested


def test_a_change_announced_where_nothing_is_compared_divides_and_is_not_tested() -> None:
    """Prevents an announced change from being forgotten at the edge of what was delivered."""
    counts = np.full(MONTHS, 40.0)
    exposure = np.ones(MONTHS)
    exposure[-3:] = 0.0
    stretches = find_segments(Series(counts, exposure, announced=(MONTHS - 2,)))
    assert [(item.first, item.is_announced, item.p_value) for item in stretches] == [
        (0, False, None),
        (MONTHS - 2, True, None),
    ]


def test_children_with_many_absences_are_no_step_unless_it_is_larger_than_they() -> None:
    """Prevents two children who move away from being read as a force that records less."""
    counts = steady_counts(40.0, MONTHS)
    counts[30:] = np.round(counts[30:] * 0.7)
    assert len(_find_breaks(flat_series(counts))) == 1
    many = Series(counts, np.ones(MONTHS), least_dispersion=10.0)
    assert estimate_dispersion(many) == 10.0
    assert _find_breaks(many) == []
    counts[30:] = np.round(counts[30:] * 0.2)
    assert len(_find_breaks(Series(counts, np.ones(MONTHS), least_dispersion=10.0))) == 1


def test_a_part_is_judged_by_its_share_of_the_whole() -> None:
    """Prevents a quiet season, or a child with many absences, from being read as a step."""
    totals = np.round(np.random.default_rng(4).uniform(20, 90, MONTHS))
    counts = np.round(0.4 * totals)
    assert _find_breaks(Series(counts, totals, is_part=True)) == []
    counts[30:] = np.round(0.2 * totals[30:])
    (_, step) = find_segments(Series(counts, totals, is_part=True))
    assert (step.first, step.is_certain_step) == (30, True)
    assert step.ratio == pytest.approx(0.5, abs=0.02)
    # Nearly all of the whole: a share of 0.95 that becomes 0.6 loses more than its part gains.
    counts[:30] = np.round(0.95 * totals[:30])
    counts[30:] = np.round(0.6 * totals[30:])
    binomial = find_segments(Series(counts, totals, is_part=True))[1]
    poisson = find_segments(Series(counts, totals))[1]
    assert binomial.statistic is not None
    assert poisson.statistic is not None
    assert binomial.statistic > 2 * poisson.statistic


@pytest.mark.parametrize(
    ("p_value", "is_certain"), [(CERTAIN_ALPHA, True), (CERTAIN_ALPHA * 1.001, False)]
)
def test_only_a_certain_step_names_its_supplier(p_value: float, is_certain: bool) -> None:
    """Prevents a supplier from being named in public for what chance does now and then."""
    assert Segment(12, 24, False, 0.5, 9.0, p_value).is_certain_step is is_certain
    assert Segment(12, 24, False, 0.5, 9.0, p_value, is_part=True).is_certain_step
    assert not Segment(12, 24, False, 0.5, 9.0, ALPHA * 1.001, is_part=True).is_certain_step
    assert not Segment(12, 24, False, 0.9, 9.0, p_value).is_certain_step
