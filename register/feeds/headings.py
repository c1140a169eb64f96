"""Which of a file's columns is which field: the layout's headings, or the contract's names.

Upper and lower case and spaces around a heading do not matter. Values are not looked at.
"""

from __future__ import annotations

import pyarrow as pa

from register.feeds.contract import Table
from register.feeds.layout import Layout, LayoutColumn
from register.feeds.readers.raw_table import RawTable
from register.feeds.rules import Rejection, Rule

PART_ORDER = {None: 0, "date": 0, "time": 1}


def expected_columns(layout: Layout, table: Table, period: str) -> list[LayoutColumn]:
    """The headings that a file may have, and which of them it must have."""
    if layout.columns:
        return list(layout.columns)
    return [
        LayoutColumn(name=name, field=name, is_required=column.must_be_there(period))
        for name, column in table.columns.items()
    ]


def heading_of(layout: Layout, field: str | None) -> str | None:
    """The heading under which a supplier knows a field (the date's, where it is split)."""
    names = [column.name for column in layout.columns if column.field == field]
    return names[0] if names else field


def field_columns(
    raw: RawTable, table: Table, layout: Layout, period: str
) -> tuple[dict[str, list[pa.Array]], list[str]]:
    """The columns of each field that the file has (date before time), and the unknown headings.

    Raises `Rejection` for a heading that occurs twice or a required one that is missing. Only
    a complete heading line is quoted: one that is not may be a record of a child.
    """
    present = [heading.casefold() for heading in raw.headings]
    expected = expected_columns(layout, table, period)
    known = {column.name.casefold(): column for column in expected}
    for column in expected:
        times = present.count(column.name.casefold())
        if times > 1:
            raise Rejection(Rule.DUPLICATE_COLUMN, raw.file, 1, column.name)
        if times == 0 and column.is_required and not raw.is_sparse:
            raise Rejection(Rule.MISSING_REQUIRED_COLUMN, raw.file, 1, column.name)
    found: dict[str, list[tuple[int, pa.Array]]] = {}
    unknown = []
    for heading, array in zip(raw.headings, raw.columns, strict=True):
        layout_column = known.get(heading.casefold())
        if layout_column is None:
            unknown.append(heading)
        else:
            order = PART_ORDER[layout_column.part]
            found.setdefault(layout_column.field, []).append((order, array))
    ordered = {
        name: [array for _, array in sorted(parts, key=lambda part: part[0])]
        for name, parts in found.items()
    }
    return ordered, [heading for heading in unknown if heading]
