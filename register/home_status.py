"""What a home needs of its operators: the facts of `register status` and of the page *Status*.

Facts have the names of suppliers, not only codes. Nothing here names a child.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from register.alerts import SentAlerts, read_sent_alerts
from register.feeds import (
    Delivery,
    InboxState,
    examine_landing,
    find_late_deliveries,
    judge_deliveries,
    list_reminders,
    read_hold_decisions,
    read_inbox_state,
    read_withdrawals,
    select_used_deliveries,
)
from register.labels import code_to_words
from register.load_history import Load, find_failed_run, list_unpublished, read_loads
from register.publishing import current_generation
from register.settings import Settings
from register.storage_settings import InboxUnreachableError
from register.supplier_names import name_supplier

# The schedule `load_every_morning` starts a load at this local time.
LOAD_TIME, LOAD_ZONE = time(5, 30), "Europe/London"
GIGABYTE = 1024**3
MIN_FREE_BYTES = 5 * GIGABYTE
SHOWN_LOADS = 10


@dataclass(frozen=True)
class LateSupplier:
    """A supplier whose delivery of a feed is overdue: its name, the due date and what came last.

    `last_reminder` is the level and the day of the last message about it; empty if none was sent.
    """

    feed: str
    supplier_name: str
    due_on: str
    last_period: str
    last_reminder: str = ""

    @property
    def subject(self) -> str:
        """The feed and the supplier, in words."""
        return f"{code_to_words(self.feed)}, {self.supplier_name}"

    @property
    def says(self) -> str:
        """When the delivery was due, and which period came last."""
        return f"due {self.due_on}, last was {self.last_period}"


@dataclass(frozen=True)
class DiskSpace:
    """The free space of the disk that has the least, and what a load needs, in bytes.

    `store` is the folder of the home on that disk; empty if it is the home's own disk.
    """

    free: int
    needed: int
    store: str

    @property
    def is_enough(self) -> bool:
        """Whether a load has enough space."""
        return self.free >= self.needed


@dataclass(frozen=True)
class HomeStatus:
    """The loads, deliveries, disk, schedule and alerts of a home.

    `failure` is the last load if it failed and the history has it; `faulty` are the deliveries
    whose rows made it fail. `never_delivered_count` counts suppliers of a feed without a
    delivery in use. `inbox_fault` says why the inbox cannot be read, if so. `waiting` are inbox
    folders into which a file is still being uploaded. `new_count` counts deliveries that the
    next load takes in, and `unpublished_count` those that landed and are in no published
    register. None of the other four needs attention.
    """

    generation_id: str | None
    has_failed: bool
    failure: Load | None
    loads: list[Load]
    late: list[LateSupplier]
    held_deliveries: list[Delivery]
    rejected: list[Delivery]
    faulty: list[Delivery]
    damaged: list[str]
    never_delivered_count: int
    waiting: list[str]
    new_count: int
    inbox_fault: str
    unpublished_count: int
    disk: DiskSpace
    next_load: datetime | None
    alerts: SentAlerts

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to act on anything."""
        return self.has_failed or any(
            (self.inbox_fault, self.late, self.held_deliveries, self.rejected, self.damaged)
        )

    @property
    def last_outcome(self) -> str:
        """How the last load ended: `none yet`, `success` or `failure`."""
        if self.has_failed:
            return "failure"
        return "success" if self.generation_id else "none yet"


