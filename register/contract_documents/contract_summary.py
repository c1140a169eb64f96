"""Summaries of contracts: what a vendor's export depends on, and how two summaries differ.

A summary has no wording, so a change of wording changes no summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from register.feeds import (
    Column,
    Contract,
    Layout,
    LayoutColumn,
    Table,
    list_layout_tables,
    list_written_columns,
    read_code_meanings,
)

OPTIONAL = "optional"
REQUIRED = "required"
# A period after every first period of a column, so that the names of all columns are listed.
LATEST = "9999"
Summary = dict[str, dict[str, Any]]


class Level(IntEnum):
    """How far a change concerns vendors, in the parts of a semantic version."""

    NONE = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True)
class ContractChange:
    """A difference between two versions of a contract."""

    level: Level
    place: str
    change: str


def summarise_contract(contract: Contract, layouts: list[Layout], seeds: Path) -> Summary:
    """Return the tables, columns, headings, file forms and codes of a contract.

    `layouts` may include those of other feeds.
    """
    own = [layout for layout in layouts if layout.feed == contract.id]
    return {
        "tables": {
            table.name: OPTIONAL if table.custom.is_file_optional else REQUIRED
            for table in contract.tables
        },
        "columns": {
            f"{table.name}.{column.name}": _summarise_column(column)
            for table in contract.tables
            for column in table.properties
        },
        "layouts": {layout.layout_name: _summarise_form(layout) for layout in own},
        "headings": {
            f"{layout.layout_name}.{table.name}.{item.name}": [
                item.field,
                item.part or "",
                REQUIRED if item.is_required else OPTIONAL,
            ]
            for layout in own
            for table in list_layout_tables(layout)
            for item in _list_own_headings(layout, table)
        },
        "codes": {
            f"{layout.layout_name}.{name}": sorted(read_code_meanings(seeds, layout, name))
            for layout in own
            for name in _list_code_maps(layout)
        },
    }


def compare_summaries(before: Summary, after: Summary) -> list[ContractChange]:
    """Return the changes from one summary to another, in order of place."""
    known = before["layouts"]
    changes = [
        *_compare_parts("table", before["tables"], after["tables"]),
        *_compare_parts("column", before["columns"], after["columns"]),
        *_compare_parts("layout", known, after["layouts"]),
        *_compare_parts("heading", before["headings"], after["headings"]),
        *_compare_codes(before["codes"], after["codes"]),
    ]
    # A new layout changes nothing for the vendors of other systems.
    return [item for item in changes if not _is_of_new_layout(item, known)]


def _is_of_new_layout(change: ContractChange, known: Mapping[str, Any]) -> bool:
    kind, _, place = change.place.partition(" ")
    return kind in {"layout", "heading", "codes"} and place.partition(".")[0] not in known


def _summarise_column(column: Column) -> list[str]:
    """Return the column's type and pattern, and whether it and its values are required."""
    present_from = column.custom.present_from
    return [
        column.logicalType,
        column.pattern.pattern if column.pattern else "",
        f"{REQUIRED} from {present_from}" if present_from else column.custom.presence,
        REQUIRED if column.required else OPTIONAL,
    ]


def _list_own_headings(layout: Layout, table: Table) -> list[LayoutColumn]:
    """Return a layout's columns; none if their headings are the names of the contract's columns."""
    written = list_written_columns(layout, table, LATEST)
    return written if any(item.name.casefold() != item.field for item in written) else []


def _summarise_form(layout: Layout) -> dict[str, Any]:
    form = layout.model_dump(mode="json", exclude_defaults=True)
    for key in ("layout_name", "feed", "description", "columns"):
        form.pop(key, None)
    return form


def _list_code_maps(layout: Layout) -> list[str]:
    columns = [column for table in list_layout_tables(layout) for column in table.properties]
    return sorted({name for column in columns if (name := column.custom.code_map)})


def _compare_parts(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ContractChange]:
    for name in sorted(before.keys() | after.keys()):
        place = f"{kind} {name}"
        if name not in after:
            yield ContractChange(Level.MAJOR, place, "removed")
        elif name not in before:
            is_optional = not _is_demanded(after[name])
            yield ContractChange(Level.MINOR if is_optional else Level.MAJOR, place, "added")
        elif before[name] != after[name]:
            is_looser = _drop_demands(before[name]) == _drop_demands(
                after[name]
            ) and not _demands_more(before[name], after[name])
            yield ContractChange(Level.MINOR if is_looser else Level.MAJOR, place, "changed")


def _list_demands(part: Any) -> list[str]:
    texts = [part] if isinstance(part, str) else part if isinstance(part, list) else []
    return [text for text in texts if text.startswith((REQUIRED, OPTIONAL))]


def _is_demanded(part: Any) -> bool:
    return any(text != OPTIONAL for text in _list_demands(part))


def _demands_more(before: Any, after: Any) -> bool:
    pairs = zip(_list_demands(before), _list_demands(after), strict=True)
    return any(each not in (old, OPTIONAL) for old, each in pairs)


def _drop_demands(part: Any) -> Any:
    """Return a part without what may change to `optional` in a minor version."""
    demands = _list_demands(part)
    if isinstance(part, list):
        return [OPTIONAL if text in demands else text for text in part]
    return OPTIONAL if demands else part


def _compare_codes(
    before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> Iterator[ContractChange]:
    for name in sorted(before.keys() | after.keys()):
        old, current = set(before.get(name, ())), set(after.get(name, ()))
        for code in sorted(old - current):
            yield ContractChange(Level.MAJOR, f"codes {name}", f"{code} removed")
        for code in sorted(current - old):
            yield ContractChange(Level.MINOR, f"codes {name}", f"{code} added")
