"""A reader of published files, as a tool of an analyst is: opens them until it is told to stop.

Arguments: the home, a folder for the report, how often to open, and a connection string or nothing.
Each line of the report is `opened <form> <generation>`, or a fault.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import duckdb
import psycopg

PAUSE_SECONDS = 0.5
TABLES = ("fct_episodes", "dim_children", "bridge_child_source_persons")
COUNTS = "select (select generation_id from {0}.published_generation), " + ", ".join(
    f"(select count(*) from {{0}}.{table})" for table in TABLES[:2]
)


def read_duckdb(home: Path) -> tuple[str, list[int]]:
    """Return the generation and the counts of the published DuckDB file."""
    folder = (home / "published" / "current").resolve()
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        row = connection.execute(COUNTS.format("register")).fetchone()
    assert row is not None
    return str(row[0]), list(row[1:])


def read_parquet(home: Path) -> tuple[str, list[int]]:
    """Return the generation and the counts of the Parquet files."""
    folder = (home / "published" / "parquet").resolve()
    package = json.loads((folder / "datapackage.json").read_bytes())
    with duckdb.connect() as connection:
        counts = []
        for table in TABLES[:2]:
            files = f"{folder}/register/{table}/**/*.parquet"
            row = connection.execute(f"select count(*) from read_parquet('{files}')").fetchone()
            assert row is not None
            counts.append(int(row[0]))
    return str(package["version"]), counts


def read_postgres(dsn: str) -> tuple[str, list[int]]:
    """Return the generation and the counts in PostgreSQL, in one query."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(COUNTS.format("register")).fetchone()
    assert row is not None
    return str(row[0]), list(row[1:])


def main(home: Path, report: Path, opens: int, dsn: str) -> None:
    """Open each form in turn, at least so often and until the loads have ended."""
    known: dict[str, list[int]] = {}
    done = 0
    with (report / f"{os.getpid()}.txt").open("w", encoding="utf-8") as file:
        while done < opens or not (report / "enough").exists():
            time.sleep(PAUSE_SECONDS)
            for form, read in (
                ("duckdb", lambda: read_duckdb(home)),
                ("parquet", lambda: read_parquet(home)),
                *([("postgres", lambda: read_postgres(dsn))] if dsn else []),
            ):
                done += 1
                try:
                    generation, counts = read()
                except (duckdb.Error, psycopg.Error, OSError, ValueError) as error:
                    file.write(f"{form} failed: {type(error).__name__}\n")
                    continue
                if known.setdefault(generation, counts) != counts:
                    file.write(f"{form} mixed generations\n")
                else:
                    file.write(f"opened {form} {generation}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
