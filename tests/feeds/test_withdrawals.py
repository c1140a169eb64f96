"""An accepted delivery can be set aside, and that can be taken back: both are only written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from register.feeds import (
    Delivery,
    LedgerError,
    decide_delivery,
    read_hold_decisions,
    read_ledger,
    read_withdrawals,
    reinstate_delivery,
    withdraw_delivery,
)
from register.settings import Settings
from tests.feeds.deliveries import Home, report

WHO, WHY = "A. Person", "wrong month, by phone"


def _month(home: Home, period: str, count: int) -> Delivery:
    home.put_reports([report(n) for n in range(1, count + 1)], period=period)
    return home.load().landed[-1]


def test_a_withdrawn_delivery_stays_landed_and_in_the_ledger(home: Home) -> None:
    """Prevents rows that a person set aside from being lost, or landed a second time."""
    landed = _month(home, "2026-08", 3)
    before = [entry.model_dump() for entry in read_ledger(home.settings)]
    withdraw_delivery(home.settings, landed.delivery_id, WHO, WHY)
    assert read_withdrawals(home.settings) == {landed.delivery_id}
    again = home.load()
    assert (again.landed, again.unchanged_count) == ((), 1)
    assert [entry.model_dump() for entry in read_ledger(home.settings)] == before
    assert len(home.rows(landed, "reports")) == 3


def test_a_withdrawal_is_taken_back_and_both_stay_written(home: Home) -> None:
    """Prevents a decision that is erased, so that nobody sees what a figure was made without."""
    landed = _month(home, "2026-08", 3)
    for decide in (withdraw_delivery, reinstate_delivery, withdraw_delivery):
        decide(home.settings, landed.delivery_id, WHO, WHY)
    path = home.settings.decisions / "deliveries.csv"
    rows = [line.split(",")[1:4] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert rows == [
        [WHO, landed.delivery_id, name] for name in ("withdraw", "reinstate", "withdraw")
    ]
    assert read_withdrawals(home.settings) == {landed.delivery_id}
    reinstate_delivery(home.settings, landed.delivery_id, WHO, WHY)
    assert read_withdrawals(home.settings) == frozenset()


def test_a_confirmed_delivery_that_is_reinstated_stays_confirmed(home: Home) -> None:
    """Prevents a withdrawal from undoing what was decided about a hold."""
    _month(home, "2026-08", 60)
    held_delivery = _month(home, "2026-09", 10)
    assert held_delivery.is_held
    with pytest.raises(LedgerError, match="refuse it"):
        withdraw_delivery(home.settings, held_delivery.delivery_id, WHO, WHY)
    decide_delivery(home.settings, held_delivery.delivery_id, "confirm", WHO, WHY)
    withdraw_delivery(home.settings, held_delivery.delivery_id, WHO, WHY)
    reinstate_delivery(home.settings, held_delivery.delivery_id, WHO, WHY)
    assert read_hold_decisions(home.settings) == {held_delivery.delivery_id: "confirm"}
    decide_delivery(home.settings, held_delivery.delivery_id, "refuse", WHO, WHY)
    with pytest.raises(LedgerError, match="refuse it"):
        withdraw_delivery(home.settings, held_delivery.delivery_id, WHO, WHY)


def test_a_rejected_delivery_cannot_be_withdrawn(home: Home) -> None:
    """Prevents a decision about what is in no register, taken for the one that is."""
    home.put_files("police_reports", "E23000099", "2026-08", {"reports.csv": b"nothing\n"},
             datetime(2026, 9, 1, tzinfo=UTC))  # fmt: skip
    rejected = home.load().landed[-1]
    assert rejected.outcome == "rejected"
    with pytest.raises(LedgerError, match="was rejected"):
        withdraw_delivery(home.settings, rejected.delivery_id, WHO, WHY)


Decide = Callable[[Settings, str, str, str], None]


@pytest.mark.parametrize("decide", [withdraw_delivery, reinstate_delivery])
@pytest.mark.parametrize(("who", "why"), [(" ", WHY), (WHO, "")])
def test_a_withdrawal_needs_a_name_and_a_reason(
    home: Home, decide: Decide, who: str, why: str
) -> None:
    """Prevents data that left the figures without anybody to ask."""
    landed = _month(home, "2026-08", 3)
    with pytest.raises(LedgerError, match="name and a reason"):
        decide(home.settings, landed.delivery_id, who, why)
    assert read_withdrawals(home.settings) == frozenset()


def test_a_decision_that_changes_nothing_is_refused(home: Home) -> None:
    """Prevents a mistyped id from passing as a withdrawal."""
    landed = _month(home, "2026-08", 3)
    for decide in (withdraw_delivery, reinstate_delivery):
        with pytest.raises(LedgerError, match="no delivery"):
            decide(home.settings, "police_reports-none", WHO, WHY)
    with pytest.raises(LedgerError, match="not withdrawn"):
        reinstate_delivery(home.settings, landed.delivery_id, WHO, WHY)
    withdraw_delivery(home.settings, landed.delivery_id, WHO, WHY)
    with pytest.raises(LedgerError, match="already"):
        withdraw_delivery(home.settings, landed.delivery_id, WHO, WHY)
