"""Every published column of the pinned nation has the values that it had when somebody last looked.

A change of a rule moves figures. This says which columns moved, so that none moves unseen.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from register.settings import PROJECT_ROOT
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import tables

PINNED = Path(__file__).with_name("published_columns.csv")
PUBLISHED_FILES = ("national_register", "case_lists")
HEADING = ("table", "column", "row_count", "value_count", "checksum")
# What tells one load from another, and so is never the same twice.
OF_ONE_LOAD = {
    "quality.agg_identity_churn_by_generation",
    "register.published_generation",
    "operations.published_generation",
}
COLUMNS_OF_ONE_LOAD = {
    ("register.dim_child_keys", "first_generation_id"),
    ("register.fct_identity_events", "generation_id"),
    ("register.fct_identity_events", "occurred_at"),
}
Columns = dict[tuple[str, str], tuple[str, ...]]


def read_columns(folder: Path) -> Columns:
    """Return row count, count of values and checksum of each published column, as text.

    The checksum is of the column beside the table's first one, its key or the first part of it, so
    that values which change places among rows are seen; it does not depend on the order of rows.
    """
    columns = {}
    for database in PUBLISHED_FILES:
        with duckdb.connect(str(folder / f"{database}.duckdb"), read_only=True) as connection:
            for table in set(tables(folder, database)) - OF_ONE_LOAD:
                names = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
                sums = ", ".join(
                    f'count("{name}"), md5(sum(hash("{names[0]}", "{name}"))::varchar)'
                    for name in names
                )
                row_count, *values = connection.execute(
                    f"select count(*), {sums} from {table}"
                ).fetchall()[0]
                for place, name in enumerate(names):
                    found = (row_count, *values[2 * place : 2 * place + 2])
                    columns[table, name] = tuple(str(value) for value in found)
    return {key: columns[key] for key in columns if key not in COLUMNS_OF_ONE_LOAD}


def _pinned() -> Columns:
    if not PINNED.exists():
        return {}
    with PINNED.open(encoding="utf-8", newline="") as stream:
        heading, *rows = csv.reader(stream)
    assert tuple(heading) == HEADING
    return {(table, column): tuple(values) for table, column, *values in rows}


def test_no_published_column_moves_unseen(nation: Nation) -> None:
    """Prevents a figure that changes with a rule, a seed or a library, and nobody looks at it."""
    found = read_columns(nation.built)
    current = PROJECT_ROOT / "build" / PINNED.name
    current.parent.mkdir(exist_ok=True)
    with current.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADING)
        writer.writerows([*key, *found[key]] for key in sorted(found))
    pinned = _pinned()
    moved = sorted(
        ".".join(key) for key in found.keys() | pinned.keys() if found.get(key) != pinned.get(key)
    )
    assert moved == [], (
        f"{len(moved)} columns have other values. If every one of them is meant to:"
        f" cp {current} {PINNED}"
    )
