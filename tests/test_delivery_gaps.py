"""What a register has of each source, and what it says to deliver next."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.delivery_gaps import HOW_TO_DELIVER, DeliveryGaps, find_delivery_gaps
from register.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
BARNSLEY = "370"
SOUTH_YORKSHIRE, DERBYSHIRE = "E23000011", "E23000018"


def _row(feed: str, supplier: str, period: str, status: str = "current") -> dict[str, Any]:
    days = {
        "2026-05": (date(2026, 5, 1), date(2026, 5, 31)),
        "to 1 May": (date(2026, 4, 1), date(2026, 5, 1)),
        "from 31 May": (date(2026, 5, 31), date(2026, 6, 30)),
        "2026-Q2": (date(2026, 4, 1), date(2026, 6, 30)),
        "2026-Q3": (date(2026, 7, 1), date(2026, 9, 30)),
    }
    start, end = days.get(period, (None, None))
    facts = {"supplier_code": supplier, "feed": feed, "period": period, "status": status}
    return {**facts, "period_start": start, "period_end": end}


def _find(*rows: dict[str, Any]) -> DeliveryGaps:
    return find_delivery_gaps(SEEDS, rows)


def test_a_single_month_of_a_force_asks_for_an_authority_of_its_area() -> None:
    """Prevents a stranger's first load from ending in zeros, without a next step."""
    gaps = _find(_row("police_reports", DERBYSHIRE, "2026-05"))
    assert gaps.describe_loaded() == (
        "The register has police reports of Derbyshire Constabulary (2026-05)."
    )
    assert gaps.missing_sources == ("authority", "published")
    assert "so the sources cannot be compared" in gaps.describe_missing()
    assert gaps.steps[0] == (
        "To compare the sources, deliver the authority extract of Derbyshire or Derby that covers"
        " 2026-05."
    )


def test_a_single_extract_asks_for_its_force() -> None:
    """Prevents an authority that does not learn whose reports its extract is compared with."""
    gaps = _find(_row("authority_extract", BARNSLEY, "2026-Q2"))
    assert gaps.missing_sources == ("police", "published")
    assert "police reports of South Yorkshire Police for the months of 2026-Q2" in gaps.steps[0]


@pytest.mark.parametrize(
    ("force", "period", "is_pair"),
    [
        (SOUTH_YORKSHIRE, "2026-Q2", True),
        (SOUTH_YORKSHIRE, "to 1 May", True),
        (SOUTH_YORKSHIRE, "from 31 May", True),
        (SOUTH_YORKSHIRE, "2026-Q3", False),
        (DERBYSHIRE, "2026-Q2", False),
    ],
)
def test_two_sources_need_the_same_area_and_time(force: str, period: str, is_pair: bool) -> None:
    """Prevents two deliveries that have nothing in common from looking like a comparison."""
    rows = _row("police_reports", force, "2026-05"), _row("authority_extract", BARNSLEY, period)
    gaps = _find(*rows, _row("published_statistics", "DFE", "2026"))
    assert gaps.can_compare
    assert gaps.describe_missing() == "Each source has delivered."
    assert (gaps.steps == ()) == is_pair


def test_a_force_without_an_area_asks_for_any_authority() -> None:
    """Prevents a sentence with a gap in place of a name, as for the British Transport Police."""
    (step, _) = _find(_row("police_reports", "BTP", "2026-05")).steps
    assert "deliver the authority extract of a local authority that covers 2026-05." in step


@pytest.mark.parametrize("status", ["rejected", "held", "withdrawn"])
def test_what_is_not_in_use_is_named_first(status: str) -> None:
    """Prevents a rejected delivery from counting as delivered, or from being passed over."""
    gaps = _find(_row("police_reports", DERBYSHIRE, "2026-05", status))
    assert gaps.used == ()
    (step,) = gaps.steps
    assert step.startswith(f"Derbyshire Constabulary: police reports of 2026-05 are {status}.")
    assert step.endswith("Decide about them.") == (status == "held")
    again = _find(
        _row("police_reports", DERBYSHIRE, "2026-05", status),
        _row("police_reports", DERBYSHIRE, "2026-05"),
    )
    assert again.suppliers[0].unused == ()
    assert not any(status in step for step in again.steps)


def test_a_supplier_in_use_is_not_asked_about_another_period() -> None:
    """Prevents a first step about one held month of a force whose other months are in use."""
    gaps = _find(
        _row("police_reports", DERBYSHIRE, "2026-05"),
        _row("police_reports", DERBYSHIRE, "2026-Q3", "held"),
    )
    assert gaps.suppliers[0].unused == (("2026-Q3", "held"),)
    assert gaps.steps[0].startswith("To compare the sources")


def test_an_empty_register_says_how_to_deliver() -> None:
    """Prevents an empty home from which nobody learns where a file belongs."""
    gaps = _find()
    assert gaps.describe_loaded() == "No delivery is in the register yet."
    assert gaps.steps == (HOW_TO_DELIVER,)


def test_many_suppliers_are_counted_and_not_all_named() -> None:
    """Prevents a sentence with the names of forty police forces."""
    codes = ("E23000001", "E23000002", "E23000003", "E23000005")
    gaps = _find(*(_row("police_reports", code, "2026-05") for code in codes))
    assert "and 2 others (2026-05)" in gaps.describe_loaded()
    assert (
        "others"
        not in _find(
            *(_row("police_reports", code, "2026-05") for code in codes[:3])
        ).describe_loaded()
    )


def test_periods_are_named_from_the_first_to_the_last() -> None:
    """Prevents a sentence that names only one of the months that a register has."""
    periods = ("2026-07", "2026-05", "2026-06")
    gaps = _find(*(_row("police_reports", DERBYSHIRE, period) for period in periods))
    assert "Derbyshire Constabulary (2026-05 to 2026-07)" in gaps.describe_loaded()


def test_only_authorities_of_today_are_asked_for() -> None:
    """Prevents a request for the extract of Cumbria, which became two authorities in 2023."""
    (step, _) = _find(_row("police_reports", "E23000002", "2026-05")).steps
    assert "extract of Cumberland or Westmorland and Furness that covers" in step


def test_a_return_is_a_delivery_of_an_authority() -> None:
    """Prevents an authority that sends its annual return from being asked for an extract."""
    gaps = _find(
        _row("police_reports", SOUTH_YORKSHIRE, "2026-05"),
        _row("authority_return", BARNSLEY, "2026-Q2"),
        _row("published_statistics", "DFE", "2026"),
    )
    assert (gaps.can_compare, gaps.steps) == (True, ())


def test_a_file_of_an_unknown_supplier_is_named_as_such() -> None:
    """Prevents the word of the ledger in place of a supplier's name."""
    (step,) = _find(_row("police_reports", "unknown", "2026-05", "rejected")).steps
    assert step.startswith("A supplier that is not known: police reports of 2026-05 are rejected.")
