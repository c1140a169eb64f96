"""Person tables of a labelled set: read, checked, and counted before they become mentions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from register.identity.clean import SOURCES, ColumnsMap, read_person_table, require_mapped_columns
from register.identity.evaluate.dropped_values import (
    DroppedCounts,
    count_unused_cells,
    has_date_form,
    split_cell,
)
from register.identity.evaluate.labelled_files import DATE_FORMS, FileTable, keep_keyed

SIDES = ("left", "right")


@dataclass(frozen=True)
class CheckedTables:
    """One or two person tables without rows that lack a key, and what they have that is not used.

    `tables` has the left and possibly the right table.
    """

    tables: list[pa.Table]
    columns: ColumnsMap
    dropped: DroppedCounts

    @property
    def sides(self) -> tuple[pa.Table, pa.Table | None]:
        """The left table, and the right one or None."""
        return self.tables[0], self.tables[1] if len(self.tables) > 1 else None

    def list_groups(self) -> set[str]:
        """Return the groupings that the columns map names for these tables."""
        sides = SIDES[: len(self.tables)]
        return {name for side in sides for name in self.columns.for_side(side).groups}

    def read_groups(self) -> dict[str, dict[str, str]]:
        """Return, for each grouping, the group of each mention."""
        groups: dict[str, dict[str, str]] = {}
        for side, table in zip(SIDES, self.tables, strict=False):
            own = self.columns.for_side(side)
            keys = [f"{side}|{key}" for key in table[own.key].to_pylist()]
            for name, values in read_groups(table, own.groups, keys).items():
                groups[name] = groups.get(name, {}) | values
        return groups


def read_checked_tables(left: Path, right: Path | None, columns: ColumnsMap) -> CheckedTables:
    """Read one or two person tables; raise `PersonsError` that names file, record and column.

    Refused are keys that two records have, unknown sources, and dates of no known form.
    """
    tables, counts = [], []
    for path, side in zip([left, *([right] if right else [])], SIDES, strict=False):
        own = columns.for_side(side)
        table = read_person_table(path)
        require_mapped_columns(table, own, path.name)
        records = list(range(1, table.num_rows + 1))
        rows = keep_keyed(FileTable(path, table, "record", records), [own.key])
        rows.require_unique(own.key)
        _check_values(rows, own)
        tables.append(rows.table)
        counts.append(asdict(count_unused_cells(rows.table, own, rows.keyless_count)))
    total = {name: sum(each[name] for each in counts) for name in counts[0]}
    return CheckedTables(tables, columns, DroppedCounts(**total))


def read_groups(table: pa.Table, names: list[str], keys: list[str]) -> dict[str, dict[str, str]]:
    """Return, for each grouping that the table has, the group of each key."""
    return {
        name: {
            key: str(value)
            for key, value in zip(keys, table[name].to_pylist(), strict=True)
            if value is not None
        }
        for name in names
        if name in table.column_names
    }


def _check_values(rows: FileTable, columns: ColumnsMap) -> None:
    if columns.source and columns.source not in SOURCES:
        rows.require_values(columns.source, SOURCES)
    births = columns.birth_date
    for name in [births] if isinstance(births, str) else births or ():
        rows.refuse_rows(
            (
                not all(has_date_form(text, columns) for text in split_cell(cell or "", columns))
                for cell in rows.list_texts(name)
            ),
            f"{name} has a date of another form than {columns.birth_date_format or DATE_FORMS}",
        )
    if columns.received_at:
        rows.refuse_rows(
            (
                cell is not None and not _is_time(cell)
                for cell in rows.list_texts(columns.received_at)
            ),
            f"{columns.received_at} is no ISO 8601 time",
        )


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
