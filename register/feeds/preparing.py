"""One delivery from the inbox to a folder that is ready to be committed to landing.

Nothing outside `landing/.partial` is written here, and nothing here depends on another delivery:
whether a delivery is held is decided by `register.feeds.landing`, which also commits it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from register.feeds.codes import is_known_supplier, load_delivery_rules
from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, TableCount
from register.feeds.delivery_tables import DeliveryTables, read_tables
from register.feeds.feedback import write_feedback
from register.feeds.inbox import InboxDelivery
from register.feeds.landed_files import write_flags, write_landed, write_quarantine
from register.feeds.normalising import LandedTable, Normaliser
from register.feeds.periods import Period, parse_period
from register.feeds.readers.raw_table import SourceFile
from register.feeds.rules import Finding, Rejection, Rule
from register.feeds.unpacking import unpack

PARTIAL = ".partial"
UNKNOWN_FEED_FOLDER = "unknown_feed"


class RowsLostError(RuntimeError):
    """Records went missing between reading and landing: a fault of ours, never of a supplier."""


@dataclass(frozen=True)
class Workplace:
    """Where deliveries are read from and prepared, and what is needed to read them."""

    inbox: Path
    landing: Path
    seeds: Path
    zip_passwords: Mapping[str, str]
    now: datetime
    code_version: str


@dataclass(frozen=True)
class Prepared:
    """A delivery with its folder-to-be; `partial` is none if it is in landing already."""

    item: InboxDelivery
    delivery_id: str
    folder: str
    delivery: Delivery | None = None
    partial: Path | None = None


@dataclass
class TakenIn:
    """What became of the delivery's content; empty when it was rejected."""

    rejection: Finding | None = None
    read: DeliveryTables | None = None
    tables: list[LandedTable] = field(default_factory=list)


