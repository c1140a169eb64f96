"""The cells of a release's files, counted under the conditions of the release."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from official_statistics import condition_table, read_data_sets, row_table
from register.queries import read_query

COUNTED = tuple(each.name for each in read_data_sets() if each.counted_on == "base" and each.counts)
SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("reporting_year", pa.int64()),
        ("geographic_level", pa.string()),
        ("area_code", pa.string()),
        ("parent_code", pa.string()),
        ("police_force_code", pa.string()),
        ("filter_values", pa.string()),
        ("measure", pa.string()),
        ("value", pa.int64()),
        ("child_count", pa.int64()),
        ("top_two_share", pa.float64()),
    ]
)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the base and the tables of areas, from the tables `authorities` and `episodes`."""
    connection.execute(read_query(__package__, "base_and_areas"))


def count_cells(connection: duckdb.DuckDBPyConnection, data_set: str) -> pa.Table:
    """Return the cells of one file: each combination of items in each area.

    The table `base` has one row for each episode and linkage. Its columns that conditions name are
    never null.
    """
    rows = row_table().filter(pc.field("data_set") == data_set)
    listed = condition_table()
    conditions = listed.filter(pc.is_in(listed["condition_id"], rows["condition_id"]))
    linkages = pc.fill_null(rows["linkage_code"], "central")
    connection.register("listed_rows", rows.append_column("linkage", linkages))
    connection.register("conditions", conditions)
    names = [
        name
        for name in conditions.drop_columns("condition_id").column_names
        if conditions[name].null_count < conditions.num_rows
    ]
    columns = ", ".join(names)
    allows = " and ".join(f"coalesce(conditions.{each} = profiles.{each}, true)" for each in names)
    connection.execute(
        f"create or replace table matched as "
        f"with profiles as (select distinct {columns} from base) "
        f"select linkage, child, authority, force, condition_id "
        f"from base inner join profiles using ({columns}) inner join conditions on {allows} "
        f"where linkage in (select linkage from listed_rows)"
    )
    return connection.execute(read_query(__package__, "cells")).to_arrow_table().cast(SCHEMA)
