"""The draw is repeatable, reaches every stratum, and its weights add up to its frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from register.audit.sampling import (
    Frame,
    FrameError,
    FrameRow,
    _uniforms,
    apportion,
    draw_areas,
    draw_sample,
    read_frame,
)
from register.publishing import Generation


def _frame(sizes: list[int]) -> Frame:
    statuses = ("both", "both", "police_only", "authority_only")
    rows = [
        FrameRow(
            agreement_id=f"E{area:03}{number:05}",
            status=statuses[number % 4],
            care="looked_after" if number % 3 else "other",
            authority_code_dfe=f"{area:03}",
            reason_code="",
        )
        for area, size in enumerate(sizes)
        for number in range(size)
    ]
    return Frame("20261124T080000-000001", "2025-26", tuple(rows))


NATION = _frame([30 + 7 * area for area in range(40)])


def test_the_default_draw_is_that_of_the_inspectors() -> None:
    """Prevents a sample of another size than the one that inspectors found feasible."""
    sample = draw_sample(NATION, seed=1)
    assert len(sample.cases) == 105
    assert len(sample.areas) == 10
    by_area = Counter(case.authority_code_dfe for case in sample.cases)
    assert set(by_area.values()) == {10, 11}


def test_the_same_seed_and_generation_draw_the_same_cases() -> None:
    """Prevents an audit that cannot be repeated, and one that always finds the same cases."""
    shuffled = replace(NATION, rows=NATION.rows[::-1])
    assert draw_sample(NATION, 1).cases == draw_sample(shuffled, 1).cases
    assert draw_sample(NATION, 1).cases != draw_sample(NATION, 2).cases
    assert (
        draw_sample(NATION, 1).cases != draw_sample(replace(NATION, generation_id="later"), 1).cases
    )


def test_every_stratum_of_a_drawn_area_has_a_case() -> None:
    """Prevents rare kinds of disagreement from never being looked at."""
    sample = draw_sample(NATION, seed=3)
    for area in sample.areas:
        present = {row.stratum for row in NATION.rows if row.authority_code_dfe == area}
        drawn = {
            f"{case.status}|{case.care}" for case in sample.cases if case.authority_code_dfe == area
        }
        assert drawn == present


def test_weights_stand_for_the_frame() -> None:
    """Prevents an estimate that leans towards large areas or rare strata."""
    totals: defaultdict[str, list[float]] = defaultdict(list)
    for seed in range(60):
        sample = draw_sample(NATION, seed)
        for status in ("both", "police_only", "authority_only"):
            cases = [case for case in sample.cases if case.status == status]
            totals[status].append(sum(case.weight for case in cases))
    for status, result in totals.items():
        assert mean(result) == pytest.approx(
            sum(row.status == status for row in NATION.rows), rel=0.03
        )


def test_a_very_large_area_is_certain_and_few_areas_are_all_drawn() -> None:
    """Prevents a chance of being drawn above one."""
    result = draw_sample(_frame([2000, *[20] * 30]), seed=1, area_count=5)
    assert "000" in result.areas
    assert len(result.areas) == 5
    small = draw_sample(_frame([4, 3]), seed=1)
    assert len(small.cases) == 7
    assert {case.weight for case in small.cases} == {1.0}


def test_areas_are_drawn_as_often_as_their_stated_chance() -> None:
    """Prevents weights from another chance than that by which an area is drawn."""
    sizes = {f"{area:02}": 5 + 9 * area for area in range(12)}
    draws = [draw_areas(sizes, 4, _uniforms(str(seed))) for seed in range(500)]
    for area, size in sizes.items():
        chance = 4 * size / sum(sizes.values())
        stated = {float(drawn[area]) for drawn in draws if area in drawn}
        assert list(stated) == [pytest.approx(chance)]
        times = sum(area in drawn for drawn in draws)
        assert binomtest(times, len(draws), chance).pvalue > 0.001, area


@given(
    st.lists(st.integers(1, 200), min_size=1, max_size=30),
    st.integers(1, 12),
    st.integers(0, 9),
)
def test_as_many_areas_are_drawn_as_were_asked_for(sizes: list[int], count: int, seed: int) -> None:
    """Prevents rounding from losing an area."""
    named = {f"{place:03}": size for place, size in enumerate(sizes)}
    drawn = draw_areas(named, count, _uniforms(str(seed)))
    assert len(drawn) == min(count, len(sizes))
    assert all(0 < chance <= 1 for chance in drawn.values())


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=8), st.integers(1, 80))
def test_apportioning_never_exceeds_what_is_there(sizes: dict[str, int], count: int) -> None:
    """Prevents a stratum from which more cases are wanted than it holds."""
    given_counts = apportion(sizes, count)
    assert all(given_counts[name] <= size for name, size in sizes.items())
    least = sum(1 for size in sizes.values() if size)
    assert sum(given_counts.values()) == max(least, min(count, sum(sizes.values())))


def test_the_frame_is_the_last_year_that_has_ended(generation: Generation) -> None:
    """Prevents an audit of a year that is still being delivered."""
    frame = read_frame(generation)
    assert frame.collection_year == "2025-26"
    assert len(frame.rows) == 80
    assert frame.compute_share("both") == pytest.approx(0.7)
    with pytest.raises(FrameError, match="2011-12"):
        read_frame(generation, "2011-12")
