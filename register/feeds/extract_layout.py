"""The layout of an authority's extract, which its version file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from register.feeds.checks import FieldChecks
from register.feeds.contract import Contract
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.layout import Layout, find_extract_layout, load_usable_layouts
from register.feeds.tables import RawTable
from register.feeds.texts import clean_texts

if TYPE_CHECKING:
    from register.feeds.parse_delivery import DeliveryReader


def choose_extract_layout(
    reading: DeliveryReader, by_table: dict[str, list[SourceFile]], version_table: str
) -> tuple[Layout, bool]:
    """Return the layout of the case system that the version file names, and true.

    Without a readable version file, the layout that reads the files best is used to find their
    other faults, and the second item is false.
    """
    # The version file has no dates, so any layout can read it.
    read = partial(
        reading.read_delimited_table,
        layout=reading.load_layout("liquidlogic"),
        table_name=version_table,
    )
    versions = reading.read_files(read, by_table.get(version_table, [])[:1])
    context = reading.context
    for version in versions.values():
        case_system = version.read_first_value("case_system") or ""
        layout = context.layout or find_extract_layout(case_system, context.layouts)
        if layout is not None:
            return layout, True
        reading.faults.append(Rejection(Rule.NO_LAYOUT, version.file, 2, "case_system"))

    def count_faults(layout: Layout) -> int:
        trial = replace(reading, faults=[])
        tables = trial.read_delimited_tables(by_table, layout)
        broken = _count_unreadable_dates(tables, reading.contract, layout, context.seeds)
        return broken + len(trial.faults) + sum(len(table.faults) for table in tables)

    feed = reading.contract.name
    layouts = [item for item in load_usable_layouts(context.layouts) if item.feed == feed]
    return min(layouts, key=count_faults), False


def _count_unreadable_dates(
    raws: Sequence[RawTable], contract: Contract, layout: Layout, seeds: Path
) -> int:
    """Return how many dates of raw tables cannot be read in a layout."""
    checks = FieldChecks(layout, seeds)
    count = 0
    for raw in raws:
        columns = contract.table_by_name[raw.table_name].columns
        for heading, texts in zip(raw.headings, raw.columns, strict=True):
            column = columns.get(heading.casefold())
            if column is not None and column.logicalType != "string":
                count += int(checks.check_column(column, clean_texts(texts)).is_broken.sum())
    return count