def read_home_status(settings: Settings, now: datetime | None = None) -> HomeStatus:
    """Read the status of a home from its ledger, generations and history. Nothing is changed."""
    moment = now or datetime.now(UTC)
    landed = examine_landing(settings.landing, ring=settings.data_keys)
    entries = judge_deliveries(settings, landed.entries).list_entries()
    decided = read_hold_decisions(settings)
    withdrawn = read_withdrawals(settings)
    used = select_used_deliveries(settings, entries)
    late = find_late_deliveries(settings.seeds, used, moment.date())
    generation = current_generation(settings)
    failed_run, loads = find_failed_run(settings), read_loads(settings)
    failure = next((load for load in loads if load.run_id == failed_run), None)
    reminded = {
        (item.feed, item.supplier_code): f"{item.level_name}, {item.sent_on}"
        for item in reversed(list_reminders(settings))
    }
    inbox, inbox_fault = InboxState((), 0, ""), ""
    try:
        inbox = read_inbox_state(settings, moment)
    except InboxUnreachableError as error:
        inbox_fault = str(error)
    return HomeStatus(
        generation_id=generation.generation_id if generation else None,
        has_failed=failed_run is not None,
        failure=failure,
        loads=loads[:SHOWN_LOADS],
        late=[
            LateSupplier(
                item.feed,
                name_supplier(settings.seeds, item.supplier_code),
                str(item.due_on),
                item.last_period,
                reminded.get((item.feed, item.supplier_code), ""),
            )
            for item in late
            if item.last_period
        ],
        held_deliveries=[
            entry
            for entry in entries
            if entry.is_held and entry.is_accepted and entry.delivery_id not in decided
        ],
        rejected=_list_rejected(entries),
        faulty=[
            entry
            for entry in entries
            if entry.delivery_id not in withdrawn
            and any(entry.delivery_id in fault for fault in (failure.faults if failure else ()))
        ],
        damaged=[f"{damage.folder}: {damage.reason}" for damage in landed.damaged],
        never_delivered_count=sum(item.last_period is None for item in late),
        waiting=[item.safe_place for item in inbox.waiting],
        new_count=len(inbox.new),
        inbox_fault=inbox_fault,
        unpublished_count=len(list_unpublished(settings, entries)),
        disk=measure_disk(settings),
        next_load=_find_next_load(settings, moment),
        alerts=read_sent_alerts(settings),
    )


def check_inbox(settings: Settings) -> tuple[bool, str]:
    """Return whether the inbox can be listed, and what it has or why not."""
    try:
        count = read_inbox_state(settings).delivery_count
    except InboxUnreachableError as error:
        return False, str(error)
    return True, f"{count:,} deliveries can be listed"


def describe_delivery(settings: Settings, entry: Delivery) -> str:
    """Return a delivery in words: its supplier, feed and period."""
    supplier = name_supplier(settings.seeds, entry.supplier_code)
    return f"{supplier}, {code_to_words(entry.feed)}, {entry.period}"


def list_stores(settings: Settings) -> list[Path]:
    """Return the folders that a load writes; each may lie on a disk of its own."""
    stores = (
        *(settings.landing, settings.warehouse, settings.published, settings.quality),
        *(settings.outbox, settings.decisions, settings.access_record, settings.dagster),
    )
    return [path for path in stores if path.exists()]


def measure_disk(settings: Settings) -> DiskSpace:
    """Measure the free space of the disk with the least, and what a load needs.

    A load writes a new generation beside the current one, and may write the warehouse again.
    """
    free = {path: shutil.disk_usage(path).free for path in (settings.home, *list_stores(settings))}
    scarce = min(free, key=lambda path: free[path])
    generation = current_generation(settings)
    built = (settings.warehouse, *([generation.folder] if generation else []))
    needed = max(MIN_FREE_BYTES, sum(_measure_folder(folder) for folder in built))
    return DiskSpace(free[scarce], needed, "" if scarce == settings.home else scarce.name)


def _measure_folder(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def _find_next_load(settings: Settings, now: datetime) -> datetime | None:
    """Return when the schedule starts the next load; None where schedules are off by default."""
    if settings.environment != "production":
        return None
    local = now.astimezone(ZoneInfo(LOAD_ZONE))
    start = datetime.combine(local.date(), LOAD_TIME, ZoneInfo(LOAD_ZONE))
    return start if start > local else start + timedelta(days=1)


def _list_rejected(entries: Iterable[Delivery]) -> list[Delivery]:
    """List rejected deliveries that their supplier has not replaced."""
    last = {
        (entry.feed, entry.supplier_code, entry.period): entry
        for entry in sorted(entries, key=lambda entry: entry.received_at)
    }
    rejected = (entry for entry in last.values() if not entry.is_accepted)
    return sorted(rejected, key=lambda entry: entry.delivery_id)
