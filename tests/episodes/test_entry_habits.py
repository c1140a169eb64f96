"""Suppliers whose habits of entry nobody told the register: what it learns, and what it pairs.

The process is made here and owes nothing to the simulator: children run away in bursts, two sources
each miss some of it, and an authority writes it down in its own way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.episodes.chain import delays_of, episodes_of

Minutes = np.ndarray[Any, np.dtype[np.int64]]
Habit = Callable[[np.random.Generator, Minutes], Minutes]
HOUR, DAY = 60, 24 * 60
ORIGIN = np.datetime64("2024-04-01T00:00", "m")  # a Monday
SUPPLIER = "801"


def _at_thursdays_meeting(generator: np.random.Generator, minutes: Minutes) -> Minutes:
    thursday = (minutes // DAY - 3) // 7 * 7 + 10
    return thursday * DAY + 14 * HOUR + generator.integers(0, 2 * HOUR, len(minutes))


def _once_a_month(generator: np.random.Generator, minutes: Minutes) -> Minutes:
    months = (ORIGIN + minutes.astype("timedelta64[m]")).astype("datetime64[M]") + 1
    days = (months.astype("datetime64[m]") - ORIGIN).astype(np.int64)
    return days + 2 * DAY + 9 * HOUR + generator.integers(0, 8 * HOUR, len(minutes))


def _by_another_clock(_: np.random.Generator, minutes: Minutes) -> Minutes:
    return minutes + 2 * HOUR


def _at_the_end_of_the_shift(generator: np.random.Generator, minutes: Minutes) -> Minutes:
    return (minutes // (8 * HOUR) + 1) * 8 * HOUR + generator.integers(0, 20, len(minutes))


def _when_there_was_time(generator: np.random.Generator, minutes: Minutes) -> Minutes:
    return minutes + generator.lognormal(np.log(9 * HOUR), 0.8, len(minutes)).astype(np.int64)


def _as_it_happens(generator: np.random.Generator, minutes: Minutes) -> Minutes:
    return minutes + generator.integers(0, 15, len(minutes))


LATE: dict[str, Habit] = {
    "at_thursdays_meeting": _at_thursdays_meeting,
    "once_a_month": _once_a_month,
    "by_another_clock": _by_another_clock,
    "at_the_end_of_the_shift": _at_the_end_of_the_shift,
    "when_there_was_time": _when_there_was_time,
}


def reports_by(habit: Habit, seed: int = 11) -> tuple[list[dict[str, Any]], set[str]]:
    """Return two years of reports of 150 children, and which absences both sources recorded."""
    generator = np.random.default_rng(seed)
    reports: list[dict[str, Any]] = []
    in_both: set[str] = set()
    for child in range(150):
        days = np.flatnonzero(generator.random(730) < generator.gamma(1.2, 0.008))
        starts = days * DAY + generator.integers(17 * HOUR, 26 * HOUR, len(days))
        ends = starts + generator.lognormal(np.log(5 * HOUR), 0.8, len(days)).astype(np.int64)
        written, back = habit(generator, starts), np.maximum(habit(generator, ends), 0)
        for number, row in enumerate(zip(starts, ends, written, back, strict=True)):
            is_reported, is_entered = generator.random(2) < (0.85, 0.8)
            name = f"{child:03d}-{number:02d}"
            if is_reported:
                reports.append(_build_report(f"p{name}", child, row[0], row[1]))
            if is_entered:
                end = max(row[3], row[2])
                reports.append(_build_report(f"a{name}", child, row[2], end))
            if is_reported and is_entered:
                in_both.add(name)
    return reports, in_both


def _build_report(key: str, child: int, start: int, end: int) -> dict[str, Any]:
    """One report as `int_report_intervals` has it, to the minute."""
    started, ended = ((ORIGIN + np.timedelta64(int(minute), "m")).item() for minute in (start, end))
    supplier = {
        "p": {"source": "police", "feed": "police_reports", "supplier_code": "901"},
        "a": {"source": "authority", "feed": "authority_extract", "supplier_code": SUPPLIER},
    }[key[0]]
    return supplier | {
        "report_key": key, "child_id_register": f"C{child}", "category_code": "missing",
        "start_lower_at": started, "start_upper_at": started,
        "end_lower_at": ended, "end_upper_at": ended, "end_precision": "minute",
    }  # fmt: skip


def _count_in_both(episodes: dict[str, str]) -> tuple[int, int]:
    """Return the episodes known to both sources, and those where they mean the same absence."""
    members = defaultdict(set)
    for key, episode in episodes.items():
        members[episode].add(key)
    sides = [
        [{key[1:] for key in keys if key[0] == side} for side in "pa"] for keys in members.values()
    ]
    both = [pair for pair in sides if pair[0] and pair[1]]
    return len(both), sum(bool(police & authority) for police, authority in both)


@pytest.mark.parametrize("habit", LATE.values(), ids=LATE)
def test_a_habit_of_late_entry_is_learned_from_the_same_children_and_paired(habit):
    """Prevents a supplier that enters what happened later from halving agreement."""
    reports, in_both = reports_by(habit)
    delay = delays_of(reports)[SUPPLIER]
    assert delay["is_late"]
    assert delay["is_evident"]
    both, right = _count_in_both(episodes_of(reports, {SUPPLIER: delay["delay_hours"]}))
    assert abs(both - len(in_both)) <= 0.1 * len(in_both), (both, len(in_both), delay)
    assert right >= 0.6 * both


def test_entries_made_as_it_happens_are_not_late():
    """Prevents a supplier that writes moments from a tolerance that pairs its neighbours."""
    reports, in_both = reports_by(_as_it_happens)
    delay = delays_of(reports)[SUPPLIER]
    assert not delay["is_late"]
    assert delay["typical_delay_hours"] < 1
    both, right = _count_in_both(episodes_of(reports))
    assert right >= 0.97 * max(both, len(in_both))


def test_dates_that_a_system_stores_as_midnights_are_not_a_delay():
    """Prevents a midnight from being read as a moment before the police, or long after."""
    reports, _ = reports_by(lambda _, minutes: (minutes // DAY * DAY).astype(np.int64))
    delay = delays_of(reports).get(SUPPLIER)
    assert delay is None or not delay["is_late"]


def test_records_of_other_absences_of_the_same_children_show_no_delay():
    """Prevents chance, or nights that follow each other, from being read as a delay."""
    for seed in range(8):
        reports, _ = reports_by(_as_it_happens, seed)
        children = [f"C{number}" for number in np.random.default_rng(seed).permutation(150)]
        for row in reports:
            if row["source"] == "authority":
                row["child_id_register"] = children[int(row["child_id_register"][1:])]
        delay = delays_of(reports).get(SUPPLIER)
        assert delay is None or not delay["is_evident"]


def test_a_supplier_of_a_few_absences_shows_no_delay():
    """Prevents a handful of pairs from deciding how a supplier records."""
    reports, _ = reports_by(_at_thursdays_meeting)
    few = {f"C{child}" for child in range(2)}
    few_reports = [row for row in reports if row["child_id_register"] in few]
    assert sum(row["source"] == "authority" for row in few_reports) >= 5
    assert not any(delay["is_evident"] for delay in delays_of(few_reports).values())
