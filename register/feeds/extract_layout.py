"""The layout of an authority's extract, which its version file names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from register.feeds.checks import FieldChecks
from register.feeds.contract import Contract
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.layout import (
    VERSION_TABLE,
    Layout,
    find_extract_layout,
    load_usable_layouts,
)
from register.feeds.layout_reading import DeliveryReader
from register.feeds.tables import RawTable
from register.feeds.texts import clean_texts


def choose_extract_layout(
    reading: DeliveryReader, by_table: dict[str, list[SourceFile]]
) -> tuple[Layout, bool]:
    """Return the layout of the case system that the version file names, and true.

    Without a readable version file, the layout that reads the files best is used to find their
    other faults, and the second item is false.
    """
    # The version file has no dates, so any layout can read it.
    own = {VERSION_TABLE: by_table.get(VERSION_TABLE, [])[:1]}
    versions = reading.read_named_tables(reading.load_layout("liquidlogic"), own)
    context = reading.context
    for version in versions:
        case_system = version.read_first_value("case_system") or ""
        layout = find_extract_layout(case_system, context.layouts)
        if layout is not None:
            return layout, True
        reading.faults.append(Rejection(Rule.NO_LAYOUT, version.file, 2, "case_system"))

    def count_faults(layout: Layout) -> int:
        trial = replace(reading, faults=[])
        tables = trial.read_named_tables(layout, by_table)
        broken = _count_unreadable_dates(tables, reading.contract, layout, context.seeds)
        return broken + len(trial.faults) + sum(len(table.faults) for table in tables)

    feed = reading.contract.name
    known = load_usable_layouts(context.layouts)
    layouts = [item for item in known if item.feed == feed and not item.tables]
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
