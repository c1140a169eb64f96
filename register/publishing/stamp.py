"""The stamp: in each published file, a table that says of which generation the file is.

Whoever opens two files can so tell that they are of one generation. It is written when a build is
published, into files that dbt has closed.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

TABLE = "published_generation"
# The schema of each file that its readers know.
SCHEMAS = {"national_register.duckdb": "register", "case_lists.duckdb": "operations"}
STAMP = """
    create or replace table {schema}.{table} (
        generation_id varchar not null primary key,
        as_known_at varchar
    );
    comment on table {schema}.{table} is
        'One row: the generation that this file is part of. Files that are read together are of one'
        ' generation where their ids are the same.';
    comment on column {schema}.{table}.generation_id is
        'Primary key of the generation, which sorts by time; the name of its folder.';
    comment on column {schema}.{table}.as_known_at is
        'Moment that a look back shows the register at (UTC); null for the register of its day.';
"""


def stamp_files(folder: Path, generation_id: str, as_known_at: str | None) -> None:
    """Write the generation into each file of a build; called again, it writes the same."""
    for name, schema in SCHEMAS.items():
        with duckdb.connect(str(folder / name)) as connection:
            connection.execute(STAMP.format(schema=schema, table=TABLE))
            connection.execute(
                f"insert into {schema}.{TABLE} values (?, ?)",
                [generation_id, as_known_at],
            )
