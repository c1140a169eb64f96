"""Reminders to suppliers whose delivery is overdue, by the levels in `ref__reminder_levels`.

A supplier gets one message for each level that a missing period reaches, until a delivery of that
period or a later one arrives. Which messages were sent is noted in `outbox/.told/reminders.json`.
A message is noted after it is sent. So if the process is killed in between, the next run writes the
same file again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from register.durable import write_whole
from register.feeds.dates import parse_period
from register.feeds.inbox import read_inbox_state
from register.feeds.lateness import MissingPeriod, find_missing_periods
from register.feeds.ledger import (
    judge_deliveries,
    read_hold_decisions,
    read_ledger,
    read_withdrawals,
)
from register.feeds.messages import Message, send_messages
from register.feeds.outbox import PRIVATE, SENT_FOLDER
from register.labels import code_to_words
from register.settings import Settings
from register.spreadsheet import read_rows
from register.supplier_names import name_supplier

NOTED_FILE = "reminders.json"
# The folder of reminders in the outbox of a supplier.
REMINDERS = "reminders"


@dataclass(frozen=True)
class ReminderLevel:
    """A level of reminders: when it applies, and what its message asks of the supplier."""

    level_code: str
    days_overdue: int
    level_name: str
    is_escalation: bool
    message: str


@dataclass(frozen=True)
class Reminder:
    """A message that was sent about a missing period of a supplier."""

    supplier_code: str
    feed: str
    period: str
    due_on: date
    level_code: str
    level_name: str
    is_escalation: bool
    sent_on: date
    file_name: str


def load_reminder_levels(seeds: Path) -> list[ReminderLevel]:
    """Return the levels of reminders, in the order in which they are reached."""
    levels = [
        ReminderLevel(
            level_code=row["level_code"],
            days_overdue=int(row["days_overdue"]),
            level_name=row["level_name"],
            is_escalation=row["is_escalation"] == "true",
            message=row["message"],
        )
        for row in read_rows(seeds / "ref__reminder_levels.csv")
    ]
    return sorted(levels, key=lambda level: level.days_overdue)


def send_reminders(settings: Settings, now: datetime | None = None) -> list[Reminder]:
    """Send the reminders that are due and were not sent; return them.

    A supplier gets at most one message for each feed in one run: about all its missing periods, at
    the highest level that one of them has newly reached.
    """
    moment = now or datetime.now(UTC)
    levels = load_reminder_levels(settings.seeds)
    noted = _read_noted(settings)
    missing: dict[tuple[str, str], list[MissingPeriod]] = defaultdict(list)
    for item in _find_missing(settings, moment):
        missing[item.feed, item.supplier_code].append(item)
    messages: list[Message] = []
    sent: list[Reminder] = []
    for (feed, supplier_code), periods in missing.items():
        fresh = [
            (item, level)
            for item in periods
            if (level := _find_level(levels, item, moment.date()))
            and level.days_overdue > _find_noted_days(levels, noted, item)
        ]
        if not fresh:
            continue
        newest, _ = fresh[-1]
        level = max((level for _, level in fresh), key=lambda level: level.days_overdue)
        name = f"{REMINDERS}/{level.level_code}-{feed}-{newest.period}.txt"
        text = _write_text(settings, level, periods)
        messages.append(Message(feed, supplier_code, name, text.encode()))
        sent += [_build_reminder(item, own, moment.date(), name) for item, own in fresh]
    if messages:
        send_messages(settings, messages)
        _write_noted(settings, [*noted, *sent])
    return sent


def list_reminders(settings: Settings, supplier_code: str | None = None) -> list[Reminder]:
    """Return the reminders that were sent to a supplier (or to all), the latest first.

    Those of one day are in the order of due dates, so the highest level comes first.
    """
    own = [item for item in _read_noted(settings) if supplier_code in {None, item.supplier_code}]
    own.sort(key=lambda item: (item.due_on, item.feed, item.supplier_code))
    return sorted(own, key=lambda item: item.sent_on, reverse=True)


def list_escalations(settings: Settings, now: datetime | None = None) -> list[Reminder]:
    """Return the escalations about periods that are still missing, the oldest period first."""
    missing = {
        (item.feed, item.supplier_code, item.period)
        for item in _find_missing(settings, now or datetime.now(UTC))
    }
    escalated = [
        item
        for item in _read_noted(settings)
        if item.is_escalation and (item.feed, item.supplier_code, item.period) in missing
    ]
    return sorted(escalated, key=lambda item: (item.due_on, item.feed, item.supplier_code))


def _find_missing(settings: Settings, moment: datetime) -> list[MissingPeriod]:
    """Return the periods that are overdue.

    A delivery has arrived if it waits in the inbox, was accepted, or is held and nobody has decided
    about it. It has not arrived if it was rejected, refused or withdrawn.
    """
    entries = judge_deliveries(settings, read_ledger(settings)).list_entries()
    decided, withdrawn = read_hold_decisions(settings), read_withdrawals(settings)
    tried = [
        (entry.feed, entry.supplier_code, entry.period_end)
        for entry in entries
        if entry.period_end is not None
    ]
    arrived = [
        (entry.feed, entry.supplier_code, entry.period_end)
        for entry in entries
        if entry.period_end is not None
        and entry.is_accepted
        and entry.delivery_id not in withdrawn
        and decided.get(entry.delivery_id) != "refuse"
    ]
    inbox = read_inbox_state(settings, moment)
    waiting = [
        (item.feed, item.supplier_code, period.end)
        for item in (*inbox.new, *inbox.waiting)
        if (period := parse_period(item.feed, item.period))
    ]
    last_ends: dict[tuple[str, str], date] = {}
    for feed, supplier_code, end in (*arrived, *waiting):
        key = (feed, supplier_code)
        last_ends[key] = max(end, last_ends.get(key, end))
    first_ends: dict[tuple[str, str], date] = {}
    for feed, supplier_code, end in (*tried, *waiting):
        key = (feed, supplier_code)
        first_ends[key] = min(end, first_ends.get(key, end))
    return find_missing_periods(settings.seeds, last_ends, first_ends, moment.date())


def _find_level(
    levels: Iterable[ReminderLevel], item: MissingPeriod, today: date
) -> ReminderLevel | None:
    """Return the highest level that a missing period has reached."""
    reached = [level for level in levels if (today - item.due_on).days >= level.days_overdue]
    return reached[-1] if reached else None


def _find_noted_days(
    levels: Iterable[ReminderLevel], noted: Iterable[Reminder], item: MissingPeriod
) -> int:
    """Return from how many days the highest level applies that was sent about a missing period."""
    days = {level.level_code: level.days_overdue for level in levels}
    key = (item.feed, item.supplier_code, item.period)
    return max(
        (
            days.get(each.level_code, 0)
            for each in noted
            if (each.feed, each.supplier_code, each.period) == key
        ),
        default=0,
    )


def _build_reminder(
    item: MissingPeriod, level: ReminderLevel, sent_on: date, file_name: str
) -> Reminder:
    return Reminder(
        supplier_code=item.supplier_code,
        feed=item.feed,
        period=item.period,
        due_on=item.due_on,
        level_code=level.level_code,
        level_name=level.level_name,
        is_escalation=level.is_escalation,
        sent_on=sent_on,
        file_name=file_name,
    )


def _write_text(settings: Settings, level: ReminderLevel, periods: list[MissingPeriod]) -> str:
    lines = [
        f"{level.level_name} to {name_supplier(settings.seeds, periods[0].supplier_code)}",
        "",
        f"The register of missing children has not received your {code_to_words(periods[0].feed)}",
        "of these periods:",
        "",
        *(f"  {item.period}, due on {item.due_on:%-d %B %Y}" for item in periods),
        "",
        level.message,
        "If you have delivered it, read its receipt: a rejected delivery must be sent again.",
        "",
    ]
    return "\n".join(lines)


def _read_noted(settings: Settings) -> list[Reminder]:
    try:
        rows: list[dict[str, Any]] = json.loads(_noted_file(settings).read_bytes())
    except FileNotFoundError:
        return []
    return [
        Reminder(
            **{
                **row,
                "due_on": date.fromisoformat(row["due_on"]),
                "sent_on": date.fromisoformat(row["sent_on"]),
            }
        )
        for row in rows
    ]


def _write_noted(settings: Settings, noted: Iterable[Reminder]) -> None:
    path = _noted_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps([asdict(item) for item in noted], default=str, indent=1)
    write_whole(path, content.encode(), PRIVATE)


def _noted_file(settings: Settings) -> Path:
    return settings.outbox / SENT_FOLDER / NOTED_FILE
