"""Staging: a delivery from the inbox is written to a finished folder in `landing/.partial`.

Nothing else is written here. Other deliveries are read only to see whether the same bytes came
before, and whether a later one exists. Comparing deliveries and committing the folder belong in
`register.feeds.landing`.
"""

from __future__ import annotations

import glob
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from register.durable import flush_tree
from register.feeds.dates import format_instant
from register.feeds.delivery import (
    DeliveredFile,
    Delivery,
    InboxDelivery,
    LandingContext,
    ParsedDelivery,
    RawDelivery,
    SourceFile,
    StagedDelivery,
    TableCount,
    folder_in_landing,
)
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.feedback import write_feedback
from register.feeds.file_names import FileNames, write_file_names
from register.feeds.finding_list import list_findings
from register.feeds.inbox import hash_content, read_delivery
from register.feeds.integrity import hash_landed_files
from register.feeds.ledger import ENTRY_NAME, read_entry
from register.feeds.overlaps import hash_identifiers
from register.feeds.parse_delivery import build_erasure_rule, parse_delivery
from register.feeds.raw_copies import write_raw_copies
from register.feeds.raw_editing import RawEditor, UneditableError
from register.feeds.raw_search import mentions_erased
from register.feeds.tables import LandedTable, write_flags, write_quarantine
from register.parquet_files import write_parquet

PARTIAL = ".partial"


def stage_delivery(context: LandingContext, item: InboxDelivery) -> StagedDelivery:
    """Read and parse a delivery and write its folder, unless the delivery is already in landing.

    Faults of the supplier become outcomes in the folder. Any exception is a fault of this program.
    """
    raw = _assign_id(context, read_delivery(context, item))
    folder = folder_in_landing(item.feed, raw.delivery_id)
    if (context.landing / folder).exists():
        return StagedDelivery(item, raw.delivery_id, folder, is_unread=raw.unread is not None)
    parsed = ParsedDelivery(raw.unread, None) if raw.unread else parse_delivery(context, raw)
    return _write_partial_folder(context, raw, parsed)


def stage_rejection(context: LandingContext, item: InboxDelivery, rule: Rule) -> StagedDelivery:
    """Stage a delivery that could not be parsed: rejected by `rule`, with its raw copy."""
    raw = _assign_id(context, read_delivery(context, item))
    folder = folder_in_landing(item.feed, raw.delivery_id)
    if (context.landing / folder).exists():
        return StagedDelivery(item, raw.delivery_id, folder)
    parsed = ParsedDelivery(Finding(rule), None, file_names=raw.file_names)
    return _write_partial_folder(context, raw, parsed)


def _write_partial_folder(
    context: LandingContext, raw: RawDelivery, parsed: ParsedDelivery
) -> StagedDelivery:
    folder = folder_in_landing(raw.item.feed, raw.delivery_id)
    partial = context.landing / PARTIAL / uuid.uuid4().hex
    copy = _edit_raw_copies(context, raw, parsed)
    has_edited = copy is not None and (bool(raw.item.delivered_hash) or copy.files != raw.files)
    entry = _build_entry(context, raw, parsed).model_copy(
        update={
            "is_copy_kept": raw.unread is None and copy is not None,
            "copy_hash": hash_content(copy.files) if copy and has_edited else None,
        }
    )
    _write_files(context, partial, copy or replace(raw, files=[]), parsed, entry)
    entry = entry.model_copy(update={"files": hash_landed_files(partial)})
    flush_tree(partial)
    keys = hash_identifiers(raw.item.feed, parsed.join_rows()) if parsed.tables else ()
    is_unread = raw.unread is not None
    return StagedDelivery(raw.item, raw.delivery_id, folder, entry, partial, keys, is_unread)


