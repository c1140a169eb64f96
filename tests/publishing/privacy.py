"""Looks for personal values in a published file: every column of every table is read.

What is personal is what the contracts classify as restricted, as it lies in landing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
LAST_TEXT = "~"  # after every letter and digit


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
    relations = connection.execute(
        "select table_schema, table_name, list((column_name, data_type))"
        " from information_schema.columns where table_catalog = 'published' group by all"
    ).fetchall()
    result: set[tuple[str, str]] = set()
    for schema, table, columns in relations:
        looked_for = [each for name, kind in columns for each in _looked_for(table, name, kind)]
        connection.execute(
            "create or replace temp table looked_for"
            " (column_name varchar, kind varchar, least_length integer, before varchar)"
        )
        connection.executemany("insert into looked_for values (?, ?, ?, ?)", looked_for)
        hits = connection.execute(
            f"""
            with cells as (
                select distinct column_name, cell
                from (
                    unpivot (select cast(columns(*) as varchar) from published."{schema}"."{table}")
                    on columns(*) into name column_name value cell
                )
            ),
            parts as (
                select column_name, cell as part from cells
                union
                select column_name, unnest(regexp_split_to_array(cell, '[\\s,;|]+')) from cells
            ),
            words as (
                select distinct
                    column_name,
                    regexp_replace(upper(part), '[^A-Z0-9]', '', 'g') as word,
                from parts
            )
            select distinct planted.kind, words.column_name from words
            inner join distinct_planted as planted on words.word = planted.value
            inner join looked_for
                on words.column_name = looked_for.column_name and planted.kind = looked_for.kind
            where length(planted.value) >= looked_for.least_length
                and planted.value < looked_for.before
            """
        ).fetchall()
        result |= {(kind, f"{schema}.{table}.{column}") for kind, column in hits}
    connection.execute("detach published")
    return result


def _looked_for(table: str, column: str, data_type: str) -> Iterator[tuple[str, str, int, str]]:
    """Which planted values count in a column: (column, kind, least length, below which text).

    None of a kind that cannot be told there.
    """
    is_text = data_type == "VARCHAR"
    # The calendar, and the dates on which authorities and forces changed.
    if table not in {"dim_dates", "dim_authorities", "dim_police_forces"}:
        yield column, DATE_KIND, 0, FIRST_EVENT.replace("-", "")
    if is_text and not any(part in column for part in NAMES_OF_PLACES):
        yield column, NAME_KIND, 0, LAST_TEXT
    yield column, REFERENCE_KIND, 0 if is_text else LEAST_DIGITS, LAST_TEXT
