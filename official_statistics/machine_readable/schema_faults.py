"""Validation of CSV files against their Table Schemas: types, constraints and keys."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from official_statistics.machine_readable.table_schemas import TableSchema

TYPE_PATTERNS = {"integer": r"-?[0-9]+", "number": r"-?[0-9]+(\.[0-9]+)?"}


def read_heading(path: Path) -> list[str]:
    """Return the column names of a CSV file; empty for an empty file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream), [])


def find_schema_faults(schema: TableSchema, path: Path) -> Iterator[str]:
    """Yield each column of a CSV file whose values break the file's Table Schema.

    A fault names the column and never a value.
    """
    fields = {field["name"]: field for field in schema["fields"]}
    heading = read_heading(path)
    if heading != list(fields):
        yield f"{path.name} does not have the columns of its schema"
        return
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(heading, pa.string()), strings_can_be_null=False
    )
    try:
        table = arrow_csv.read_csv(path, convert_options=options)
    except pa.ArrowException:
        yield f"{path.name} is no table"
        return
    for name, field in fields.items():
        values = pc.unique(table[name]).to_pylist()
        if fault := _find_field_fault(field, values, schema["missingValues"]):
            yield f"{path.name}: {name} {fault}"
    key = schema.get("primaryKey")
    if key and table.num_rows != table.group_by(key).aggregate([]).num_rows:
        yield f"{path.name} has two rows with the same primary key"
    for foreign_key in schema.get("foreignKeys", ()):
        (column,), (referenced,) = foreign_key["fields"], foreign_key["reference"]["fields"]
        values = set(pc.unique(table[column]).to_pylist()) - set(schema["missingValues"])
        if values - set(table[referenced].to_pylist()):
            yield f"{path.name}: {column} has a value that {referenced} does not have"


def _find_field_fault(
    field: Mapping[str, Any], texts: list[str], missing_values: list[str]
) -> str | None:
    """Return what is wrong with the different values of a column, or None."""
    constraints = field.get("constraints", {})
    values = [text for text in texts if text not in missing_values]
    if constraints.get("required") and len(values) < len(texts):
        return "has an empty value"
    if not _are_of_type(field["type"], values):
        return f"has a value that is not of the type {field['type']}"
    if "enum" in constraints and set(values) - set(constraints["enum"]):
        return "has a value that its schema does not list"
    pattern = constraints.get("pattern")
    if pattern and not all(re.fullmatch(pattern, value) for value in values):
        return "has a value that does not match its pattern"
    numbers = (
        [float(value) for value in values] if {"minimum", "maximum"} & set(constraints) else []
    )
    low, high = constraints.get("minimum", -math.inf), constraints.get("maximum", math.inf)
    if not all(low <= number <= high for number in numbers):
        return "has a value outside its limits"
    return None


def _are_of_type(kind: str, values: list[str]) -> bool:
    pattern = TYPE_PATTERNS.get(kind, "")
    return not pattern or all(re.fullmatch(pattern, value) for value in values)