def _edit_raw_copies(
    context: LandingContext, raw: RawDelivery, parsed: ParsedDelivery
) -> RawDelivery | None:
    """Return the delivery with raw copies that have no erased record; None if none may be kept."""
    is_rejected = parsed.rejection is not None
    rule = replace(build_erasure_rule(context, raw), is_rejected=is_rejected)
    if raw.unread or not rule.may_apply:
        return raw
    password = context.zip_passwords.get(raw.item.supplier_code)
    names = parsed.file_names
    lines = {names.get(name, name): numbers for name, numbers in parsed.erased_lines.items()}
    read = frozenset(names.get(table.file, table.file) for table in parsed.tables)
    layout = parsed.source.layout if parsed.source else parsed.layout
    is_in_several = layout is not None and layout.has_rows_in_several_places
    editor = RawEditor(rule, lines, read, password, context.limits, is_in_several)
    try:
        files = editor.edit_files(raw.files)
    except UneditableError:
        return None
    # A rejected delivery may have files that no reader could read.
    if parsed.rejection and mentions_erased(rule, files, password, context.limits):
        return None
    return replace(raw, files=files)


def _assign_id(context: LandingContext, raw: RawDelivery) -> RawDelivery:
    """Return the delivery with its final id.

    If its bytes are those of the latest delivery of its place, it is that delivery again and keeps
    its id. If other bytes came in between, it gets a new id, which shows that the supplier went
    back to an earlier file. A delivery that replaced another one in the inbox counts as later,
    whatever the times of its files.
    """
    item = raw.item
    if item.delivery_id:
        return replace(raw, delivery_id=item.delivery_id)
    landed_as = context.landed_as.get(item.place, "").rpartition("/")[2]
    folder = context.landing / folder_in_landing(item.feed, raw.delivery_id)
    if raw.unread or (not landed_as and not folder.exists()):
        return raw
    return _assign_later_id(context, raw, _read_same_place(folder.parent, item), landed_as)


def _assign_later_id(
    context: LandingContext, raw: RawDelivery, received: list[Delivery], landed_as: str
) -> RawDelivery:
    """Return the delivery with the id of the delivery that it repeats, or with a new id.

    `received` has the landed deliveries of its place in order of receipt. `landed_as` is the id of
    the delivery last read there.
    """
    same = [entry for entry in received if entry.content_hash == raw.content_hash]
    last = next((entry for entry in reversed(received) if entry.is_accepted), None)
    if last is None or last in same:
        return replace(raw, delivery_id=same[-1].delivery_id) if same else raw
    replaces_other = landed_as not in {"", *(entry.delivery_id for entry in same)}
    is_later = raw.item.received_at(context.now, context.not_before) > last.received_at
    after = format_instant(last.received + timedelta(seconds=1)) if replaces_other else ""
    if not same:
        return replace(raw, not_before=after)
    if not is_later and not replaces_other:
        return replace(raw, delivery_id=same[-1].delivery_id)
    return replace(raw, delivery_id=f"{raw.delivery_id}-{len(same) + 1}", not_before=after)


def _read_same_place(folder: Path, item: InboxDelivery) -> list[Delivery]:
    """Return the landed deliveries of one supplier, feed and period, in order of receipt."""
    place = (item.feed, item.supplier_code, item.period)
    paths = folder.glob(f"{glob.escape('-'.join(place))}-*")
    entries = (read_entry(path / ENTRY_NAME) for path in paths)
    same_place = (
        entry for entry in entries if (entry.feed, entry.supplier_code, entry.period) == place
    )
    return sorted(same_place, key=lambda entry: (entry.received_at, entry.delivery_id))


