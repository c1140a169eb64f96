"""What a supplier sends again is an event: the last received of a period is current."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from register.feeds import Delivery, read_ledger, withdraw_delivery
from tests.feeds.deliveries import AUTHORITY, Home, extract_files, person, report

FIRST, SECOND = (report(1, surname="Alphatest"),), (report(1, surname="Betatest"),)
DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def _send(home: Home, rows: tuple[dict[str, str], ...], days: int) -> tuple[Delivery, ...]:
    home.put_reports(list(rows), received=DAY + timedelta(days=days))
    return home.load().landed


def _receipts(home: Home) -> list[tuple[str, str]]:
    """Surname and day of receipt of each delivery, in order of receipt."""
    return [
        (home.rows(entry, "reports")[0]["surname"], entry.received_at[:10])
        for entry in read_ledger(home.settings)
    ]


@pytest.mark.parametrize(
    "days", [(0, 1, 2), (0, 1, 0), (0, 0, 0)], ids=["later_each_time", "old_time_kept", "one_time"]
)
def test_what_is_sent_again_after_something_else_is_current(
    home: Home, days: tuple[int, int, int]
) -> None:
    """Prevents a supplier who goes back to its first file from having the second one counted."""
    (first,) = _send(home, FIRST, days[0])
    _send(home, SECOND, days[1])
    (again,) = _send(home, FIRST, days[2])
    assert again.content_hash == first.content_hash
    assert again.delivery_id == f"{first.delivery_id}-2"
    assert [surname for surname, _ in _receipts(home)] == ["Alphatest", "Betatest", "Alphatest"]
    assert read_ledger(home.settings)[-1].delivery_id == again.delivery_id
    assert len({entry.received_at for entry in read_ledger(home.settings)}) == 3


def test_loading_twice_changes_nothing_after_a_redelivery(home: Home) -> None:
    """Prevents the same bytes from being landed at each load, or at one without its cache."""
    for number, rows in enumerate((FIRST, SECOND, FIRST, SECOND)):
        _send(home, rows, number)
    before = _receipts(home)
    assert (len(before), home.load().landed) == (4, ())
    shutil.rmtree(home.settings.landing / ".cache")
    summary = home.load()
    assert (summary.landed, len(summary.recognised), _receipts(home)) == ((), 1, before)
    assert summary.recognised[0] == read_ledger(home.settings)[-1].delivery_id


def test_the_same_bytes_with_nothing_in_between_are_one_delivery(home: Home) -> None:
    """Prevents a file that is touched from being landed twice."""
    (first,) = _send(home, FIRST, 0)
    assert _send(home, FIRST, 1) == ()
    home.put_reports(b"", received=DAY + timedelta(days=2))
    assert [entry.outcome for entry in home.load().landed] == ["rejected"]
    # What was rejected took no place, so that nothing is to be taken back.
    assert _send(home, FIRST, 3) == ()
    ledger = read_ledger(home.settings)
    assert [e.delivery_id for e in ledger if e.is_accepted] == [first.delivery_id]


def test_each_receipt_is_withdrawn_by_itself(home: Home) -> None:
    """Prevents the first receipt of a file from going with the last."""
    (first,) = _send(home, FIRST, 0)
    _send(home, SECOND, 1)
    (again,) = _send(home, FIRST, 2)
    for delivery in (first, again):
        withdraw_delivery(home.settings, delivery.delivery_id, "A. Person", "by phone")
    assert len(read_ledger(home.settings)) == 3


def test_a_redelivery_that_is_damaged_is_landed_again_as_itself(home: Home) -> None:
    """Prevents a damaged redelivery from being taken for the first receipt of its bytes."""
    for number, rows in enumerate((FIRST, SECOND, FIRST)):
        _send(home, rows, number)
    before = _receipts(home)
    last = read_ledger(home.settings)[-1]
    (home.folder(last) / "reports.parquet").unlink()
    summary = home.load()
    assert (summary.mended, _receipts(home)) == ((last.delivery_id,), before)


def test_what_is_superseded_on_arrival_is_said(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Prevents a late extract from vanishing behind a later one without a word."""
    caplog.set_level(logging.WARNING)
    for period in ("2026-Q3", "2026-Q2"):
        files = extract_files(ssd_person=[person(1, pers_surname=f"Testperson {period}")])
        home.put_files("authority_extract", AUTHORITY, period, files)
        summary = home.load()
    (late,) = summary.landed
    assert summary.superseded == (late.delivery_id,)
    assert ("superseded_on_arrival", "", "", "") in home.rules(late)
    assert f"{late.delivery_id} is superseded on arrival" in caplog.text
