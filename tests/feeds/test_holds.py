"""A delivery much smaller than the supplier's last is held until a person decides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from register.feeds import Delivery, LedgerError, decide_delivery, decided_deliveries
from tests.feeds.deliveries import AUTHORITY, Home, extract_files, report


def _children(count: int) -> dict[str, bytes]:
    return extract_files(ssd_person=[{"pers_person_id": f"P{n}"} for n in range(count)])


def _extract(home: Home, period: str, count: int, month: int) -> Delivery:
    received = datetime(2026, month, 15, 9, 0, tzinfo=UTC)
    home.put("authority_extract", AUTHORITY, period, _children(count), received)
    return home.load().landed[-1]


def test_an_extract_that_loses_children_is_accepted_but_held(home: Home) -> None:
    """Prevents half an authority's children from leaving the register without a question."""
    assert not _extract(home, "2026-Q1", 100, 4).is_held
    assert not _extract(home, "2026-Q2", 75, 7).is_held
    held = _extract(home, "2026-Q3", 40, 10)
    assert (held.outcome, held.is_held) == ("accepted", True)
    assert held.hold_rule_code == "shrunk_delivery"
    assert ("shrunk_delivery", "", "", "") in home.rules(held)
    assert len(home.rows(held, "ssd_person")) == 40


def test_a_held_delivery_is_no_measure_for_the_next_until_it_is_confirmed(home: Home) -> None:
    """Prevents a mistake from becoming the new normal by being sent twice."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    assert _extract(home, "2026-07", 41, 8).is_held
    decide_delivery(home.settings, held.delivery_id, "confirm", "A. Person", "children left care")
    assert not _extract(home, "2026-Q3", 40, 10).is_held


def test_a_resubmission_that_loses_reports_is_held(home: Home) -> None:
    """Prevents a corrected month from losing most of its reports unseen."""
    home.put_reports([report(n) for n in range(1, 41)])
    assert not home.load().landed[0].is_held
    home.put_reports([report(n) for n in range(1, 11)])
    assert home.load().landed[0].is_held


def test_a_quiet_month_of_a_small_force_is_not_held(home: Home) -> None:
    """Prevents chance from filling the list of things that a person must decide."""
    home.put_reports([report(n) for n in range(1, 31)], period="2026-08")
    home.load()
    home.put_reports([report(n) for n in range(1, 19)], period="2026-09")
    assert not home.load().landed[0].is_held
    home.put_reports([report(1)], period="2026-10")
    assert not home.load().landed[0].is_held


def test_a_month_that_loses_nearly_everything_is_held(home: Home) -> None:
    """Prevents a failed export from passing as a quiet month."""
    home.put_reports([report(n) for n in range(1, 61)], period="2026-08")
    home.load()
    home.put_reports([report(n) for n in range(1, 11)], period="2026-09")
    assert home.load().landed[0].is_held


def test_decisions_are_appended_and_the_last_one_counts(home: Home) -> None:
    """Prevents a decision from being overwritten, or made without a name and a reason."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    settings = home.settings
    for decision in ("refuse", "confirm"):
        decide_delivery(settings, held.delivery_id, decision, "A. Person", "checked, by phone")
    lines = (settings.decisions / "deliveries.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert decided_deliveries(settings.decisions) == {held.delivery_id: "confirm"}


@pytest.mark.parametrize(
    ("decision", "who", "why"),
    [("confirm", " ", "reason"), ("confirm", "A. Person", ""), ("perhaps", "A. Person", "reason")],
)
def test_a_decision_needs_to_be_one(home: Home, decision: str, who: str, why: str) -> None:
    """Prevents a decision that cannot be accounted for."""
    _extract(home, "2026-Q1", 100, 4)
    held = _extract(home, "2026-Q2", 40, 7)
    with pytest.raises(LedgerError):
        decide_delivery(home.settings, held.delivery_id, decision, who, why)  # type: ignore[arg-type]


def test_only_a_held_delivery_can_be_decided(home: Home) -> None:
    """Prevents a decision on the wrong delivery."""
    accepted = _extract(home, "2026-Q1", 100, 4)
    with pytest.raises(LedgerError, match="not held"):
        decide_delivery(home.settings, accepted.delivery_id, "confirm", "A. Person", "reason")
    with pytest.raises(LedgerError, match="no delivery"):
        decide_delivery(home.settings, "police_reports-none", "confirm", "A. Person", "reason")
