"""Table Schemas of a release's CSV files: the type, words and constraints of each column.

`data_sets.yaml` describes filters and indicators, and `package.yaml` all other columns. See
https://datapackage.org/standard/table-schema/.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from official_statistics.data_files import META_COLUMNS, list_data_columns
from official_statistics.data_sets import DataSet, Filter, Indicator
from official_statistics.public_figures import AREA_CODE_COLUMNS, LEVELS, SYMBOLS
from register.yaml_file import read_yaml

DESCRIPTION = Path(__file__).with_name("package.yaml")
UNITS = {"%": "per cent", "pp": "percentage points"}
TableSchema = dict[str, Any]


@cache
def read_description() -> dict[str, Any]:
    """Return the words of `package.yaml`."""
    description: dict[str, Any] = read_yaml(DESCRIPTION)
    return description


def build_data_schema(data_set: DataSet) -> TableSchema:
    """Return the Table Schema of a data file."""
    described = {column.name: column for column in data_set.columns}
    names = list_data_columns(data_set)
    fields = [
        _describe_column(data_set, described[name])
        if name in described
        else _describe_place(data_set, name)
        for name in names
    ]
    codes = [AREA_CODE_COLUMNS[level] for level in LEVELS if level in data_set.levels]
    filters = [part.name for part in data_set.filters]
    return {
        "fields": fields,
        "primaryKey": ["time_period", "geographic_level", *codes, *filters],
        "missingValues": ["", *SYMBOLS],
    }


def build_meta_schema() -> TableSchema:
    """Return the Table Schema of a file that describes columns (`<name>.meta.csv`)."""
    return _build_other_schema(read_description()["meta"], META_COLUMNS)


def build_table_schema(name: str, columns: Sequence[str]) -> TableSchema:
    """Return the Table Schema of another CSV file of the release, with these columns.

    A column that `package.yaml` does not describe is a text without words.
    """
    return _build_other_schema(read_description()["tables"].get(name, {}), columns)


def _build_other_schema(description: dict[str, Any], columns: Sequence[str]) -> TableSchema:
    described = {**read_description()["columns"], **description.get("columns", {})}
    fields = [{"name": name, **described.get(name, {"type": "string"})} for name in columns]
    schema: TableSchema = {"fields": fields, "missingValues": [""]}
    if "primary_key" in description:
        schema["primaryKey"] = description["primary_key"]
    if "foreign_keys" in description:
        schema["foreignKeys"] = description["foreign_keys"]
    return schema


def _describe_place(data_set: DataSet, name: str) -> dict[str, Any]:
    """Return the field of a column of time or place."""
    field = {"name": name, **read_description()["columns"][name]}
    if name == "geographic_level":
        levels = [level for level in LEVELS if level in data_set.levels]
        field["constraints"] = {**field["constraints"], "enum": levels}
    return field


def _describe_column(data_set: DataSet, column: Filter | Indicator) -> dict[str, Any]:
    if isinstance(column, Filter):
        return _describe_filter(data_set, column)
    return _describe_indicator(data_set, column)


def _describe_filter(data_set: DataSet, column: Filter) -> dict[str, Any]:
    words = [f"{column.hint}."]
    if grouping := data_set.find_grouping(column.name):
        words.append(f"The column {grouping} has the topic of each item.")
    if column.default:
        words.append(f"The default item is {column.default}.")
    return {
        "name": column.name,
        "title": column.label,
        "description": " ".join(words),
        "type": "string",
        "constraints": {"required": True, "enum": list(column.item_names)},
    }


def _describe_indicator(data_set: DataSet, column: Indicator) -> dict[str, Any]:
    if column.is_count:
        origin = "Counted and rounded." if data_set.counted_on == "base" else "Counted."
    elif "sample" in column.derivation:
        origin = "Estimated from a sample of pairs."
    elif "population" in column.derivation:
        origin = "Public estimate of the number of residents."
    else:
        origin = "Calculated from published counts."
    unit = f" In {UNITS.get(column.unit, column.unit)}." if column.unit else ""
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.label,
        "description": f"{origin}{unit}",
        "type": "integer" if column.dp == 0 else "number",
    }
    if column.is_count:
        field["constraints"] = {"minimum": 0}
    return field
