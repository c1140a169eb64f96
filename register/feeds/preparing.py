"""One delivery from the inbox to a folder that is ready to be committed to landing.

Nothing outside `landing/.partial` is written here, and nothing here depends on another delivery:
whether a delivery is held is decided by `register.feeds.landing`, which also commits it.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from register.feeds.codes import load_delivery_rules
from register.feeds.contract import load_contracts
from register.feeds.delivery import Delivery, Outcome, TableCount, folder_in_landing
from register.feeds.feedback import write_feedback
from register.feeds.inbox import InboxDelivery
from register.feeds.landed_files import write_flags, write_landed, write_quarantine
from register.feeds.normalising import LandedTable
from register.feeds.periods import parse_period
from register.feeds.readers.raw_table import SourceFile
from register.feeds.taking_in import Arrived, TakenIn, take_in
from register.feeds.workplace import Workplace

PARTIAL = ".partial"


@dataclass(frozen=True)
class Prepared:
    """A delivery with its folder-to-be; `partial` is none if it is in landing already."""

    item: InboxDelivery
    delivery_id: str
    folder: str
    delivery: Delivery | None = None
    partial: Path | None = None


def prepare(place: Workplace, item: InboxDelivery) -> Prepared:
    """Read one delivery and write its folder under `landing/.partial`.

    Every fault of the supplier's ends in the folder as an outcome; an exception is a fault of
    ours.
    """
    arrived = _arrived(place, item)
    folder = folder_in_landing(item.feed, arrived.delivery_id)
    if (place.landing / folder).exists():
        return Prepared(item, arrived.delivery_id, folder)
    taken_in = take_in(place, arrived)
    delivery = _entry(place, arrived, taken_in)
    partial = place.landing / PARTIAL / uuid.uuid4().hex
    _write(place, partial, arrived, taken_in)
    return Prepared(item, arrived.delivery_id, folder, delivery, partial)


def _arrived(place: Workplace, item: InboxDelivery) -> Arrived:
    files = [
        SourceFile(file.path, item.file_path(place.inbox, file).read_bytes()) for file in item.files
    ]
    content_hash = hash_of(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    period = parse_period(item.feed, item.period) if item.feed in load_contracts() else None
    return Arrived(item, delivery_id, content_hash, period, files)


def hash_of(files: list[SourceFile]) -> str:
    """The hash of a delivery's content: its files' paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.path):
        digest.update(f"{file.path}\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def _entry(place: Workplace, arrived: Arrived, taken_in: TakenIn) -> Delivery:
    item, period = arrived.item, arrived.period
    counts = tuple(_count(table) for table in taken_in.tables)
    return Delivery(
        delivery_id=arrived.delivery_id,
        feed=item.feed,
        supplier_code=item.supplier_code,
        period=item.period,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        received_at=item.received_at(place.now),
        content_hash=arrived.content_hash,
        outcome=_outcome(taken_in),
        file_count=len(item.files),
        received_row_count=sum(count.received_row_count for count in counts),
        landed_row_count=sum(count.landed_row_count for count in counts),
        quarantined_row_count=sum(count.quarantined_row_count for count in counts),
        flag_count=sum(len(table.flags) for table in taken_in.tables),
        unknown_columns=tuple(
            f"{table.table_name}.{name}"
            for table in taken_in.tables
            for name in table.unknown_columns
        ),
        table_names=tuple(dict.fromkeys(table.table_name for table in taken_in.tables)),
        tables=counts,
        code_version=place.code_version,
        **_described(taken_in),
    )


def _outcome(taken_in: TakenIn) -> Outcome:
    if taken_in.rejection:
        return "rejected"
    has_quarantine = any(table.quarantined for table in taken_in.tables)
    return "accepted_with_quarantine" if has_quarantine else "accepted"


def _described(taken_in: TakenIn) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if taken_in.rejection:
        described["reject_rule_code"] = taken_in.rejection.rule.value
    if taken_in.read:
        described["layout_name"] = taken_in.read.layout.layout_name
        described["case_system"] = taken_in.read.case_system
        described["source_form"] = taken_in.read.source_form
    return described


def _count(table: LandedTable) -> TableCount:
    return TableCount(
        table_name=table.table_name,
        file_name=table.file,
        received_row_count=table.received_row_count,
        landed_row_count=table.rows.num_rows,
        quarantined_row_count=len(table.quarantined),
    )


def _write(place: Workplace, folder: Path, arrived: Arrived, taken_in: TakenIn) -> None:
    for file in arrived.files:
        path = folder / "raw" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    by_name: dict[str, list[pa.Table]] = {}
    for table in taken_in.tables:
        by_name.setdefault(table.table_name, []).append(table.rows)
    for name, parts in by_name.items():
        write_landed(pa.concat_tables(parts), folder / f"{name}.parquet")
    delivery_id = arrived.delivery_id
    flags = [flag for table in taken_in.tables for flag in table.flags]
    write_flags(delivery_id, flags, folder / "flags.parquet")
    quarantined = [record for table in taken_in.tables for record in table.quarantined]
    write_quarantine(delivery_id, quarantined, folder / "quarantine.parquet")
    layout = taken_in.read.layout if taken_in.read else None
    rules = load_delivery_rules(place.seeds)
    write_feedback(delivery_id, taken_in.findings(), rules, layout, folder)
