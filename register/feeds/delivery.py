"""The states of one delivery: in the inbox, read, parsed, staged, and in the ledger.

`InboxDelivery` -> `RawDelivery` -> `ParsedDelivery` -> `StagedDelivery` -> `Delivery`. The steps
between them belong in `register.feeds.inbox` (read), `parse_delivery`, `stage_delivery` and
`landing` (commit).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from register.data_keys import KeyRing
from register.erased_persons import ErasedPersons
from register.feeds.contract import load_contracts
from register.feeds.dates import INSTANT, Period, format_instant
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import Inbox, InboxFile
from register.feeds.layout import Layout
from register.feeds.tables import LandedTable, RawTable
from register.settings import HOLD_QUARANTINE_SHARE, Settings
from register.variables import DeliveryLimits

# The sorted distinct hashes of one identifier's values in a delivery.
IdentifierKeys = npt.NDArray[np.uint64]

PACKAGE = "national-register"
UNKNOWN_FEED_FOLDER = "unknown_feed"

Outcome = Literal["accepted", "accepted_with_quarantine", "rejected"]
SourceForm = Literal["csv", "xlsx", "xml", "mixed"]
# How a delivery's manifest compares with its files.
ManifestResult = Literal["agrees", "differs", "invalid"]


class EntryPart(BaseModel):
    """A part of a ledger entry. It is immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class LandingContext:
    """The settings and state with which a load stages all its deliveries.

    `not_before` is empty unless the clock was set back; no delivery counts as received before it.
    For each place in the inbox, `landed_as` has the landing folder of the delivery last read there.
    If `layout` is set, every delivery is read in this layout. A delivery is held if more than
    `quarantine_share` (0-1) of its records are quarantined. With `data_keys`, what may name a child
    is encrypted in landing. Records of `erased` persons do not land.
    """

    inbox: Inbox
    landing: Path
    seeds: Path
    layouts: Path
    zip_passwords: Mapping[str, str]
    now: datetime
    code_version: str
    landed_as: Mapping[str, str] = field(default_factory=dict)
    not_before: str = ""
    limits: DeliveryLimits = field(default_factory=DeliveryLimits)
    layout: Layout | None = None
    quarantine_share: float = HOLD_QUARANTINE_SHARE
    data_keys: KeyRing | None = field(default=None, repr=False)
    erased: ErasedPersons = field(default_factory=ErasedPersons)

    @classmethod
    def from_settings(cls, settings: Settings, now: datetime) -> Self:
        """Return the context of a load that starts at this time, from the settings."""
        return cls(
            inbox=open_inbox(settings),
            landing=settings.landing,
            seeds=settings.seeds,
            layouts=settings.layouts,
            zip_passwords=dict(settings.zip_passwords),
            now=now,
            code_version=metadata.version(PACKAGE),
            limits=settings.limits,
            quarantine_share=settings.hold_quarantine_share,
            data_keys=settings.data_keys,
        )


