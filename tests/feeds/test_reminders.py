"""Reminders to suppliers whose delivery is overdue: when, how often, and about which periods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from register.feeds import (
    decide_delivery,
    list_escalations,
    list_reminders,
    send_reminders,
    withdraw_delivery,
)
from register.feeds import reminders as reminders_module
from register.feeds.lateness import find_missing_periods
from register.feeds.messages import Message
from register.feeds.reminders import load_reminder_levels
from register.private_files import read_private
from register.settings import PROJECT_ROOT
from register.supplier_names import name_supplier
from tests.feeds.deliveries import COMPACT, Home, report

Sent = dict[str, str]


def at(day: str) -> datetime:
    """The morning of a day."""
    return datetime.fromisoformat(f"{day}T06:00").replace(tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The messages that were sent, by supplier and name; a name may be sent once."""
    messages: Sent = {}

    def send(_settings: object, written: list[Message]) -> None:
        for message in written:
            place = f"{message.feed}/{message.supplier_code}/{message.name}"
            assert place not in messages
            messages[place] = message.content.decode()

    monkeypatch.setattr(reminders_module, "send_messages", send)
    return messages


@pytest.fixture
def late(home: Home) -> Home:
    """A home with September from one force, whose October is due on 14 November."""
    home.put_reports([report(n) for n in range(1, 61)], period="2026-09")
    home.load()
    return home


def _message(level: str, period: str = "2026-10") -> str:
    return f"police_reports/{COMPACT}/reminders/{level}-police_reports-{period}.txt"


@pytest.mark.parametrize(
    ("day", "level"),
    [
        ("2026-11-14", None),
        ("2026-11-15", "reminder"),
        ("2026-11-21", "reminder"),
        ("2026-11-22", "second_reminder"),
        ("2026-12-05", "second_reminder"),
        ("2026-12-06", "escalation"),
    ],
)
def test_a_level_applies_from_its_day_on(
    late: Home, sent: Sent, day: str, level: str | None
) -> None:
    """Prevents a reminder before its day, or on the day on which a delivery may still arrive."""
    send_reminders(late.settings, at(day))
    assert [*sent] == ([_message(level)] if level else [])


def test_each_level_is_sent_once_whatever_the_clock_says(late: Home, sent: Sent) -> None:
    """Prevents a supplier from getting one message every time that somebody runs the command."""
    for number in range(40):
        moment = at("2026-11-10") + timedelta(hours=14 * number)
        send_reminders(late.settings, moment)
        send_reminders(late.settings, moment)
    send_reminders(late.settings, at("2026-11-16"))
    send_reminders(late.settings, at("2026-11-23"))
    assert [*sent] == [_message("reminder"), _message("second_reminder")]
    send_reminders(late.settings, at("2026-12-06"))
    send_reminders(late.settings, at("2026-11-15"))
    assert [*sent][2:] == [_message("escalation")]
    assert [(item.level_code, str(item.sent_on)) for item in list_reminders(late.settings)] == [
        ("escalation", "2026-12-06"),
        ("second_reminder", "2026-11-22"),
        ("reminder", "2026-11-15"),
    ]


def test_a_reminder_names_the_supplier_and_the_periods_alone(late: Home, sent: Sent) -> None:
    """Prevents a message that does not say what is missing, or that says more."""
    send_reminders(late.settings, at("2026-11-15"))
    (text,) = sent.values()
    assert text.splitlines() == [
        f"Reminder to {name_supplier(late.settings.seeds, COMPACT)}",
        "",
        "The register of missing children has not received your police reports",
        "of these periods:",
        "",
        "  2026-10, due on 14 November 2026",
        "",
        "Please deliver it now.",
        "If you have delivered it, read its receipt: a rejected delivery must be sent again.",
    ]


def test_months_of_silence_are_one_message(late: Home, sent: Sent) -> None:
    """Prevents a flood of messages about the past on the first day of reminders."""
    send_reminders(late.settings, at("2027-01-15"))
    assert [*sent] == [_message("escalation", "2026-12")]
    (text,) = sent.values()
    assert [line for line in text.splitlines() if line.startswith("  ")] == [
        "  2026-10, due on 14 November 2026",
        "  2026-11, due on 14 December 2026",
        "  2026-12, due on 14 January 2027",
    ]
    assert {item.period for item in list_reminders(late.settings, COMPACT)} == {
        "2026-10",
        "2026-11",
        "2026-12",
    }
    send_reminders(late.settings, at("2027-01-16"))
    assert len(sent) == 1
    # December reaches its own second level, and the others have none left.
    send_reminders(late.settings, at("2027-01-22"))
    assert [*sent][1:] == [_message("second_reminder", "2026-12")]


