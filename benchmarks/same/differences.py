"""The comparison of two published generations, in both directions: tables, columns and rows.

`benchmarks.same.__main__` makes the generations.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.same.announced import ANNOUNCED, VARYING, Announcement, Varying
from register.data_keys import KeyRing
from register.databases import attach_database, is_encrypted

FILES = ("national_register", "case_lists")
FRACTIONS = ("DOUBLE", "FLOAT")
# Threads add fractions in varying order, which changes the last digits of a sum. Nine digits must
# agree.
RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-12

Columns = dict[str, str]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """A table that differs, and how it differs."""

    table: str
    detail: str


@dataclass(frozen=True)
class Compared:
    """The number of compared tables and rows, and the tables that differ."""

    table_count: int
    row_count: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class _Pair:
    """A column's name before and after; with `is_varying`, only its nulls are compared."""

    before: str
    after: str
    data_type: str
    is_varying: bool


def compare_generations(
    before: Path,
    after: Path,
    varying: Sequence[Varying] = VARYING,
    announced: Sequence[Announcement] = ANNOUNCED,
    ring: KeyRing | None = None,
) -> Compared:
    """Compare every table of two folders of published files.

    Rows are counted, so a row that occurs twice differs from a row that occurs once. Fractions are
    compared to nine significant digits. The keys of `ring` open encrypted files. Raises
    `FileNotFoundError` if a folder lacks the published files.
    """
    table_count, row_count = 0, 0
    differences: list[Difference] = []
    for name in FILES:
        with duckdb.connect() as connection:
            for alias, folder in (("before", before), ("after", after)):
                path = folder / f"{name}.duckdb"
                if not path.is_file():
                    raise FileNotFoundError(path)
                if ring is not None and is_encrypted(path):
                    attach_database(connection, ring, path, alias, read_only=True)
                else:
                    connection.execute(f"attach '{path}' as {alias} (read_only)")
            comparison = _Comparison(connection, varying, announced)
            tables = comparison.list_tables()
            table_count += len(tables)
            for table in tables:
                row_count += comparison.row_count(table)
                differences += [Difference(table, detail) for detail in comparison.details(table)]
    return Compared(table_count, row_count, tuple(differences))


class _Comparison:
    """The comparison of two databases, attached as `before` and `after`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        varying: Sequence[Varying],
        announced: Sequence[Announcement],
    ) -> None:
        self.connection = connection
        self.varying = {(entry.table, entry.column) for entry in varying}
        self.names = [(entry.before, entry.after) for entry in announced]
        self.before, self.after = self._columns("before"), self._columns("after")

    def list_tables(self) -> list[str]:
        """Return all tables that either side has, under their names in the later version."""
        old_names = {self._name_before(table) for table in self.after}
        return sorted(self.after.keys() | (self.before.keys() - old_names))

    def row_count(self, table: str) -> int:
        """Return a table's number of rows after the change, or before it if the table is gone."""
        side = f"after.{table}" if table in self.after else f"before.{table}"
        row = self.connection.execute(f"select count(*) from {side}").fetchone()
        return int(row[0]) if row else 0

    def details(self, table: str) -> list[str]:
        """Return the differences within a table; empty if there are none."""
        old_name = self._name_before(table)
        if table not in self.after:
            return ["the table is missing after"]
        if old_name not in self.before:
            is_announced = (None, table) in self.names
            return [] if is_announced else ["the table is missing before"]
        details = self._column_details(table, old_name)
        row_groups = [
            pair
            for pair in self._pair_columns(table, old_name)
            if pair.data_type == self.after[table][pair.after]
        ]
        return details + self._row_details(table, old_name, row_groups)

    def _columns(self, database: str) -> dict[str, Columns]:
        rows = self.connection.execute(
            "select table_schema || '.' || table_name, column_name, data_type"
            " from information_schema.columns where table_catalog = ? order by ordinal_position",
            [database],
        ).fetchall()
        columns: dict[str, Columns] = {}
        for table, column, data_type in rows:
            columns.setdefault(table, {})[column] = data_type
        return columns

    def _name_before(self, table: str) -> str:
        if table in self.before:
            return table
        return next((old for old, new in self.names if new == table and old), table)

    def _column_details(self, table: str, old_name: str) -> list[str]:
        before, after = self.before[old_name], self.after[table]
        renamed = self._renamed(table, old_name)
        news = {new for old, new in self.names if old is None}
        details = []
        if absent := [name for name in before if name not in after and name not in renamed]:
            details.append(f"columns missing after: {', '.join(absent)}")
        known = {*before, *renamed.values(), *(name for name in after if f"{table}.{name}" in news)}
        if added := [name for name in after if name not in known]:
            details.append(f"columns missing before: {', '.join(added)}")
        if not details:
            order = [renamed.get(name, name) if name not in after else name for name in before]
            if order != [name for name in after if name in order]:
                details.append("the columns are in another order")
        details += [
            f"{pair.after} was {pair.data_type} and is {after[pair.after]}"
            for pair in self._pair_columns(table, old_name)
            if pair.data_type != after[pair.after]
        ]
        return details

    def _renamed(self, table: str, old_name: str) -> dict[str, str]:
        """Return a table's announced new column names, by old name, if both columns exist."""
        return {
            column: new.removeprefix(f"{table}.")
            for column in self.before[old_name]
            for old, new in self.names
            if old == f"{old_name}.{column}" and new.removeprefix(f"{table}.") in self.after[table]
        }

    def _pair_columns(self, table: str, old_name: str) -> list[_Pair]:
        after, renamed = self.after[table], self._renamed(table, old_name)
        return [
            _Pair(column, new, data_type, (table, new) in self.varying)
            for column, data_type in self.before[old_name].items()
            for new in dict.fromkeys((column, renamed.get(column, column)))
            if new in after
        ]

    def _row_details(self, table: str, old_name: str, pairs: list[_Pair]) -> list[str]:
        before, after = (
            ", ".join(_compared(getattr(pair, side), pair.is_varying) for pair in pairs)
            for side in ("before", "after")
        )
        queries = (
            f"select {before} from before.{old_name}",
            f"select {after} from after.{table}",
        )
        if not pairs:
            return []
        only_before = self._except_all(*queries)
        only_after = self._except_all(*reversed(queries))
        fractions = [not pair.is_varying and pair.data_type in FRACTIONS for pair in pairs]
        return _remainder_details(only_before, only_after, pairs, fractions)

    def _except_all(self, query: str, other: str) -> list[Row]:
        return self.connection.execute(f"{query} except all {other}").fetchall()


