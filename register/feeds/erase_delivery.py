"""Erasure in landing: landed deliveries are rewritten without the records of erased persons.

A delivery's new folder is finished beside the old one and then takes its place, so a killed erasure
leaves complete folders and can be repeated. The ledger entry keeps the hash of the delivered bytes,
so the same delivery is recognised when it is sent again.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from register.durable import flush, flush_tree
from register.erased_persons import ErasedPersons
from register.feeds.contract import load_contracts
from register.feeds.dates import parse_period
from register.feeds.delivery import (
    Delivery,
    InboxDelivery,
    LandingContext,
    RawDelivery,
    SourceFile,
)
from register.feeds.erased_rows import ErasureRule, Mask
from register.feeds.file_names import NAMES_FILE
from register.feeds.inbox import hash_content, read_delivery, scan_inbox
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import InboxChangedError, InboxFile
from register.feeds.integrity import hash_landed_files
from register.feeds.landing import lock_landing
from register.feeds.layout import LayoutError, load_named_layout
from register.feeds.ledger import ENTRY_NAME, list_landed_folders, read_entry, write_entry
from register.feeds.parse_delivery import parse_delivery
from register.feeds.raw_copies import ARCHIVE, RAW, read_raw_copies, write_raw_copies
from register.feeds.raw_editing import RawEditor, UneditableError
from register.feeds.raw_search import mentions_erased
from register.feeds.stage_delivery import PARTIAL
from register.parquet_files import read_parquet, write_parquet
from register.private_files import read_private
from register.settings import Settings

OLD = ".erased"
FLAGS, QUARANTINE = "flags", "quarantine"
# A function that is called before each step that a kill could interrupt.
Step = Callable[[str], None]


@dataclass(frozen=True)
class DeliveryErasure:
    """What is erased from one delivery: its records by table, and what becomes of its raw copy."""

    delivery_id: str
    rows_by_table: Counter[str]
    is_copy_removed: bool = False


def erase_in_landing(
    settings: Settings,
    persons: ErasedPersons,
    *,
    is_dry_run: bool = False,
    step: Step | None = None,
) -> list[DeliveryErasure]:
    """Erase these persons from every landed delivery, also from rejected and held ones.

    Returns what was erased. If `is_dry_run`, nothing is changed.
    """
    context = LandingContext.from_settings(settings, datetime.now(UTC))
    context = replace(context, erased=persons)
    results = []
    with lock_landing(settings.landing):
        finish_swaps(settings.landing)
        for folder in list_landed_folders(settings.landing):
            entry = read_entry(folder / ENTRY_NAME)
            is_rejected = not entry.is_accepted
            rule = ErasureRule(persons, entry.feed, entry.supplier_code, is_rejected=is_rejected)
            if not rule.may_apply:
                continue
            partial = settings.landing / PARTIAL / f"erasure-{entry.delivery_id}"
            erasure = _rewrite_folder(context, rule, folder, partial)
            if erasure is not None:
                results.append(erasure)
                if not is_dry_run:
                    swap_folders(settings.landing, folder, partial, step)
            shutil.rmtree(partial, ignore_errors=True)
    return results


def find_in_inbox(settings: Settings, persons: ErasedPersons) -> list[InboxDelivery]:
    """Return the deliveries in the inbox that still have a record of these persons."""
    now = datetime.now(UTC)
    context = replace(LandingContext.from_settings(settings, now), erased=persons)
    folders = list_landed_folders(settings.landing)
    entries = [read_entry(folder / ENTRY_NAME) for folder in folders]
    rejected = {(e.feed, e.supplier_code, e.period) for e in entries if not e.is_accepted}
    return [
        item
        for item in scan_inbox(context.inbox)
        if _has_erased(context, item, (item.feed, item.supplier_code, item.period) in rejected)
    ]


def remove_from_inbox(settings: Settings, item: InboxDelivery) -> None:
    """Remove the files of a delivery from the inbox; landing keeps its copy of them."""
    inbox = open_inbox(settings)
    for file in item.files:
        inbox.remove_file(item.file_path(file))


def _has_erased(context: LandingContext, item: InboxDelivery, was_rejected: bool) -> bool:
    rule = ErasureRule(context.erased, item.feed, item.supplier_code, is_rejected=was_rejected)
    if not rule.may_apply:
        return False
    try:
        raw = read_delivery(context, item)
    except InboxChangedError:
        return True
    if raw.unread:
        return False
    parsed = parse_delivery(context, raw)
    password = context.zip_passwords.get(item.supplier_code)
    return bool(parsed.erased_lines) or (
        parsed.rejection is not None and mentions_erased(rule, raw.files, password, context.limits)
    )


def finish_swaps(landing: Path) -> None:
    """Finish or undo exchanges of folders that a killed erasure left."""
    for old in (landing / OLD).glob("*/*"):
        target = landing / old.parent.name / old.name
        if target.exists():
            shutil.rmtree(old)
        else:
            old.rename(target)
    shutil.rmtree(landing / OLD, ignore_errors=True)


def swap_folders(landing: Path, folder: Path, partial: Path, step: Step | None = None) -> None:
    """Put a finished folder in the place of a landed one."""
    step = step or (lambda _: None)
    step(f"landing {folder.name}")
    old = landing / OLD / folder.parent.name / folder.name
    old.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(old)
    step(f"landing {folder.name}, between folders")
    partial.rename(folder)
    flush(folder.parent)
    step(f"landing {folder.name}, before the old folder is removed")
    shutil.rmtree(landing / OLD)


def _rewrite_folder(
    context: LandingContext, rule: ErasureRule, folder: Path, partial: Path
) -> DeliveryErasure | None:
    """Write a delivery's folder without erased records; None if it has none."""
    ring = context.data_keys
    entry = read_entry(folder / ENTRY_NAME)
    copies = read_raw_copies(ring, folder) if entry.is_copy_kept else []
    files = [SourceFile(copy.path, copy.data) for copy in copies]
    password = context.zip_passwords.get(entry.supplier_code)
    tables = _drop_rows(rule, folder, entry, context)
    erased = _count_rows(tables)
    lines = _list_lines(tables) if entry.is_accepted else _parse_lines(context, entry, files)
    names = {}
    if (folder / NAMES_FILE).exists():
        names = json.loads(read_private(ring, folder / NAMES_FILE))
    editor = RawEditor(
        rule,
        {names.get(name, name): numbers for name, numbers in lines.items()},
        frozenset(names.get(table.file_name, table.file_name) for table in entry.tables),
        password,
        context.limits,
        _has_rows_in_several_places(context, entry),
    )
    edited: list[SourceFile] | None = None
    with suppress(UneditableError):
        edited = editor.edit_files(files)
        if not entry.is_accepted and mentions_erased(rule, edited, password, context.limits):
            edited = None
    if not lines and edited == files:
        return None
    copy_folder(folder, partial)
    if edited is not None and entry.is_copy_kept:
        write_raw_copies(ring, partial, entry.delivery_id, edited, entry.received.timestamp())
    for name, (rows, _) in tables.items():
        compression = "snappy" if name in {FLAGS, QUARANTINE} else "zstd"
        write_parquet(ring, rows, partial / f"{name}.parquet", compression)
    changed = _change_entry(entry, erased, tables, edited)
    changed = changed.model_copy(update={"files": hash_landed_files(partial)})
    write_entry(Delivery.model_validate(changed.model_dump()), partial)
    flush_tree(partial)
    by_table: Counter[str] = Counter()
    for (table_name, _), count in erased.items():
        by_table[table_name] += count
    return DeliveryErasure(entry.delivery_id, by_table, entry.is_copy_kept and edited is None)