@pytest.mark.parametrize("is_landed", [False, True])
def test_reminders_stop_when_the_delivery_arrives(
    late: Home, sent: Sent, *, is_landed: bool
) -> None:
    """Prevents a reminder about a delivery that has arrived and waits for the next load."""
    send_reminders(late.settings, at("2026-12-06"))
    assert [item.period for item in list_escalations(late.settings, at("2026-12-06"))] == [
        "2026-10"
    ]
    late.put_reports([report(n) for n in range(1, 61)])
    if is_landed:
        late.load()
    send_reminders(late.settings, at("2026-12-07"))
    assert len(sent) == 1
    assert list_escalations(late.settings, at("2026-12-07")) == []
    assert len(list_reminders(late.settings)) == 1


def _reject(home: Home) -> None:
    home.put_reports(b"nothing that a force would send")
    (delivery,) = home.load().landed
    assert not delivery.is_accepted


def _hold(home: Home) -> str:
    home.put_reports([report(n) for n in range(1, 11)])
    (delivery,) = home.load().landed
    assert delivery.is_held
    return delivery.delivery_id


def _refuse(home: Home) -> None:
    decide_delivery(home.settings, _hold(home), "refuse", "A. Person", "half the month")


def _withdraw(home: Home) -> None:
    home.put_reports([report(n) for n in range(1, 61)])
    (delivery,) = home.load().landed
    withdraw_delivery(home.settings, delivery.delivery_id, "A. Person", "of another force")


@pytest.mark.parametrize(
    ("deliver", "has_arrived"),
    [(_reject, False), (_hold, True), (_refuse, False), (_withdraw, False)],
)
def test_only_a_delivery_that_may_be_used_has_arrived(
    late: Home, sent: Sent, deliver: Callable[[Home], object], *, has_arrived: bool
) -> None:
    """Prevents silence about a rejected delivery, and reminders while the data team must decide."""
    deliver(late)
    send_reminders(late.settings, at("2026-11-15"))
    assert (sent == {}) == has_arrived


def test_who_was_rejected_at_first_is_reminded_too(home: Home, sent: Sent) -> None:
    """Prevents a supplier from being forgotten because nothing of theirs was ever accepted."""
    send_reminders(home.settings, at("2026-11-15"))
    assert sent == {}
    _reject(home)
    send_reminders(home.settings, at("2026-11-15"))
    assert [*sent] == [_message("reminder")]


def test_a_killed_run_repeats_the_same_file(late: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a reminder from being lost, or sent under two names, if its run is killed."""
    messages: list[Message] = []
    monkeypatch.setattr(
        reminders_module, "send_messages", lambda _, written: messages.extend(written)
    )

    def be_killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(reminders_module, "_write_noted", be_killed)
        with pytest.raises(KeyboardInterrupt):
            send_reminders(late.settings, at("2026-11-15"))
    assert list_reminders(late.settings) == []
    for _ in range(2):
        send_reminders(late.settings, at("2026-11-16"))
    assert messages == [messages[0]] * 2
    assert len(list_reminders(late.settings)) == 1


@pytest.mark.parametrize(
    ("today", "periods"),
    [
        (date(2020, 4, 30), []),
        (date(2020, 5, 1), ["2020-Q1"]),
        (date(2020, 7, 30), ["2020-Q1"]),
        (date(2020, 7, 31), []),
    ],
)
def test_nothing_is_asked_after_a_calendar_has_ended(
    tmp_path: Path, today: date, periods: list[str]
) -> None:
    """Prevents reminders to an abolished authority for ever, or none about its last quarter."""
    (tmp_path / "ref__suppliers.csv").write_text(
        "supplier_code,supplier_name,feed,delivery_calendar,due_days,valid_from,valid_to\n"
        "374,Former Council,authority_extract,quarterly,30,2014-04-01,2020-03-31\n",
        encoding="utf-8",
    )
    key = ("authority_extract", "374")
    first, last = date(2019, 9, 30), date(2019, 12, 31)
    missing = find_missing_periods(tmp_path, {key: last}, {key: first}, today)
    assert [item.period for item in missing] == periods


def test_levels_come_one_after_the_other_and_the_last_is_escalated() -> None:
    """Prevents a seed in which a later level says less."""
    levels = load_reminder_levels(PROJECT_ROOT / "seeds")
    days = [level.days_overdue for level in levels]
    assert days == sorted(set(days))
    assert days[0] == 1
    assert [level.is_escalation for level in levels] == [False, False, True]
    assert all(level.message and level.level_name for level in levels)


def test_a_reminder_goes_the_way_that_the_supplier_delivers(late: Home) -> None:
    """Prevents a reminder that only the data team can read."""
    send_reminders(late.settings, at("2026-11-15"))
    name = "reminder-police_reports-2026-10.txt"
    kept = late.settings.outbox / COMPACT / "reminders" / name
    delivered = late.settings.home / "inbox" / "police_reports" / COMPACT / "from_register" / name
    assert delivered.read_bytes() == read_private(late.settings.data_keys, kept)
    assert kept.stat().st_mode & 0o077 == 0
    # The message is no delivery of the next load.
    assert not late.load().landed
