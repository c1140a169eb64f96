"""Looks for personal values in a published file: every column of every table is read.

What is personal is what the contracts classify as restricted, as it lies in landing.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa

from register.feeds import load_contracts
from register.settings import PROJECT_ROOT

# Names of places and offices, which may be a child's surname too.
NAMES_OF_PLACES = ("_name", "region", "title", "description")
NAME_COLUMNS = {"forenames", "surname", "aliases", "pers_forename", "pers_surname"}
DATE_KIND, NAME_KIND, REFERENCE_KIND = "date of birth", "name", "reference or postcode"
# Shorter texts are codes and numbers of anything.
LEAST_LENGTH, LEAST_DIGITS = 6, 8
# Nothing that the register is about happened before; a date of birth of a teenager did.
FIRST_EVENT = "2012-01-01"


def planted_values(landing: Path) -> duckdb.DuckDBPyConnection:
    """A connection with `planted (kind, value)`: every restricted value that landed, compact."""
    connection = duckdb.connect()
    connection.execute("create table planted (kind varchar, value varchar)")
    for feed, contract in load_contracts().items():
        for table in contract.tables:
            files = [str(path) for path in sorted((landing / feed).glob(f"*/{table.name}.parquet"))]
            for name, column in table.columns.items():
                if files and column.classification == "restricted":
                    _plant(connection, files, name, column.logicalType)
    connection.execute("create table distinct_planted as select distinct kind, value from planted")
    # Children are called White, Black and York too: the names in our own code lists name no person.
    words = pa.table({"word": sorted(_words_of_seeds())})
    connection.register("words_of_seeds", words)
    connection.execute(
        f"delete from distinct_planted where kind = '{NAME_KIND}'"
        " and value in (select word from words_of_seeds)"
    )
    connection.unregister("words_of_seeds")
    return connection


def _words_of_seeds() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "seeds").glob("*.csv"))
    return {word for text in texts for word in re.findall(r"[A-Z0-9]+", text.upper())}


def _plant(
    connection: duckdb.DuckDBPyConnection, files: list[str], name: str, logical_type: str
) -> None:
    kind = REFERENCE_KIND
    if name in NAME_COLUMNS:
        kind = NAME_KIND
    elif logical_type == "date":
        kind = DATE_KIND
    connection.execute(
        f"""
        insert into planted
        select ?, value
        from (
            select regexp_replace(upper(unnest(string_split("{name}", '|'))), '[^A-Z0-9]', '', 'g')
                as value
            from read_parquet(?, union_by_name = true)
            where "{name}" is not null
        )
        where length(value) >= case when ? = '{NAME_KIND}' then 4 else {LEAST_LENGTH} end
            and (? <> '{REFERENCE_KIND}' or regexp_matches(value, '[0-9]'))
        """,
        [kind, files, kind, kind],
    )


def found_in(connection: duckdb.DuckDBPyConnection, database: Path) -> set[tuple[str, str]]:
    """Columns of a published file that hold a planted value: (kind, schema.table.column)."""
    connection.execute(f"attach '{database}' as published (read_only)")
    columns = connection.execute(
        "select table_schema, table_name, column_name, data_type"
        " from information_schema.columns where table_catalog = 'published'"
    ).fetchall()
    found: set[tuple[str, str]] = set()
    for schema, table, column, data_type in columns:
        conditions = [
            f"(planted.kind = '{kind}' and {condition})"
            for kind in (DATE_KIND, NAME_KIND, REFERENCE_KIND)
            if (condition := _condition(kind, table, column, data_type)) is not None
        ]
        hits = connection.execute(
            f"""
            with cells as (
                select distinct cast("{column}" as varchar) as cell
                from published."{schema}"."{table}"
            ),
            parts as (
                select cell as part from cells
                union
                select unnest(regexp_split_to_array(cell, '[\\s,;|]+')) from cells
            ),
            words as (
                select regexp_replace(upper(part), '[^A-Z0-9]', '', 'g') as word from parts
            )
            select distinct planted.kind from words
            inner join distinct_planted as planted
                on words.word = planted.value
            where {" or ".join(conditions)}
            """
        ).fetchall()
        found |= {(kind, f"{schema}.{table}.{column}") for (kind,) in hits}
    connection.execute("detach published")
    return found


def _condition(kind: str, table: str, column: str, data_type: str) -> str | None:
    """Which planted values count in a column, or None where the kind cannot be told there."""
    is_text = data_type == "VARCHAR"
    if kind == DATE_KIND:
        # The calendar, and the dates on which authorities and forces changed.
        is_calendar = table in {"dim_dates", "dim_authorities", "dim_police_forces"}
        limit = FIRST_EVENT.replace("-", "")
        return None if is_calendar else f"planted.value < '{limit}'"
    if kind == NAME_KIND:
        is_place = any(part in column for part in NAMES_OF_PLACES)
        return "true" if is_text and not is_place else None
    if is_text:
        return "true"
    return f"length(planted.value) >= {LEAST_DIGITS}"
