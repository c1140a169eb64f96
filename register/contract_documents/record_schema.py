"""JSON Schemas (2020-12) of one record of a table, with the system's headings and codes.

A record is an object with a text for each heading. A record that fits the schema lands without a
finding about the form of its values. The reverse is not true: the register reads more spellings
than it asks for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from register.contract_documents.written_columns import (
    WrittenColumn,
    build_date_pattern,
    list_columns,
)
from register.feeds import Layout, Table, load_contracts

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RecordSchema = dict[str, Any]


def build_record_schema(layout: Layout, table: Table, period: str, seeds: Path) -> RecordSchema:
    """Return the schema of a record of a table, as a layout writes it in a period."""
    columns = list(list_columns(layout, table, period, seeds))
    version = load_contracts()[layout.feed].version
    name = ":".join(("contract", layout.feed, layout.layout_name, table.name, version))
    return {
        "$schema": DIALECT,
        "$id": f"urn:national-register:{name}",
        "title": f"{table.name} of {layout.feed} as {layout.layout_name} writes it, {version}",
        "description": table.description,
        "type": "object",
        "properties": {column.heading: _describe_value(layout, column) for column in columns},
        "required": [column.heading for column in columns if column.is_column_required],
    }


def _describe_value(layout: Layout, column: WrittenColumn) -> dict[str, Any]:
    described = {"description": column.description, "type": "string"}
    nulls = list(layout.null_texts)
    form = _describe_form(layout, column)
    if column.is_value_required:
        return described | form | {"not": {"enum": nulls}}
    if "enum" in form:
        return described | {"enum": [*nulls, *form["enum"]]}
    return described | ({"anyOf": [{"enum": nulls}, form]} if form else {})


def _describe_form(layout: Layout, column: WrittenColumn) -> dict[str, Any]:
    if column.codes:
        return {"enum": list(column.codes)}
    patterns = [build_date_pattern(layout, text) for text in column.date_formats]
    if patterns:
        return {"pattern": f"^({'|'.join(patterns)})$"}
    return {"pattern": column.pattern} if column.pattern else {}
