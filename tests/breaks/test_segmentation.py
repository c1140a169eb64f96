"""Breaks in recording are found where they are, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from register.breaks.segmentation import (
    ALPHA,
    LEAST_RATIO,
    Segment,
    Series,
    dispersion,
    segments,
)
from tests.breaks.series import MONTHS, flat, steady


def _breaks(series: Series) -> list[int]:
    return [item.first for item in segments(series)[1:]]


def test_a_step_is_found_where_it_is() -> None:
    """Prevents an average over two ways of recording."""
    counts = steady()
    counts[30:] = np.round(counts[30:] * 0.4)
    found = segments(flat(counts))
    assert len(found) == 2
    step = found[1]
    assert abs(step.first - 30) <= 1
    assert step.is_step
    assert not step.is_announced
    assert step.ratio == pytest.approx(0.4, abs=0.08)
    assert step.p_value is not None
    assert step.p_value < 1e-6


def test_a_dip_in_the_middle_is_two_breaks() -> None:
    """Prevents a gap of recording from hiding because the series ends where it began."""
    counts = steady()
    counts[25:30] = np.round(counts[25:30] * 0.15)
    places = _breaks(flat(counts))
    assert len(places) == 2
    assert np.abs(np.array(places) - [25, 30]).max() <= 1


def test_series_without_a_step_are_left_alone() -> None:
    """Prevents a list of breaks that is mostly chance: of 400 series hardly one is marked."""
    marked = sum(
        len(_breaks(flat(steady(level, months, seed)))) > 0
        for level in (0.5, 3.0, 20.0, 300.0)
        for months in (24, MONTHS)
        for seed in range(50)
    )
    assert marked <= 3


@pytest.mark.parametrize(("months", "share"), [(24, 0.35), (MONTHS, 0.5)])
def test_large_steps_are_found_in_most_series(months: int, share: float) -> None:
    """Prevents a test so careful that it finds nothing."""
    found = 0
    for seed in range(50):
        counts = steady(20.0, months, seed)
        counts[months // 2 :] = np.round(counts[months // 2 :] * share)
        found += len(_breaks(flat(counts))) == 1
    assert found >= 45


def test_a_step_too_small_to_matter_is_no_break() -> None:
    """Prevents a large supplier from being flagged for a change of a tenth."""
    counts = np.full(MONTHS, 2000.0)
    counts[30:] = 2200.0
    assert _breaks(flat(counts)) == []
    counts[30:] = 2600.0
    assert _breaks(flat(counts)) == [30]


def test_a_change_that_is_announced_divides_the_series_without_a_step() -> None:
    """Prevents an average across two definitions because the counts happen to agree."""
    counts = steady()
    found = segments(Series(counts, np.ones_like(counts), announced=(24,)))
    assert [(item.first, item.end) for item in found] == [(0, 24), (24, MONTHS)]
    assert found[1].is_announced
    assert not found[1].is_step
    counts[24:] *= 3
    stepped = segments(Series(counts, np.ones_like(counts), announced=(24,)))
    assert [item.first for item in stepped] == [0, 24]
    assert stepped[1].is_step


def test_a_short_series_is_not_tested_and_says_so() -> None:
    """Prevents 'no break' from standing for 'nobody looked'."""
    short = flat(np.array([30.0] * 5 + [2.0] * 6))
    assert not short.is_tested
    assert len(segments(short)) == 1
    assert flat(np.array([30.0] * 6 + [2.0] * 6)).is_tested
    assert _breaks(flat(np.array([30.0] * 6 + [2.0] * 6))) == [6]


def test_dispersion_is_that_of_the_counts_and_not_of_the_step() -> None:
    """Prevents a step from hiding behind the variance that it makes."""
    poisson = np.random.default_rng(3).poisson(30, 2000).astype(np.float64)
    assert dispersion(flat(poisson)) == pytest.approx(1.0, abs=0.1)
    assert dispersion(flat(steady(30.0, 2000))) == pytest.approx(2.0, abs=0.3)
    poisson[1000:] += 60
    assert dispersion(flat(poisson)) == pytest.approx(1.0, abs=0.1)


def test_a_series_that_falls_silent_has_a_break_and_no_ratio_from_nothing() -> None:
    """Prevents a division by a level of 0."""
    begins = np.concatenate([np.zeros(12), np.full(12, 9.0)])
    found = segments(flat(begins))
    assert [item.first for item in found] == [0, 12]
    assert found[1].ratio is None
    assert segments(flat(begins[::-1].copy()))[1].ratio == 0.0


@pytest.mark.parametrize(
    ("ratio", "p_value", "is_step"),
    [
        (LEAST_RATIO, ALPHA, True),
        (1 / LEAST_RATIO, ALPHA, True),
        (LEAST_RATIO, ALPHA * 1.001, False),
        (LEAST_RATIO * 0.999, ALPHA, False),
        (1.001 / LEAST_RATIO, ALPHA, False),
        (9.0, None, False),
    ],
)
def test_a_step_is_both_large_and_unlikely_by_chance(
    ratio: float, p_value: float | None, is_step: bool
) -> None:
    """Prevents a large change of few absences from being called a change of recording."""
    assert Segment(12, 24, False, ratio, 9.0, p_value).is_step is is_step