def prepare(place: Workplace, item: InboxDelivery) -> Prepared:
    """Read one delivery and write its folder under `landing/.partial`.

    Every fault of the supplier's ends in the folder as an outcome; an exception is a fault of
    ours.
    """
    files = [
        SourceFile(file.path, item.file_path(place.inbox, file).read_bytes()) for file in item.files
    ]
    content_hash = hash_of(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    contracts = load_contracts()
    feed_folder = item.feed if item.feed in contracts else UNKNOWN_FEED_FOLDER
    folder = f"{feed_folder}/{delivery_id}"
    if (place.landing / folder).exists():
        return Prepared(item, delivery_id, folder)
    period = parse_period(item.feed, item.period) if item.feed in contracts else None
    taken_in = _take_in(place, item, files, period, delivery_id)
    delivery = _entry(place, item, content_hash, delivery_id, period, taken_in)
    partial = place.landing / PARTIAL / uuid.uuid4().hex
    _write(place, partial, files, delivery, taken_in)
    return Prepared(item, delivery_id, folder, delivery, partial)


def hash_of(files: list[SourceFile]) -> str:
    """The hash of a delivery's content: its files' paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.path):
        digest.update(f"{file.path}\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def _take_in(
    place: Workplace,
    item: InboxDelivery,
    files: list[SourceFile],
    period: Period | None,
    delivery_id: str,
) -> TakenIn:
    taken_in = TakenIn()
    try:
        known_period = _check_place(place, item, period)
        password = place.zip_passwords.get(item.supplier_code)
        unpacked = [
            inner
            for file in files
            for inner in (unpack(file, password) if file.suffix == ".zip" else [file])
        ]
        read = read_tables(item.feed, item.supplier_code, known_period, unpacked)
        taken_in.read = read
        contract = load_contracts()[item.feed]
        normaliser = Normaliser(delivery_id, item.period, read.layout, place.seeds)
        tables = [
            normaliser.normalise(raw, contract.table_by_name[raw.table_name]) for raw in read.tables
        ]
        for table in tables:
            if table.received_row_count != table.rows.num_rows + len(table.quarantined):
                raise RowsLostError(f"{delivery_id}: {table.file}: received is not what landed")
        taken_in.tables = tables
    except Rejection as rejection:
        taken_in.rejection = rejection.finding
    return taken_in


def _check_place(place: Workplace, item: InboxDelivery, period: Period | None) -> Period:
    """Raise `Rejection` for a feed, period or supplier that cannot be."""
    if item.feed not in load_contracts():
        raise Rejection(Rule.UNKNOWN_FEED)
    if period is None:
        raise Rejection(Rule.MALFORMED_PERIOD)
    if period.start > place.now.date():
        raise Rejection(Rule.FUTURE_PERIOD)
    supplier = (item.feed, item.supplier_code)
    if not is_known_supplier(place.seeds, *supplier, period.start, period.end):
        raise Rejection(Rule.UNKNOWN_SUPPLIER)
    return period


def _entry(
    place: Workplace,
    item: InboxDelivery,
    content_hash: str,
    delivery_id: str,
    period: Period | None,
    taken_in: TakenIn,
) -> Delivery:
    values: dict[str, Any] = {}
    if taken_in.read:
        values["layout_name"] = taken_in.read.layout.layout_name
        values["case_system"] = taken_in.read.case_system
        values["source_form"] = taken_in.read.source_form
    if taken_in.rejection:
        values["reject_rule_code"] = taken_in.rejection.rule.value
    quarantined = sum(len(table.quarantined) for table in taken_in.tables)
    accepted = "accepted_with_quarantine" if quarantined else "accepted"
    counts = tuple(_count(table) for table in taken_in.tables)
    return Delivery(
        delivery_id=delivery_id,
        feed=item.feed,
        supplier_code=item.supplier_code,
        period=item.period,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        received_at=item.received_at(place.now),
        content_hash=content_hash,
        outcome="rejected" if taken_in.rejection else accepted,
        file_count=len(item.files),
        received_row_count=sum(count.received_row_count for count in counts),
        landed_row_count=sum(count.landed_row_count for count in counts),
        quarantined_row_count=quarantined,
        flag_count=sum(len(table.flags) for table in taken_in.tables),
        unknown_columns=tuple(
            f"{table.table_name}.{name}"
            for table in taken_in.tables
            for name in table.unknown_columns
        ),
        table_names=tuple(dict.fromkeys(table.table_name for table in taken_in.tables)),
        tables=counts,
        code_version=place.code_version,
        **values,
    )


def _count(table: LandedTable) -> TableCount:
    return TableCount(
        table_name=table.table_name,
        file_name=table.file,
        received_row_count=table.received_row_count,
        landed_row_count=table.rows.num_rows,
        quarantined_row_count=len(table.quarantined),
    )


def _write(
    place: Workplace,
    folder: Path,
    files: list[SourceFile],
    delivery: Delivery,
    taken_in: TakenIn,
) -> None:
    for file in files:
        path = folder / "raw" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    by_name: dict[str, list[pa.Table]] = {}
    for table in taken_in.tables:
        by_name.setdefault(table.table_name, []).append(table.rows)
    for name, parts in by_name.items():
        write_landed(pa.concat_tables(parts), folder / f"{name}.parquet")
    flags = [flag for table in taken_in.tables for flag in table.flags]
    quarantined = [record for table in taken_in.tables for record in table.quarantined]
    write_flags(delivery.delivery_id, flags, folder / "flags.parquet")
    write_quarantine(delivery.delivery_id, quarantined, folder / "quarantine.parquet")
    findings = [*_delivery_findings(taken_in), *(item.finding for item in quarantined), *flags]
    rules = load_delivery_rules(place.seeds)
    layout = taken_in.read.layout if taken_in.read else None
    write_feedback(delivery.delivery_id, findings, rules, layout, folder)


def _delivery_findings(taken_in: TakenIn) -> list[Finding]:
    """What is to be said of the delivery and its files, rather than of a line."""
    findings = [taken_in.rejection] if taken_in.rejection else []
    findings += taken_in.read.findings if taken_in.read else []
    for table in taken_in.tables:
        findings += [
            Finding(Rule.UNKNOWN_COLUMN, table.file, 1, name, table.table_name)
            for name in table.unknown_columns
        ]
    return findings
