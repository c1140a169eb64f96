"""Tools of clustering: the schema of care placements, and functions that build tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import pyarrow as pa

CARE_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("place", pa.string()),
        ("care_start_date", pa.date32()),
        ("care_end_date", pa.date32()),
        ("placement_type_code", pa.string()),
    ]
)
# Placement code for the child's own home. Siblings at home are reported from the same address.
WITH_PARENTS = "P1"


def build_table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Return a table in the given schema from rows of values."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(each, kind) for each, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)


def register_name_forms(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    schema: pa.Schema,
    list_forms: Callable[[str], Iterable[tuple[Any, ...]]],
) -> None:
    """Create the view `forms`: each distinct name in the column `names` of `table`, with its forms.

    Each distinct name is processed once, since a nation has far fewer names than mentions.
    """
    names = connection.execute(f"select distinct unnest(names) from {table}").fetchall()
    rows = [(name, *form) for (name,) in names for form in list_forms(name)]
    connection.register("forms", build_table(rows, schema))
