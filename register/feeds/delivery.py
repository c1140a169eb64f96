"""The facts of one delivery on its way: in the inbox, read, parsed, staged, and in the ledger.

`InboxDelivery` -> `RawDelivery` -> `ParsedDelivery` -> `StagedDelivery` -> `Delivery`. What takes
a delivery from one to the next belongs in `register.feeds.inbox` (read), `parse_delivery`,
`stage_delivery` and `landing` (commit).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from register.feeds.contract import load_contracts
from register.feeds.dates import INSTANT, Period, as_instant
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.layout import Layout
from register.feeds.tables import LandedTable, RawTable
from register.settings import HOLD_QUARANTINE_SHARE, Settings
from register.variables import DeliveryLimits

PACKAGE = "national-register"
UNKNOWN_FEED_FOLDER = "unknown_feed"
IGNORED_PREFIXES = (".", "~$")
UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload", ".partial")

Outcome = Literal["accepted", "accepted_with_quarantine", "rejected"]
SourceForm = Literal["csv", "xlsx", "xml", "mixed"]


@dataclass(frozen=True)
class LandingContext:
    """What staging a delivery needs, the same for all deliveries of a load.

    Nothing is received before `not_before` (empty unless the clock went back). `landed_as` is the
    folder in landing of what was last seen at each place of the inbox. With a `layout`, every
    delivery is read by it. One of which more than `quarantine_share` (0-1) is quarantined is held.
    """

    inbox: Path
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

    @classmethod
    def of(cls, settings: Settings, now: datetime) -> Self:
        """What the settings say, at a moment."""
        return cls(
            inbox=settings.inbox,
            landing=settings.landing,
            seeds=settings.seeds,
            layouts=settings.layouts,
            zip_passwords=dict(settings.zip_passwords),
            now=now,
            code_version=metadata.version(PACKAGE),
            limits=settings.limits,
            quarantine_share=settings.hold_quarantine_share,
        )


@dataclass(frozen=True)
class InboxFile:
    """One file in the inbox: its path within the delivery, its size and its times.

    `fault` is why it cannot be read as a file, by its place alone: a link, a folder without access.
    """

    path: str
    size: int
    modified_ns: int
    changed_ns: int
    fault: Rule | None = None


@dataclass(frozen=True)
class InboxDelivery:
    """One delivery in the inbox.

    `place` is its folder within the inbox (or the file itself, when it was put above a period's
    folder). Feed, supplier and period are `unknown` where their names are none of a contract: a
    folder may be named after a child. A raw copy that is landed again has its `delivery_id`.
    """

    place: str
    is_stray: bool
    feed: str
    supplier_code: str
    period: str
    files: tuple[InboxFile, ...]
    delivery_id: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """A cheap sign of change, from names, sizes and times."""
        listing = [[f.path, f.size, f.modified_ns, f.changed_ns, f.fault] for f in self.files]
        return hashlib.sha256(json.dumps(listing).encode()).hexdigest()

    @property
    def told_place(self) -> str:
        """Where it lies, in names that may be told."""
        return f"{self.feed}/{self.supplier_code}/{self.period}"

    def is_waiting(self, now: datetime, hours: float) -> bool:
        """Whether a file is still being sent, and not for longer than `hours`."""
        if not any(file.fault is Rule.UNFINISHED_FILE for file in self.files):
            return False
        latest = max(file.modified_ns for file in self.files) / 1e9
        return now.timestamp() - latest < hours * 3600

    def file_path(self, inbox: Path, file: InboxFile) -> Path:
        """The path of one of its files."""
        folder = inbox / self.place
        return folder.parent / file.path if self.is_stray else folder / file.path

    def received_at(self, now: datetime, not_before: str = "") -> str:
        """The latest time that a file was modified: not later than `now`, nor before the other."""
        latest = max(file.modified_ns for file in self.files) / 1e9
        return max(as_instant(min(datetime.fromtimestamp(latest, UTC), now)), not_before)


def is_ignored(name: str) -> bool:
    """Whether a file's name marks it as no part of a delivery: hidden, or Excel's lock."""
    return name.startswith(IGNORED_PREFIXES)


def is_unfinished(name: str) -> bool:
    """Whether a file's name marks it as still being sent."""
    return name.casefold().endswith(UNFINISHED_SUFFIXES)


@dataclass(frozen=True)
class SourceFile:
    """One file of a delivery: how its path is told, its bytes, and its path as delivered.

    Findings, lineage and errors name `path`; `delivered_as` (default: the same) stays in landing.
    """

    path: str
    data: bytes
    delivered_as: str = ""

    @property
    def delivered_path(self) -> str:
        """The path within the delivery, as its supplier named it."""
        return self.delivered_as or self.path

    @property
    def name(self) -> str:
        """The file's delivered name without folders."""
        return self.delivered_path.rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        """The name without its suffix, in lower case."""
        return self.name.rsplit(".", 1)[0].lower()

    @property
    def suffix(self) -> str:
        """The suffix with its dot, in lower case, or nothing."""
        return "." + self.name.rsplit(".", 1)[1].lower() if "." in self.name else ""


@dataclass(frozen=True)
class RawDelivery:
    """One delivery as it was read from the inbox: its identity and its bytes.

    One that is refused `unread` has no bytes; its hash is of names, sizes and times. It was not
    received before `not_before`, whatever its files' times say (empty: no matter).
    """

    item: InboxDelivery
    delivery_id: str
    content_hash: str
    period: Period | None
    files: list[SourceFile]
    unread: Finding | None = None
    not_before: str = ""