def _has_rows_in_several_places(context: LandingContext, entry: Delivery) -> bool:
    """Return whether rows of a delivery may come from several files or sheets.

    If the delivery's layout can no longer be read, this is assumed.
    """
    if entry.layout_name is None:
        return False
    try:
        layout = load_named_layout(entry.layout_name, context.layouts)
    except LayoutError:
        return True
    return layout.has_rows_in_several_places


def copy_folder(folder: Path, partial: Path) -> None:
    """Copy what an erasure leaves as it is."""
    shutil.rmtree(partial, ignore_errors=True)
    ignored = shutil.ignore_patterns(RAW, ARCHIVE, ENTRY_NAME)
    shutil.copytree(folder, partial, ignore=ignored)


# A table's kept rows, and its erased rows, by the name of its file.
Tables = dict[str, tuple[pa.Table, pa.Table]]


def _drop_rows(rule: ErasureRule, folder: Path, entry: Delivery, context: LandingContext) -> Tables:
    """Return the kept and the erased rows of each Parquet file of a delivery."""
    ring = context.data_keys
    named = [(name, read_parquet(ring, folder / f"{name}.parquet")) for name in entry.table_names]
    masks = rule.find_rows(named) if named else []
    tables = {
        name: _divide_rows(rows, mask) for (name, rows), mask in zip(named, masks, strict=True)
    }
    quarantine = read_parquet(ring, folder / f"{QUARANTINE}.parquet")
    is_erased = [rule.is_text_erased(text or "") for text in quarantine["record_text"].to_pylist()]
    tables[QUARANTINE] = _divide_rows(quarantine, np.array(is_erased, dtype=np.bool_))
    flags = read_parquet(ring, folder / f"{FLAGS}.parquet")
    places = {
        (file, number) for _, erased in tables.values() for file, number in _iterate_places(erased)
    }
    is_flagged = [place in places for place in _iterate_places(flags)]
    tables[FLAGS] = _divide_rows(flags, np.array(is_flagged, dtype=np.bool_))
    return tables


