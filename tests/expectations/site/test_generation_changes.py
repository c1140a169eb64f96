"""Why figures changed: what a new delivery replaces, and the years whose figures it may move."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from interfaces.quality_site.generation_changes import NewDelivery, _describe_new_delivery


def _delivery(identifier: str, period: str, start: date, end: date, **changes: Any) -> Any:
    return {
        "delivery_id": identifier,
        "supplier_code": "213",
        "feed": "some_feed",
        "period": period,
        "period_start": start,
        "period_end": end,
        "received_on": "2026-01-05",
        "status": "current",
    } | changes


DECEMBER = _delivery("new", "2025-12", date(2025, 12, 1), date(2025, 12, 31))
OLD_DECEMBER = {**DECEMBER, "delivery_id": "old", "status": "superseded"}
OLD_QUARTER = _delivery(
    "before", "2025-Q3", date(2025, 7, 1), date(2025, 9, 30), status="superseded"
)


def test_a_delivery_replaces_the_one_of_its_own_period() -> None:
    """Prevents a resubmitted month from being shown as one more month."""
    new = _describe_new_delivery(DECEMBER, [DECEMBER], [OLD_DECEMBER])
    assert new == NewDelivery(DECEMBER, ("old",), covers_all_periods=False)
    other = {**OLD_DECEMBER, "supplier_code": "373"}
    assert _describe_new_delivery(DECEMBER, [DECEMBER], [other]).replaced == ()


def test_a_delivery_of_every_period_replaces_earlier_periods() -> None:
    """Prevents an extract of all years from seeming to move the figures of one quarter only."""
    new = _describe_new_delivery(DECEMBER, [DECEMBER], [OLD_QUARTER])
    assert new.replaced == ("before",)
    assert new.may_change("2016-17")


def test_a_rejected_delivery_replaces_nothing() -> None:
    """Prevents a rejected file from being named as the cause of a change."""
    rejected = {**DECEMBER, "status": "rejected"}
    assert _describe_new_delivery(rejected, [rejected], [OLD_DECEMBER]).replaced == ()


@pytest.mark.parametrize(
    ("start", "end", "year", "may_change"),
    [
        (date(2025, 12, 1), date(2025, 12, 31), "2025-26", True),
        (date(2025, 12, 1), date(2025, 12, 31), "2024-25", False),
        (date(2025, 4, 1), date(2025, 4, 30), "2024-25", True),
        (date(2025, 6, 1), date(2025, 6, 30), "2024-25", False),
        (date(2025, 12, 1), date(2025, 12, 31), "unknown", True),
    ],
)
def test_a_delivery_moves_figures_of_the_years_of_its_period(
    start: date, end: date, year: str, may_change: bool
) -> None:
    """Prevents every new delivery of a force from being named for every figure that moved."""
    new = NewDelivery(_delivery("new", "any", start, end), (), covers_all_periods=False)
    assert new.may_change(year) is may_change
