"""Dates that exist and cannot be are kept and flagged, each under its own rule."""

from __future__ import annotations

import pytest

from tests.feeds.deliveries import Home, report


@pytest.mark.parametrize(
    ("changes", "rule", "column"),
    [
        ({"found_at": "2027-10-03T08:00"}, "date_in_future", "Located"),
        ({"dob": "2027-03-04"}, "date_in_future", "Date of Birth"),
        ({"closed_at": "2011-10-03T08:00"}, "date_before_birth", "Case Closed"),
        ({"dob": "1900-01-01"}, "date_too_early", "Date of Birth"),
        ({"found_at": "1900-01-01T00:00"}, "date_too_early", "Located"),
        ({"returned_at": "2024-10-03T08:00"}, "end_long_before_start", "Returned"),
        ({"returned_at": "2026-10-01T20:05"}, "end_before_start", "Returned"),
        ({"found_at": "2026-10-01T19:00"}, "end_before_start", "Located"),
    ],
)
def test_a_date_that_cannot_be_is_kept_and_flagged(
    home: Home, changes: dict[str, str], rule: str, column: str
) -> None:
    """Prevents a default date or a slip of the pen from passing as what happened."""
    home.put_reports([report(1, **changes), report(2)])
    delivery = home.land_one()
    assert (rule, "reports.csv", "2", column) in home.rules(delivery)
    assert {line for _, _, line, _ in home.rules(delivery)} == {"2"}
    assert (len(home.rows(delivery, "reports")), delivery.is_held) == (2, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"found_at": "2026-10-02T01:00"},
        {"found_at": "2026-10-01T20:15"},
        {"dob": "1950-01-01"},
        {"closed_at": "2026-11-02T09:00"},
        {"found_at": ""},
    ],
    ids=["before_the_report", "at_once", "a_grandparent", "on_the_day_of_receipt", "not_known"],
)
def test_what_may_be_is_not_flagged(home: Home, changes: dict[str, str]) -> None:
    """Prevents suppliers from being told of dates that are right or nearly so."""
    home.put_reports([report(1, **changes)])
    assert home.rules(home.land_one()) == []