def _divide_rows(rows: pa.Table, mask: Mask) -> tuple[pa.Table, pa.Table]:
    return rows.filter(pa.array(~mask)), rows.filter(pa.array(mask))


def _iterate_places(rows: pa.Table) -> Iterator[tuple[str, int]]:
    return zip(rows["_file"].to_pylist(), rows["_row_number"].to_pylist(), strict=True)


def _list_lines(tables: Tables) -> dict[str, frozenset[int]]:
    lines: dict[str, set[int]] = {}
    for name, (_, erased) in tables.items():
        for file, number in _iterate_places(erased) if name != FLAGS else ():
            lines.setdefault(file, set()).add(number)
    return {file: frozenset(numbers) for file, numbers in lines.items()}


def _parse_lines(
    context: LandingContext, entry: Delivery, files: list[SourceFile]
) -> dict[str, frozenset[int]]:
    """Return the erased lines of a rejected delivery, as far as its files can be read."""
    if not files:
        return {}
    moment = int(entry.received.timestamp() * 1e9)
    listed = tuple(InboxFile(file.path, len(file.data), moment, moment) for file in files)
    item = InboxDelivery(
        "", False, entry.feed, entry.supplier_code, entry.period, listed, entry.delivery_id
    )
    raw = RawDelivery(
        item,
        entry.delivery_id,
        entry.content_hash,
        parse_period(entry.feed, entry.period) if entry.feed in load_contracts() else None,
        files,
    )
    return dict(parse_delivery(context, raw).erased_lines)


def _count_rows(tables: Tables) -> Counter[tuple[str, str]]:
    """Return the numbers of erased records by table and file."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, (_, erased) in tables.items():
        if name == FLAGS:
            continue
        owners = (
            erased["table_name"].to_pylist() if name == QUARANTINE else [name] * erased.num_rows
        )
        counts.update(zip(owners, erased["_file"].to_pylist(), strict=True))
    return counts


def _change_entry(
    entry: Delivery,
    erased: Counter[tuple[str, str]],
    tables: Tables,
    edited: list[SourceFile] | None,
) -> Delivery:
    """Return the ledger entry with what was erased."""
    in_quarantine = Counter(
        zip(
            tables[QUARANTINE][1]["table_name"].to_pylist(),
            tables[QUARANTINE][1]["_file"].to_pylist(),
            strict=True,
        )
    )
    counts = []
    for table in entry.tables:
        place = (table.table_name, table.file_name)
        total, quarantined = erased[place], in_quarantine[place]
        counts.append(
            table.model_copy(
                update={
                    "landed_row_count": table.landed_row_count - (total - quarantined),
                    "quarantined_row_count": table.quarantined_row_count - quarantined,
                    "erased_row_count": table.erased_row_count + total,
                }
            )
        )
    return entry.model_copy(
        update={
            "tables": tuple(counts),
            "landed_row_count": sum(table.landed_row_count for table in counts),
            "quarantined_row_count": sum(table.quarantined_row_count for table in counts),
            "erased_row_count": sum(table.erased_row_count for table in counts),
            "flag_count": tables[FLAGS][0].num_rows,
            "is_copy_kept": entry.is_copy_kept and edited is not None,
            "copy_hash": hash_content(edited) if edited else None,
        }
    )
