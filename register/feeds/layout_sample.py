"""Sample files in a layout, with only the heading or with one invented record.

Values are the contract's examples, and never values of a delivery. Reading files belongs in
`register.feeds.readers`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from register.feeds.contract import Column, Table, load_contracts
from register.feeds.dates import LONDON
from register.feeds.layout import Layout, list_layout_columns
from register.feeds.layout_parts import CODE_JOINER, LayoutColumn
from register.feeds.seeds import read_code_meanings
from register.reproducible_zip import make_reproducible
from register.spreadsheet import safe_row

QUOTING: dict[str, Literal[0, 1, 3]] = {
    "minimal": csv.QUOTE_MINIMAL,
    "all": csv.QUOTE_ALL,
    "none": csv.QUOTE_NONE,
}
CASE_SYSTEM = "case_system"
# For each feed, a period for examples. It determines file names, and which columns are required.
EXAMPLE_PERIODS = {
    "police_reports": "2026-10",
    "authority_extract": "2026-Q3",
    "authority_return": "2025-26",
    "published_statistics": "2026",
}


def list_layout_tables(layout: Layout) -> tuple[Table, ...]:
    """Return the tables that a layout writes: a single table, or all tables of the feed."""
    tables = load_contracts()[layout.feed].table_by_name
    filled = dict.fromkeys(str(part.file.table_name) for part in layout.parts)
    return tuple(tables[name] for name in filled)


def list_written_columns(layout: Layout, table: Table, period: str) -> list[LayoutColumn]:
    """Return the columns of a table as the system writes them.

    The column names of a statutory return are in upper case.
    """
    columns = list_layout_columns(layout.select_table(table.name), table, period)
    columns = [column for column in columns if column.name]
    if layout.feed != "authority_return":
        return columns
    return [column.model_copy(update={"name": column.name.upper()}) for column in columns]


def invent_record(
    layout: Layout,
    table: Table,
    period: str,
    seeds: Path,
    changes: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return an invented record of a table by heading, in the system's notation.

    `changes` has values to use in place of the contract's examples, by field and in the same form.
    """
    record: dict[str, str] = {}
    columns = list_written_columns(layout, table, period)
    for column in columns:
        same = [item for item in columns if item.field == column.field]
        field = table.columns[column.field]
        if changes and column.field in changes:
            field = field.model_copy(update={"examples": (changes[column.field],)})
        text = _write_example(layout, field, column, same.index(column), seeds)
        mark = column.before or column.after
        if mark and column.name in record:
            first, last = record[column.name], text
            text = f"{first}{mark} {last}" if column.after else f"{last}{mark} {first}"
        record[column.name] = text
    return record


def render_file(layout: Layout, headings: Sequence[str], records: Sequence[Sequence[str]]) -> bytes:
    """Return the bytes of a file in the layout's encoding, with its separators and footer."""
    form = layout.file
    if form.form == "xlsx":
        return _render_workbook(str(form.sheet_name), [headings, *records])
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=form.delimiter,
        quotechar=form.quote_character,
        quoting=QUOTING[form.quoting if form.quote_character else "none"],
        lineterminator=form.line_terminator,
    )
    writer.writerows(safe_row(row) for row in [headings, *records])
    if form.footer:
        text.write(form.footer.text.format(row_count=len(records)) + form.line_terminator)
    mark = "\ufeff" if form.byte_order_mark else ""
    return (mark + text.getvalue()).encode(form.encoding)


def name_file(layout: Layout, table: Table, period: str) -> str:
    """Return the name that the system gives to the file of a table."""
    form = layout.select_table(table.name).file
    return form.file_name.format(period=period, table=table.name)


def _render_workbook(sheet_name: str, rows: Sequence[Sequence[str]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = sheet_name
    for row in rows:
        sheet.append(safe_row(row))
    stored = io.BytesIO()
    book.save(stored)
    return make_reproducible(stored.getvalue())


def _write_example(
    layout: Layout, column: Column, place: LayoutColumn, number: int, seeds: Path
) -> str:
    """Return the example of a field, as it is written in the field's column `number` (from 0)."""
    if column.name == CASE_SYSTEM and layout.case_systems:
        return layout.case_systems[0]
    if column.custom.code_map:
        code = _choose_code(layout, column, seeds)
        parts = code.split(CODE_JOINER) if place.part == "joined" else [code]
        return parts[number] if number < len(parts) else ""
    example = column.examples[0] if column.examples else ""
    if column.logicalType == "string" or not example:
        return (
            example.replace("|", layout.alias_separator) if column.custom.is_repeatable else example
        )
    return _write_moment(layout, column, place, datetime.fromisoformat(example))


def _choose_code(layout: Layout, column: Column, seeds: Path) -> str:
    """Return the layout's first code that means the same as the contract's example.

    If the contract has no example, the layout's first code is returned. Any part of the code that
    depends on a date is left out.
    """
    meanings = read_code_meanings(seeds, layout, str(column.custom.code_map))
    fitting = [code for code, meaning in meanings.items() if meaning in column.examples]
    code = next(iter(fitting or ([] if column.examples else meanings)), "")
    for dated in layout.dated_codes:
        if dated.field == column.name:
            for period in dated.periods:
                code = "" if code == period.code else code.removesuffix(CODE_JOINER + period.code)
    return code


def _write_moment(layout: Layout, column: Column, place: LayoutColumn, moment: datetime) -> str:
    local = moment.replace(tzinfo=LONDON)
    if layout.time_zone == "UTC" and column.logicalType == "timestamp":
        local = local.astimezone(UTC)
    if place.part == "time":
        return local.strftime(str(layout.time_format))
    is_day = place.part == "date" or column.logicalType == "date"
    return local.strftime(layout.date_format if is_day else layout.moment_format)
