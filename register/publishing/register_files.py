"""Connections to the published marts of a generation, for queries that other people write.

A query can use no other file and no network. Queries of this program open the file themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from register.publishing.generations import Generation


def open_register(generation: Generation, **limits: str) -> duckdb.DuckDBPyConnection:
    """Open the published marts read-only. Queries can use no other files and no network.

    `limits` are DuckDB settings, such as `memory_limit`.
    """
    return duckdb.connect(
        str(generation.folder / "national_register.duckdb"),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true", **limits},
    )


def open_area_copy(
    generation: Generation, statements: Sequence[str], **limits: str
) -> duckdb.DuckDBPyConnection:
    """Open a copy in memory of the rows that `statements` copy from the published marts.

    The statements read the database `published` and write the database `own`. The connection then
    has only `own`: queries can use neither the published file nor any other.
    """
    connection = duckdb.connect(config={**limits})
    try:
        path = str(generation.folder / "national_register.duckdb").replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute("attach ':memory:' as own")
        for statement in statements:
            connection.execute(statement)
        connection.execute("use own")
        connection.execute("detach published")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection
