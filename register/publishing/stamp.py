"""The stamp: in each published file, a table that says of which generation the file is.

Whoever opens two files can so tell that they are of one generation. It is written when a build is
published, into files that dbt has closed.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from register.queries import read_query

TABLE = "published_generation"
# The schema of each file that its readers know.
SCHEMAS = {"national_register.duckdb": "register", "case_lists.duckdb": "operations"}
STAMP = read_query(__package__, "generation_stamp")


def stamp_files(folder: Path, generation_id: str, as_known_at: str | None) -> None:
    """Write the generation into each file of a build; called again, it writes the same."""
    for name, schema in SCHEMAS.items():
        with duckdb.connect(str(folder / name)) as connection:
            connection.execute(STAMP.format(schema=schema, table=TABLE))
            connection.execute(
                f"insert into {schema}.{TABLE} values (?, ?)",
                [generation_id, as_known_at],
            )