class KeptCount(BaseModel):
    """How many records a delivery has of a module that is kept as delivered and not landed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module_name: str
    file_name: str
    row_count: int


@dataclass(frozen=True)
class SourceTables:
    """A delivery's files as raw tables, the layout they are in, and files of no table.

    `kept_modules` counts what is known and has no table here.
    """

    layout: Layout
    tables: list[RawTable]
    source_form: SourceForm
    case_system: str | None
    unknown_files: list[SourceFile]
    kept_modules: tuple[KeptCount, ...] = ()


@dataclass(frozen=True)
class ParsedDelivery:
    """A delivery's content, checked and normalised; no `tables` when it was rejected.

    `file_names` gives each told name its delivered one; `layout` is the expected one, if known, and
    `more` what else is wrong with one that was rejected.
    """

    rejection: Finding | None
    source: SourceTables | None
    tables: list[LandedTable] = field(default_factory=list)
    file_names: dict[str, str] = field(default_factory=dict)
    layout: Layout | None = None
    holds: list[Finding] = field(default_factory=list)
    more: list[Finding] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """Accepted whole, accepted without the quarantined records, or rejected."""
        if self.rejection:
            return "rejected"
        has_quarantine = any(table.quarantined for table in self.tables)
        return "accepted_with_quarantine" if has_quarantine else "accepted"

    @property
    def hold_rule(self) -> Rule | None:
        """Why a person must decide before the register takes it, by what is in it alone."""
        return self.holds[0].rule if self.holds else None

    def findings(self) -> list[Finding]:
        """What the supplier is told: of the delivery, of its files, of its records."""
        unknown_files = self.source.unknown_files if self.source else []
        return [
            *([self.rejection] if self.rejection else []),
            *(Finding(Rule.UNKNOWN_FILE, file.path) for file in unknown_files),
            *(note for table in self.tables for note in table.notes),
            *(
                Finding(Rule.UNKNOWN_COLUMN, table.file, table.heading_line, name, table.table_name)
                for table in self.tables
                for name in table.unknown_columns
            ),
            *self.holds,
            *(record.finding for table in self.tables for record in table.quarantined),
            *(flag for table in self.tables for flag in table.flags),
        ]


@dataclass(frozen=True)
class StagedDelivery:
    """A delivery with its folder-to-be; `partial` is none if it is in landing already.

    One that `is_unread` is looked at again by the next load, since what hindered it may be gone.
    """

    item: InboxDelivery
    delivery_id: str
    folder: str
    delivery: Delivery | None = None
    partial: Path | None = None
    is_unread: bool = False


class TableCount(BaseModel):
    """Records of one file, and lines that are part of none: received = landed + quarantined."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table_name: str
    file_name: str
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int

    @model_validator(mode="after")
    def _conserves_rows(self) -> TableCount:
        if self.received_row_count != self.landed_row_count + self.quarantined_row_count:
            raise ValueError(f"table {self.table_name}: received is not landed plus quarantined")
        return self


class Overlap(BaseModel):
    """Another supplier's delivery that has the same records or persons.

    `share` (0-1) is of the delivery that has fewer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_id: str
    share: float


class LandedFile(BaseModel):
    """One Parquet file of a delivery as it was landed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    bytes: int
    sha256: str


class Delivery(BaseModel):
    """One delivery's entry. Rows of a rejected delivery are not counted: none were landed.

    `received_at` is an ISO instant in UTC; `table_names` are the tables with a Parquet file;
    `files` are all its Parquet files, `valid_counts` the values of each `<table>.<column>` that
    have their form (none of either in an entry of a release before 0.2); the delivered files are in
    landing too if `is_copy_kept`: what could not be read is not. Whether it `is_held`, and why, is
    how it was judged on arrival: what came since may have changed it (`register.feeds.holds`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    flag_count: int
    unknown_columns: tuple[str, ...] = ()
    table_names: tuple[str, ...] = ()
    is_copy_kept: bool = True
    tables: tuple[TableCount, ...] = ()
    files: tuple[LandedFile, ...] = ()
    kept_modules: tuple[KeptCount, ...] = ()
    valid_counts: dict[str, int] = Field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()
    code_version: str

    @model_validator(mode="after")
    def _conserves_rows(self) -> Delivery:
        if self.received_row_count != self.landed_row_count + self.quarantined_row_count:
            raise ValueError(f"{self.delivery_id}: received is not landed plus quarantined")
        if self.received_row_count != sum(table.received_row_count for table in self.tables):
            raise ValueError(f"{self.delivery_id}: the tables' records are not the delivery's")
        return self

    @property
    def is_accepted(self) -> bool:
        """Whether the delivery was not rejected."""
        return self.outcome != "rejected"

    @property
    def received(self) -> datetime:
        """`received_at` as an instant."""
        return datetime.strptime(self.received_at, INSTANT).replace(tzinfo=UTC)

    def landed_rows_by_table(self) -> dict[str, int]:
        """Landed rows of each table, files added up."""
        return self._rows_by_table("landed_row_count")

    def received_rows_by_table(self) -> dict[str, int]:
        """Records of each table, files added up."""
        return self._rows_by_table("received_row_count")

    def _rows_by_table(self, count: str) -> dict[str, int]:
        rows: dict[str, int] = {}
        for table in self.tables:
            rows[table.table_name] = rows.get(table.table_name, 0) + getattr(table, count)
        return rows


def folder_in_landing(feed: str, delivery_id: str) -> str:
    """Where a delivery is kept, relative to landing: an unknown feed names no folder."""
    return f"{feed if feed in load_contracts() else UNKNOWN_FEED_FOLDER}/{delivery_id}"