def _compared(column: str, is_varying: bool) -> str:
    return f'"{column}" is null' if is_varying else f'"{column}"'


def _remainder_details(
    only_before: list[Row], only_after: list[Row], pairs: list[_Pair], fractions: list[bool]
) -> list[str]:
    """Return the differences of rows that have no equal row (to nine digits) on the other side."""
    left = _group_rows(only_before, fractions)
    right = _group_rows(only_after, fractions)
    counts: Counter[str] = Counter()
    changed = 0
    for key in left.keys() & right.keys():
        for row, other in zip(left[key], right[key], strict=False):
            unequal = [
                pair.after
                for pair, value, new, is_fraction in zip(pairs, row, other, fractions, strict=True)
                if is_fraction and not _is_close(value, new)
            ]
            changed += bool(unequal)
            counts.update(unequal)
    lost, new = (_unpaired(*sides) for sides in ((left, right), (right, left)))
    details = []
    if lost or new:
        details.append(f"rows only before: {lost}, rows only after: {new}")
        shared = _columns_that_differ(only_before, only_after, pairs) if lost == new else []
        if shared:
            details.append(f"columns whose values differ: {', '.join(shared)}")
    if changed:
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
        details.append(f"rows with other fractions: {changed}, in {listed}")
    return details


def _group_rows(rows: list[Row], fractions: list[bool]) -> dict[Row, list[Row]]:
    """Group rows by all values except fractions; each group is sorted by its fractions."""
    groups: dict[Row, list[Row]] = {}
    for row in rows:
        key = tuple(
            repr(value)
            for value, is_fraction in zip(row, fractions, strict=True)
            if not is_fraction
        )
        groups.setdefault(key, []).append(row)
    for group in groups.values():
        group.sort(key=lambda row: _fractions_of(row, fractions))
    return groups


def _fractions_of(row: Row, fractions: list[bool]) -> tuple[float, ...]:
    return tuple(
        -math.inf if value is None or math.isnan(value) else value
        for value, is_fraction in zip(row, fractions, strict=True)
        if is_fraction
    )


def _unpaired(groups: dict[Row, list[Row]], others: dict[Row, list[Row]]) -> int:
    return sum(max(0, len(rows) - len(others.get(key, ()))) for key, rows in groups.items())


def _columns_that_differ(left: list[Row], right: list[Row], pairs: list[_Pair]) -> list[str]:
    """Return the columns whose values differ between the two sides, in whatever order the rows are.

    Columns of fractions are left out.
    """
    return [
        pair.after
        for position, pair in enumerate(pairs)
        if pair.data_type not in FRACTIONS
        and Counter(repr(row[position]) for row in left)
        != Counter(repr(row[position]) for row in right)
    ]


def _is_close(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    if math.isnan(value) or math.isnan(other):
        return math.isnan(value) and math.isnan(other)
    return math.isclose(value, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
