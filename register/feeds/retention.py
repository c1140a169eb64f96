"""Retention: deliveries past the term of their feed, and the removal of their content.

The ledger entry stays and counts all records as erased, so the accounting of rows holds, and the
same delivery is recognised when it is sent again. The terms are rows of `ref__retention`.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from register.durable import flush_tree
from register.feeds.delivery import Delivery, TableCount
from register.feeds.erase_delivery import Step, copy_folder, finish_swaps, swap_folders
from register.feeds.file_names import write_file_names
from register.feeds.integrity import hash_landed_files
from register.feeds.landing import lock_landing
from register.feeds.ledger import ENTRY_NAME, list_landed_folders, read_entry, write_entry
from register.feeds.stage_delivery import PARTIAL
from register.parquet_files import read_parquet, write_parquet
from register.settings import Settings
from register.spreadsheet import read_rows


@dataclass(frozen=True)
class RetentionTerm:
    """For how many years a feed's deliveries are kept, and from which day the years count."""

    feed: str
    years: int
    counted_from: str
    legal_basis: str

    def find_last_day(self, entry: Delivery) -> date:
        """Return the last day on which a delivery may be kept."""
        day = entry.period_end if self.counted_from == "period_end" else None
        return _add_years(day or entry.received.date(), self.years)


def load_retention_terms(seeds: Path) -> dict[str, RetentionTerm]:
    """Return the term of each feed."""
    return {
        row["feed"]: RetentionTerm(
            row["feed"], int(row["years"]), row["counted_from"], row["legal_basis"]
        )
        for row in read_rows(seeds / "ref__retention.csv")
    }


def find_expired(settings: Settings, today: date) -> list[Delivery]:
    """Return the deliveries past their term that still have content.

    Deliveries of an unknown feed have the shortest term of all feeds.
    """
    terms = load_retention_terms(settings.seeds)
    shortest = min(terms.values(), key=lambda term: term.years)
    entries = [read_entry(folder / ENTRY_NAME) for folder in list_landed_folders(settings.landing)]
    return [
        entry
        for entry in entries
        if _has_content(entry) and today > terms.get(entry.feed, shortest).find_last_day(entry)
    ]


def remove_content(settings: Settings, delivery_ids: Collection[str], step: Step) -> int:
    """Remove the records and raw copies of deliveries, and return the number of records.

    If this is killed, it can be repeated.
    """
    removed = 0
    with lock_landing(settings.landing):
        finish_swaps(settings.landing)
        for folder in list_landed_folders(settings.landing):
            entry = read_entry(folder / ENTRY_NAME)
            if folder.name in delivery_ids and _has_content(entry):
                partial = settings.landing / PARTIAL / f"retention-{entry.delivery_id}"
                _write_empty_folder(settings, folder, partial, entry)
                swap_folders(settings.landing, folder, partial, step)
                removed += entry.received_row_count - entry.erased_row_count
        shutil.rmtree(settings.landing / PARTIAL, ignore_errors=True)
    return removed


def _has_content(entry: Delivery) -> bool:
    return entry.is_copy_kept or entry.erased_row_count < entry.received_row_count


def _write_empty_folder(settings: Settings, folder: Path, partial: Path, entry: Delivery) -> None:
    """Write a delivery's folder with its tables but without their rows, and no raw copy."""
    copy_folder(folder, partial)
    write_file_names(settings.data_keys, partial, entry.delivery_id, {})
    for path in partial.glob("*.parquet"):
        rows = read_parquet(settings.data_keys, path)
        write_parquet(settings.data_keys, rows.slice(0, 0), path)
    changed = entry.model_copy(
        update={
            "tables": tuple(_count_as_erased(table) for table in entry.tables),
            "landed_row_count": 0,
            "quarantined_row_count": 0,
            "erased_row_count": entry.received_row_count,
            "flag_count": 0,
            "is_copy_kept": False,
            "copy_hash": None,
            "files": hash_landed_files(partial),
        }
    )
    write_entry(Delivery.model_validate(changed.model_dump()), partial)
    flush_tree(partial)


def _count_as_erased(table: TableCount) -> TableCount:
    return table.model_copy(
        update={
            "landed_row_count": 0,
            "quarantined_row_count": 0,
            "erased_row_count": table.received_row_count,
        }
    )


def _add_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        # 29 February, in a year that has none.
        return day.replace(year=day.year + years, day=28)
