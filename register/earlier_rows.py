"""What the last load left of the table that a model of dbt in Python makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def earlier_rows(
    session: duckdb.DuckDBPyConnection, relation: Any, columns: Sequence[str] = ("*",)
) -> duckdb.DuckDBPyRelation | None:
    """The rows of `relation`, dbt's own of the model, by `columns`; none before the first load."""
    found = session.execute(
        "select count(*) from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        [relation.database, relation.schema, relation.identifier],
    ).fetchall()
    return session.sql(f"select {', '.join(columns)} from {relation}") if found[0][0] else None
