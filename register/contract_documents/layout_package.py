"""Data packages (2.0) of the sample files of a layout: dialects, table schemas, foreign keys.

A vendor puts its own files in place of the samples, and validates the package with any tool that
reads data packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from register.contract_documents.written_columns import WrittenColumn, list_columns
from register.data_packages import CSV, PROFILE
from register.feeds import Layout, Table, list_layout_tables, list_written_columns, load_contracts

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def build_layout_package(
    layout: Layout, paths: Mapping[str, str], period: str, seeds: Path
) -> dict[str, Any]:
    """Return the data package of a layout. `paths` has the path of each table's file."""
    contract = load_contracts()[layout.feed]
    tables = list_layout_tables(layout)
    return {
        "$schema": PROFILE.format("datapackage"),
        "name": f"{layout.feed}-{layout.layout_name}".replace("_", "-"),
        "title": f"{layout.feed} as {layout.layout_name} writes it",
        "description": f"{contract.description.purpose} {layout.description}",
        "version": contract.version,
        "resources": [
            {
                "name": table.name,
                "description": table.description,
                "path": paths[table.name],
                **_describe_file(layout),
                "dialect": _describe_dialect(layout),
                "schema": _build_table_schema(layout, table, period, seeds),
            }
            for table in tables
        ],
    }


def _describe_file(layout: Layout) -> dict[str, str]:
    if layout.file.form == "xlsx":
        return {"type": "table", "format": "xlsx", "mediatype": WORKBOOK}
    return CSV | {"encoding": layout.file.encoding}


def _describe_dialect(layout: Layout) -> dict[str, Any]:
    form = layout.file
    dialect: dict[str, Any] = {"$schema": PROFILE.format("tabledialect"), "header": True}
    if form.form == "xlsx":
        return dialect | {"sheetName": form.sheet_name}
    dialect |= {"delimiter": form.delimiter, "lineTerminator": form.line_terminator}
    if form.quote_character and form.quoting != "none":
        dialect |= {"quoteChar": form.quote_character, "doubleQuote": True}
    if form.footer:
        # The last line is no record. A reader skips it as a comment, by its first cell alone.
        dialect["commentChar"] = form.footer.starts_with.removesuffix(form.delimiter)
    return dialect


def _build_table_schema(layout: Layout, table: Table, period: str, seeds: Path) -> dict[str, Any]:
    columns = list(list_columns(layout, table, period, seeds))
    is_complete = all(column.is_column_required for column in columns)
    schema: dict[str, Any] = {
        "$schema": PROFILE.format("tableschema"),
        "fields": [_describe_field(column) for column in columns],
        # Files may have other columns; the register reports them and does not read them.
        "fieldsMatch": "subset" if is_complete else "partial",
        "missingValues": list(layout.null_texts),
    }
    foreign_keys = [
        {
            "fields": [column.heading],
            "reference": {
                "resource": relationship.place[0],
                "fields": [_find_heading(layout, relationship.place, period)],
            },
        }
        for column in columns
        if column.column is not None
        for relationship in column.column.relationships
    ]
    return schema | ({"foreignKeys": foreign_keys} if foreign_keys else {})


def _find_heading(layout: Layout, place: tuple[str, str], period: str) -> str:
    """Return the heading of a column of another table."""
    table = load_contracts()[layout.feed].table_by_name[place[0]]
    written = list_written_columns(layout, table, period)
    return next(item.name for item in written if item.field == place[1])


def _describe_field(column: WrittenColumn) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.heading, "type": "string"}
    if column.column is not None and column.column.custom.is_in_any_format:
        field["type"] = "any"
    elif column.date_formats:
        usual = column.date_formats[0]
        has_time = any(directive in usual for directive in ("%H", "%I"))
        has_date = not column.is_time
        field["type"] = "datetime" if has_time and has_date else "date" if has_date else "time"
        field["format"] = usual
    field["description"] = column.description
    constraints: dict[str, Any] = {}
    if column.is_value_required:
        constraints["required"] = True
    if column.codes:
        constraints["enum"] = list(column.codes)
    if column.pattern:
        constraints["pattern"] = column.pattern
    return field | ({"constraints": constraints} if constraints else {})
