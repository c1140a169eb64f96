"""Invented deliveries in a layout, and small changes to them.

Records are the contract's examples, with references and dates of birth of their own. What a change
breaks belongs in the modules of faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from register.feeds import (
    Column,
    Layout,
    Table,
    invent_record,
    list_layout_tables,
    list_written_columns,
    name_file,
    render_file,
)

# The number of records of a table, unless a fault needs more.
RECORDS = 3
# The only table of an extract that has one record.
VERSION_TABLE = "ssd_version"


@dataclass(frozen=True)
class ExpectedFinding:
    """A line of feedback that a sample must get. Texts are empty if the line has no such place."""

    rule_code: str
    file: str = ""
    line: str = ""
    element: str = ""
    column: str = ""
    table: str = ""
    is_quarantined: bool = False


@dataclass(frozen=True)
class Sample:
    """A delivery with what its check must find. The place is its setting's, unless it is given."""

    files: dict[str, bytes]
    findings: tuple[ExpectedFinding, ...] = ()
    landed_row_count: int = 0
    feed: str = ""
    supplier_code: str = ""
    period: str = ""


@dataclass(frozen=True)
class Setting:
    """A layout with a supplier that uses it, and a period."""

    layout: Layout
    supplier_code: str
    period: str
    seeds: Path

    def invent_delivery(self, count: int = RECORDS) -> SampleDelivery:
        """Return a delivery with `count` invented records in each table."""
        tables = {
            table.name: self._invent_table(table, 1 if table.name == VERSION_TABLE else count)
            for table in list_layout_tables(self.layout)
        }
        return SampleDelivery(self, tables)

    def _invent_table(self, table: Table, count: int) -> SampleTable:
        headings = list(self.invent_record(table, {}))
        changes = [_vary_record(table, number) for number in range(count)]
        rows = [list(self.invent_record(table, each).values()) for each in changes]
        return SampleTable(table, headings, rows, changes)

    def invent_record(self, table: Table, changes: dict[str, str]) -> dict[str, str]:
        """Return a record by heading, with changed values in the contract's form."""
        return invent_record(self.layout, table, self.period, self.seeds, changes)


def _vary_record(table: Table, number: int) -> dict[str, str]:
    """Return the values in which record `number` (from 0) differs from the contract's examples."""
    if number == 0:
        return {}
    identifying = {name for names in table.identifying_columns for name in names}
    changes = {}
    for name, column in table.columns.items():
        example = column.examples[0] if column.examples else ""
        is_reference = column.required or column.relationships or name in identifying
        if example and column.custom.is_birth:
            born = date.fromisoformat(example) + timedelta(days=number)
            changes[name] = born.isoformat()
        elif example and column.custom.number_of and is_reference:
            changes[name] = f"{example}{number + 1}"
    return changes


@dataclass
class SampleTable:
    """The headings and rows of a table, in the system's notation. Both may be changed."""

    table: Table
    headings: list[str]
    rows: list[list[str]]
    changes: list[dict[str, str]]


@dataclass(frozen=True)
class Place:
    """A column of a table that one delivered column fills by itself."""

    table: str
    column: Column
    heading: str


@dataclass
class SampleDelivery:
    """An invented delivery that a fault may change before its files are written."""

    setting: Setting
    tables: dict[str, SampleTable]
    lost_count: int = field(default=0)

    def find_place(self, fits: Callable[[Table, Column], bool]) -> Place | None:
        """Return the first column that fits, of a table with several records; None if none does."""
        layout, period = self.setting.layout, self.setting.period
        for name, sample in self.tables.items():
            if name == VERSION_TABLE:
                continue
            written = list_written_columns(layout, sample.table, period)
            for item in written:
                is_alone = sum(item.field == each.field for each in written) == 1
                is_plain = not (item.part or item.before or item.after)
                column = sample.table.columns[item.field]
                if is_alone and is_plain and fits(sample.table, column):
                    return Place(name, column, item.name)
        return None

    def write_text(self, place: Place, row: int, text: str) -> None:
        """Write a text into a cell, whatever the column's form."""
        sample = self.tables[place.table]
        sample.rows[row][sample.headings.index(place.heading)] = text

    def read_text(self, place: Place, row: int) -> str:
        """Return the text of a cell."""
        sample = self.tables[place.table]
        return sample.rows[row][sample.headings.index(place.heading)]

    def change_record(self, table: str, row: int, **changes: str) -> None:
        """Change values of a record, given in the contract's form."""
        sample = self.tables[table]
        sample.changes[row] |= changes
        record = self.setting.invent_record(sample.table, sample.changes[row])
        sample.rows[row] = [record.get(heading, "") for heading in sample.headings]

    def name_file(self, table: str) -> str:
        """Return the name of a table's file."""
        return name_file(self.setting.layout, self.tables[table].table, self.setting.period)

    def render_file(self, table: str, layout: Layout | None = None) -> bytes:
        """Return the bytes of a table's file, in another layout if one is given."""
        sample = self.tables[table]
        return render_file(layout or self.setting.layout, sample.headings, sample.rows)

    def render_files(self) -> dict[str, bytes]:
        """Return the bytes of all files by name."""
        return {self.name_file(name): self.render_file(name) for name in self.tables}

    def _drop_tables(self, but: set[str]) -> None:
        for name, sample in list(self.tables.items()):
            if sample.table.custom.is_file_optional and name not in but:
                del self.tables[name]

    def find_in_file(
        self, rule_code: str, table: str, row: int | None = None, field: str = ""
    ) -> ExpectedFinding:
        """Return the finding about a table's file, at a record (from 0) and a column if given."""
        return ExpectedFinding(
            rule_code,
            self.name_file(table),
            str(row + 2) if row is not None else "",
            column=str(self.setting.layout.find_heading(field)) if field else "",
            table=table,
        )

    def lose_record(self, rule_code: str, table: str, row: int, field: str = "") -> ExpectedFinding:
        """Return the finding about a record that is quarantined, and count the record as lost."""
        self.lost_count += 1
        finding = self.find_in_file(rule_code, table, row, field)
        return replace(finding, is_quarantined=True)

    def build_sample(
        self, *findings: ExpectedFinding, files: dict[str, bytes] | None = None
    ) -> Sample:
        """Return the sample of this delivery; `files` replace or add to its files.

        A bad sample has no table that may be missing, except those with a finding.
        """
        if findings:
            self._drop_tables({finding.table for finding in findings})
        received = sum(len(sample.rows) for sample in self.tables.values())
        return Sample(self.render_files() | (files or {}), findings, received - self.lost_count)