def _build_entry(context: LandingContext, raw: RawDelivery, parsed: ParsedDelivery) -> Delivery:
    item, period, source = raw.item, raw.period, parsed.source
    former = item.former
    delivered = list_delivered_files(raw.files) if raw.unread is None else _list_unread_files(item)
    counts = _count_rows(parsed.tables)
    return Delivery(
        delivery_id=raw.delivery_id,
        feed=item.feed,
        supplier_code=item.supplier_code,
        period=item.period,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        received_at=item.received_at(context.now, max(context.not_before, raw.not_before)),
        content_hash=raw.content_hash,
        outcome=parsed.outcome,
        reject_rule_code=parsed.rejection.rule.value if parsed.rejection else None,
        is_held=parsed.hold_rule is not None,
        hold_rule_code=parsed.hold_rule.value if parsed.hold_rule else None,
        layout_name=source.layout.layout_name if source else None,
        case_system=source.case_system if source else None,
        source_form=source.source_form if source else None,
        file_count=len(item.files),
        received_row_count=sum(count.received_row_count for count in counts),
        landed_row_count=sum(count.landed_row_count for count in counts),
        quarantined_row_count=sum(count.quarantined_row_count for count in counts),
        erased_row_count=sum(count.erased_row_count for count in counts),
        flag_count=sum(len(table.flags) for table in parsed.tables),
        unknown_columns=tuple(
            f"{table.table_name}.{name}"
            for table in parsed.tables
            for name in table.unknown_columns
        ),
        table_names=tuple(dict.fromkeys(table.table_name for table in parsed.tables)),
        tables=counts,
        kept_modules=source.kept_modules if source else (),
        valid_counts=_sum_valid_counts(parsed.tables),
        delivered_files=former.delivered_files if former else delivered,
        manifest=former.manifest if former else parsed.manifest,
        code_version=context.code_version,
    )


def list_delivered_files(files: Iterable[SourceFile]) -> tuple[DeliveredFile, ...]:
    """Return the sizes and hashes of files, under their safe names."""
    return tuple(
        DeliveredFile(
            name=file.path, bytes=len(file.data), sha256=hashlib.sha256(file.data).hexdigest()
        )
        for file in files
    )


def _list_unread_files(item: InboxDelivery) -> tuple[DeliveredFile, ...]:
    names = FileNames.for_delivery(item.feed, item.supplier_code, item.period)
    safe_names = names.make_safe([file.path for file in item.files])
    return tuple(
        DeliveredFile(name=name, bytes=file.size)
        for name, file in zip(safe_names, item.files, strict=True)
    )


def _sum_valid_counts(tables: list[LandedTable]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for table in tables:
        counts.update(
            {f"{table.table_name}.{name}": count for name, count in table.valid_counts.items()}
        )
    return dict(sorted(counts.items()))


def _count_rows(tables: Iterable[LandedTable]) -> tuple[TableCount, ...]:
    """Return the numbers of records of each table and file, which may be in several parts."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for table in tables:
        counts.setdefault((table.table_name, table.file), Counter()).update(
            received_row_count=table.received_row_count,
            landed_row_count=table.rows.num_rows,
            quarantined_row_count=len(table.quarantined),
            erased_row_count=table.erased_row_count,
        )
    return tuple(
        TableCount(table_name=name, file_name=file, **numbers)
        for (name, file), numbers in counts.items()
    )


def _write_files(
    context: LandingContext,
    folder: Path,
    raw: RawDelivery,
    parsed: ParsedDelivery,
    entry: Delivery,
) -> None:
    ring, delivery_id = context.data_keys, raw.delivery_id
    folder.mkdir(parents=True)
    write_raw_copies(ring, folder, delivery_id, raw.files, entry.received.timestamp())
    write_file_names(ring, folder, delivery_id, parsed.file_names)
    for name, rows in parsed.join_rows().items():
        write_parquet(ring, rows, folder / f"{name}.parquet", compression="zstd")
    flags = [flag for table in parsed.tables for flag in table.flags]
    write_flags(ring, delivery_id, flags, folder / "flags.parquet")
    quarantined = [record for table in parsed.tables for record in table.quarantined]
    write_quarantine(ring, delivery_id, quarantined, folder / "quarantine.parquet")
    layout = parsed.source.layout if parsed.source else parsed.layout
    write_feedback(delivery_id, list_findings(parsed), context.seeds, layout, folder)