@dataclass(frozen=True)
class InboxDelivery:
    """A delivery in the inbox, identified by its place, which is its folder within the inbox.

    The place of a stray file, above any period's folder, is the file's own path. Feed, supplier and
    period are `unknown` if a folder has an unexpected name, which may be a child's. `delivery_id`
    is set only if a raw copy is landed again, and `delivered_hash` only if that copy was edited to
    erase records: it is the hash of the bytes that were delivered. Only then, `former` is the
    delivery's ledger entry.
    """

    place: str
    is_stray: bool
    feed: str
    supplier_code: str
    period: str
    files: tuple[InboxFile, ...]
    delivery_id: str = ""
    delivered_hash: str = ""
    former: Delivery | None = field(default=None, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the names, sizes and times of all files, which changes when a file does."""
        listing = [
            [f.path, f.size, f.modified_ns, f.changed_ns, f.fault, *filter(None, [f.version])]
            for f in self.files
        ]
        return hashlib.sha256(json.dumps(listing).encode()).hexdigest()

    @property
    def safe_place(self) -> str:
        """The place of the delivery, in which an unsafe folder name is replaced."""
        return f"{self.feed}/{self.supplier_code}/{self.period}"

    def is_waiting(self, now: datetime, hours: float) -> bool:
        """Return whether the delivery should wait for a file that is still being uploaded.

        If it has such a file, it waits until none of its files has changed for `hours` hours.
        """
        if not any(file.fault is Rule.UNFINISHED_FILE for file in self.files):
            return False
        latest = max(file.modified_ns for file in self.files) / 1e9
        return now.timestamp() - latest < hours * 3600

    def has_changed(self, now: datetime, seconds: float) -> bool:
        """Return whether a file changed in the last seconds, or soon, if its clock is ahead."""
        moment = now.timestamp()
        return any(abs(moment - file.changed_ns / 1e9) < seconds for file in self.files)

    def file_path(self, file: InboxFile) -> str:
        """Return the path of one of the delivery's files, relative to the inbox."""
        folder = self.place.rpartition("/")[0] if self.is_stray else self.place
        return f"{folder}/{file.path}" if folder else file.path

    def received_at(self, now: datetime, not_before: str = "") -> str:
        """Return the latest modification time of the delivery's files, but not a time after `now`.

        If `not_before` is later than this time, `not_before` is returned.
        """
        latest = max((file.modified_ns for file in self.files), default=0) / 1e9
        return max(format_instant(min(datetime.fromtimestamp(latest, UTC), now)), not_before)


@dataclass(frozen=True)
class SourceFile:
    """A file of a delivery: its safe path, its bytes, and its path as delivered.

    Findings, lineage and errors use the safe `path`. `delivered_as` is used only in landing; by
    default it equals `path`.
    """

    path: str
    data: bytes
    delivered_as: str = ""

    @property
    def delivered_path(self) -> str:
        """The path within the delivery, in the supplier's own names."""
        return self.delivered_as or self.path

    @property
    def name(self) -> str:
        """The file's delivered name, without folders."""
        return self.delivered_path.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        """The file's name in lower case, without its suffix."""
        return self.name.rsplit(".", 1)[0].lower()

    @property
    def suffix(self) -> str:
        """The file's suffix in lower case, with the dot; empty if there is none."""
        return "." + self.name.rsplit(".", 1)[1].lower() if "." in self.name else ""


@dataclass(frozen=True)
class RawDelivery:
    """A delivery as read from the inbox: its identity and its bytes.

    If `unread` is set, the delivery has no bytes and is rejected for this reason. Its hash then
    covers names, sizes and times. If `not_before` is not empty, the delivery counts as received
    then or later.
    """

    item: InboxDelivery
    delivery_id: str
    content_hash: str
    period: Period | None
    files: list[SourceFile]
    unread: Finding | None = None
    not_before: str = ""

    @property
    def file_names(self) -> dict[str, str]:
        """The delivered name of each file, by the file's safe name."""
        return {file.path: file.delivered_path for file in self.files}


class ModuleCount(EntryPart):
    """The number of records in a file of a module of the return that has no table."""

    module_name: str
    file_name: str
    row_count: int


@dataclass(frozen=True)
class SourceTables:
    """A delivery's files as raw tables with their layout, and its files that fill no table.

    `kept_modules` has the numbers of records of known modules that have no table.
    """

    layout: Layout
    tables: list[RawTable]
    source_form: SourceForm
    case_system: str | None
    unknown_files: list[SourceFile]
    kept_modules: tuple[ModuleCount, ...] = ()


@dataclass(frozen=True)
class ParsedDelivery:
    """A delivery's content after checking and normalising. A rejected delivery has no `tables`.

    `file_names` maps safe names to delivered names. For a rejected delivery, `layout` is the layout
    that its files were expected to have, if known, `more` has further findings about files, and
    `unlanded` has the tables that were read to find them. `erased_lines` has the places of erased
    records by safe file name.
    """

    rejection: Finding | None
    source: SourceTables | None
    tables: list[LandedTable] = field(default_factory=list)
    file_names: dict[str, str] = field(default_factory=dict)
    layout: Layout | None = None
    holds: list[Finding] = field(default_factory=list)
    more: list[Finding] = field(default_factory=list)
    unlanded: list[LandedTable] = field(default_factory=list)
    manifest: ManifestResult | None = None
    erased_lines: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """The outcome: `accepted`, `accepted_with_quarantine` or `rejected`."""
        if self.rejection:
            return "rejected"
        has_quarantine = any(table.quarantined for table in self.tables)
        return "accepted_with_quarantine" if has_quarantine else "accepted"

    @property
    def hold_rule(self) -> Rule | None:
        """The rule that holds the delivery because of its content; None if there is none."""
        return self.holds[0].rule if self.holds and self.rejection is None else None

    def join_rows(self) -> dict[str, pa.Table]:
        """Return the landed rows of each table, those of all its files together."""
        by_name: dict[str, list[pa.Table]] = {}
        for table in self.tables:
            by_name.setdefault(table.table_name, []).append(table.rows)
        return {name: pa.concat_tables(parts) for name, parts in by_name.items()}


@dataclass(frozen=True)
class StagedDelivery:
    """A delivery with its ledger entry and its finished folder `partial`.

    If the delivery is already in landing, both are None. `identifiers` has the keys by which it is
    compared with other deliveries (`register.feeds.overlaps`). If `is_unread`, the next load tries
    again, since the obstacle may be gone by then.
    """

    item: InboxDelivery
    delivery_id: str
    folder: str
    delivery: Delivery | None = None
    partial: Path | None = None
    identifiers: tuple[IdentifierKeys, ...] = ()
    is_unread: bool = False


def _check_conservation(counts: TableCount | Delivery, name: str) -> None:
    in_landing = counts.landed_row_count + counts.quarantined_row_count
    if counts.received_row_count != in_landing + counts.erased_row_count:
        raise ValueError(f"{name}: received is not landed, quarantined and erased")


class TableCount(EntryPart):
    """Numbers of a file's records: received = landed + quarantined + erased."""

    table_name: str
    file_name: str
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int
    erased_row_count: int = 0

    @model_validator(mode="after")
    def _conserves_rows(self) -> TableCount:
        _check_conservation(self, f"table {self.table_name}")
        return self


class Overlap(EntryPart):
    """Another supplier's delivery that contains some of the same records or persons.

    `share` (0-1) is relative to the smaller delivery.
    """

    delivery_id: str
    share: float


class LandedFile(EntryPart):
    """A file of a delivery, as it was landed."""

    name: str
    bytes: int
    sha256: str


class DeliveredFile(EntryPart):
    """A file as it was delivered, under its safe name; without a hash if it was not read."""

    name: str
    bytes: int
    sha256: str | None = None


class Delivery(EntryPart):
    """The ledger entry of a delivery. A rejected delivery has no rows.

    `received_at` is an ISO instant in UTC. `table_names` are the tables with a Parquet file, and
    `files` are all Parquet files, the feedback and the names of files; older entries have only
    Parquet files. `valid_counts` has the number of well-formed values of each `<table>.<column>`.
    Entries written before release 0.2 have neither `files` nor `valid_counts`.

    If `is_copy_kept`, landing also has the delivered files. `is_held` and `hold_rule_code` describe
    whether the delivery was held on arrival. Later deliveries may have changed this
    (`register.feeds.holds`).

    `content_hash` is of the delivered bytes. If records were erased from the raw copies,
    `copy_hash` is of the edited copies. Older entries have no `delivered_files`.
    """

    delivery_id: str
    feed: str
    supplier_code: str
    period: str
    period_start: date | None
    period_end: date | None
    received_at: str
    content_hash: str
    outcome: Outcome
    reject_rule_code: str | None = None
    is_held: bool = False
    hold_rule_code: str | None = None
    layout_name: str | None = None
    case_system: str | None = None
    source_form: SourceForm | None = None
    file_count: int
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int
    erased_row_count: int = 0
    flag_count: int
    unknown_columns: tuple[str, ...] = ()
    table_names: tuple[str, ...] = ()
    is_copy_kept: bool = True
    tables: tuple[TableCount, ...] = ()
    files: tuple[LandedFile, ...] = ()
    kept_modules: tuple[ModuleCount, ...] = ()
    valid_counts: dict[str, int] = Field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()
    copy_hash: str | None = None
    delivered_files: tuple[DeliveredFile, ...] = ()
    manifest: ManifestResult | None = None
    code_version: str

    @model_validator(mode="after")
    def _conserves_rows(self) -> Delivery:
        _check_conservation(self, self.delivery_id)
        if self.received_row_count != sum(table.received_row_count for table in self.tables):
            raise ValueError(f"{self.delivery_id}: the tables' records are not the delivery's")
        return self

    @property
    def is_accepted(self) -> bool:
        """Whether the delivery was accepted and not rejected."""
        return self.outcome != "rejected"

    @property
    def received(self) -> datetime:
        """The time of receipt (`received_at`) as a `datetime`."""
        return datetime.strptime(self.received_at, INSTANT).replace(tzinfo=UTC)

    def count_landed_rows_by_table(self) -> dict[str, int]:
        """Return the number of landed rows of each table."""
        return self._sum_rows_by_table("landed_row_count")

    def count_received_rows_by_table(self) -> dict[str, int]:
        """Return the number of received records of each table."""
        return self._sum_rows_by_table("received_row_count")

    def _sum_rows_by_table(self, count: str) -> dict[str, int]:
        rows: Counter[str] = Counter()
        for table in self.tables:
            rows[table.table_name] += getattr(table, count)
        return dict(rows)


def folder_in_landing(feed: str, delivery_id: str) -> str:
    """Return the path of a delivery's folder, relative to landing."""
    return f"{feed if feed in load_contracts() else UNKNOWN_FEED_FOLDER}/{delivery_id}"
