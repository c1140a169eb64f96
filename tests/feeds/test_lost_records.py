"""What loses records is held: months that are nearly gone, and files of which much is unread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from register.feeds import Delivery, decide_delivery
from tests.feeds.deliveries import AUTHORITY, Home, extract_files, person, report


def _extract(home: Home, period: str, count: int, month: int) -> Delivery:
    received = datetime(2026, month, 15, 9, 0, tzinfo=UTC)
    files = extract_files(ssd_person=[person(n) for n in range(count)])
    home.put_files("authority_extract", AUTHORITY, period, files, received)
    return home.load().landed[-1]


def _months(home: Home, counts: list[int]) -> list[str | None]:
    """The holds of successive months of a force with so many reports."""
    held_delivery = []
    for month, count in enumerate(counts, start=1):
        rows = [report(n) for n in range(1, count + 1)]
        received = datetime(2026, month + 1, 2, 9, 0, tzinfo=UTC)
        home.put_reports(rows, period=f"2026-{month:02}", received=received)
        held_delivery.append(home.load().landed[0].hold_rule_code)
    return held_delivery


@pytest.mark.parametrize(
    "counts",
    [
        [30, 18, 25, 12, 20, 14],
        [1, 2, 1, 4, 1, 2, 1],
        [13, 2, 1, 6, 9, 3],
        # As the police forces of a simulated nation.
        [37, 34, 24, 26, 23, 17, 8, 19],
        [52, 70, 69, 94, 44, 44, 40],
        [24, 15, 27, 26, 19, 28, 24, 16, 19, 11],
    ],
)
def test_months_that_vary_by_chance_are_not_held(home: Home, counts: list[int]) -> None:
    """Prevents chance from filling the list of things that a person must decide."""
    assert _months(home, counts) == [None] * len(counts)


@pytest.mark.parametrize(
    ("counts", "held_months"),
    [
        ([15, 17, 14, 16, 15, 15, 1], [7]),
        ([30, 18, 1], [3]),
        ([40, 20, 10], [3]),
        ([30, 15, 7], [3]),
        ([60, 62, 58, 30, 15], [5]),
        ([40, 38, 41, 20, 10, 5], [5, 6]),
        # The third month on one level is the level.
        ([60, 62, 58, 15, 14, 15, 16], [4, 5]),
    ],
    ids=["one_record", "one_of_few", "halved_twice", "halved_twice_when_small",
         "halved_twice_after_a_year", "halved_again", "a_level"],
)  # fmt: skip
def test_a_small_month_that_is_nearly_gone_is_held(
    home: Home, counts: list[int], held_months: list[int]
) -> None:
    """Prevents a force's children from leaving the register step by step, or with a small month."""
    result = _months(home, counts)
    assert [n for n, rule in enumerate(result, start=1) if rule == "shrunk_delivery"] == held_months


@pytest.mark.parametrize(
    ("counts", "is_held"),
    [([15, 1], True), ([4, 1], True), ([3, 1], False), ([15, 11], False), ([60, 45, 34], True),
     ([15, 12, 9], True)],
)  # fmt: skip
def test_a_month_that_is_replaced_by_a_part_of_it_is_held(
    home: Home, counts: list[int], is_held: bool
) -> None:
    """Prevents a small month from being lost by one record in its place, or in two steps."""
    for day, count in enumerate(counts, start=2):
        received = datetime(2026, 11, day, 9, 0, tzinfo=UTC)
        home.put_reports([report(n) for n in range(1, count + 1)], received=received)
        (last,) = home.load().landed
    assert (last.hold_rule_code == "shrunk_delivery") is is_held


def test_a_snapshot_that_shrinks_in_two_steps_is_held(home: Home) -> None:
    """Prevents half of an authority's children from leaving by two falls that are each allowed."""
    assert not _extract(home, "2026-Q1", 100, 4).is_held
    assert not _extract(home, "2026-Q2", 75, 7).is_held
    held_delivery = _extract(home, "2026-Q3", 60, 10)
    assert held_delivery.hold_rule_code == "shrunk_delivery"
    decide_delivery(
        home.settings, held_delivery.delivery_id, "confirm", "A. Person", "children left care"
    )
    assert not _extract(home, "2026-Q4", 50, 11).is_held


@pytest.mark.parametrize(
    ("broken", "rule"),
    [(range(1, 31), "many_quarantined"), (range(1, 8), "many_quarantined"), (range(1, 7), None)],
    ids=["half", "more_than_a_tenth", "a_tenth"],
)
def test_a_delivery_of_which_many_records_are_quarantined_is_held(
    home: Home, broken: range, rule: str | None
) -> None:
    """Prevents a quarter of the children of a month from being gone while it counts as current."""
    home.put_reports([report(n, reported_at="" if n in broken else "2026-10-02T01:30")
                      for n in range(1, 61)])  # fmt: skip
    delivery = home.land_one()
    assert delivery.quarantined_row_count == len(broken)
    assert (delivery.outcome, delivery.hold_rule_code) == ("accepted_with_quarantine", rule)
    assert ("many_quarantined" in {result[0] for result in home.rules(delivery)}) is (
        rule is not None
    )


def test_two_bad_records_of_a_small_month_hold_nothing(home: Home) -> None:
    """Prevents a small force's month from waiting for a person because of a slip of the pen."""
    home.put_reports([report(n, reported_at="" if n < 3 else "2026-10-02T01:30")
                      for n in range(1, 6)])  # fmt: skip
    delivery = home.land_one()
    assert (delivery.quarantined_row_count, delivery.hold_rule_code) == (2, None)


def test_a_small_table_of_which_many_records_are_quarantined_is_held(home: Home) -> None:
    """Prevents lost absences from hiding behind the many rows of other tables."""
    absences = [
        {"miss_table_id": f"A{n}", "miss_person_id": "" if n < 4 else "P1"} for n in range(8)
    ]
    files = extract_files(ssd_person=[person(n) for n in range(200)], ssd_missing=absences)
    home.put_files("authority_extract", AUTHORITY, "2026-Q3", files)
    held_delivery = home.land_one()
    assert held_delivery.hold_rule_code == "many_quarantined"
    assert ("many_quarantined", "ssd_missing.csv", "", "") in home.rules(held_delivery)
