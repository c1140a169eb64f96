"""Rows that the last load left in the table of a dbt model written in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def read_earlier_rows(
    session: duckdb.DuckDBPyConnection, relation: Any, columns: Sequence[str] = ("*",)
) -> duckdb.DuckDBPyRelation | None:
    """Return the rows of a dbt model's `relation`, or None before the first load."""
    counts = session.execute(
        "select count(*) from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        [relation.database, relation.schema, relation.identifier],
    ).fetchall()
    return session.sql(f"select {', '.join(columns)} from {relation}") if counts[0][0] else None
