"""From a published row, or the rows of a figure, back to the lines that suppliers delivered.

A figure is a mart and a filter. The filter is a person's own SQL: it is run on one published file,
opened for reading and locked, and may be one condition only. Ids and places are returned, never a
value of a row. The delivered text itself is read by `register.publishing.raw`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Timer
from types import MappingProxyType

import duckdb

from register.publishing.generations import Generation, open_register
from register.queries import read_query

IDENTIFIER = re.compile(r"^[A-Za-z0-9_.:-]{1,128}$")
# The delivered lines behind the rows of one table; its key and the column asked for vary.
LINES = read_query(__package__, "delivered_lines")
SUCCESSOR = """
    select successor_child_id_register
    from register.dim_child_keys
    where child_id_register = $identifier
"""
# What a person's own filter may take of the machine that loads run on.
FILTER_SECONDS = 60
FILTER_LIMITS = {"memory_limit": "2GB", "max_temp_directory_size": "0KB"}
MART = re.compile(r"^(register|agreement|quality)\.[a-z][a-z0-9_]*$")
# Id columns, in the order in which one is chosen to follow the rows of a mart.
FOLLOWED = (
    "rule_breach_id",
    "agreement_id",
    "report_id_register",
    "episode_id_register",
    "child_id_register",
)
# What an id may be, in the order in which it is looked for. An agreement's id is the id of its
# episode, or of its report where no episode has it.
KINDS = {
    kind: LINES.format(table=table, row_id=row_id, column=column)
    for kind, table, row_id, column in (
        ("report", "fct_reports", "report_id_register", "report_id_register"),
        ("episode", "fct_reports", "report_id_register", "episode_id_register"),
        ("child", "fct_reports", "report_id_register", "child_id_register"),
        ("rule breach", "fct_rule_breaches", "rule_breach_id", "rule_breach_id"),
    )
}


@dataclass(frozen=True)
class SourceLine:
    """One delivered record behind a published row.

    `row_number` is the first physical line, from 1, or the elements of an XML file.
    """

    row_id: str
    feed: str
    supplier_code: str
    supplier_name: str | None
    period: str | None
    received_at: str | None
    delivery_status: str | None
    delivery_id: str
    file_name: str
    row_number: int

    @property
    def place(self) -> str:
        """Where in its file the record is, for a person."""
        kind = "element" if self.file_name.lower().endswith(".xml") else "line"
        return f"{kind} {self.row_number}"


@dataclass(frozen=True)
class Trace:
    """What an id is, in which generation, and every line behind it.

    `retired_key` is the key that was asked for, where `identifier` is the child that it is now.
    """

    identifier: str
    kind: str
    generation_id: str
    lines: tuple[SourceLine, ...]
    retired_key: str | None = None


def trace_id(generation: Generation, identifier: str) -> Trace | None:
    """Follow a report, episode, child, agreement or rule-breach id; None if it is not published.

    A child's key that was merged is followed as the child that it is now.

    Raises `ValueError` for text that cannot be an id.
    """
    if not IDENTIFIER.match(identifier):
        raise ValueError("an id has letters, digits, '-', '_', '.' and ':' only")
    with open_register(generation) as connection:
        return follow(connection, generation, identifier)


def follow(
    connection: duckdb.DuckDBPyConnection, generation: Generation, identifier: str
) -> Trace | None:
    """What the id is and every line behind it, read through an open connection."""
    for kind, query in KINDS.items():
        rows = connection.execute(query, {"identifier": identifier}).fetchall()
        if rows:
            lines = tuple(SourceLine(*row) for row in rows)
            return Trace(identifier, kind, generation.generation_id, lines)
    successor = _successor(connection, identifier)
    if successor is None:
        return None
    found = follow(connection, generation, successor)
    if found is None:
        found = Trace(successor, "child", generation.generation_id, ())
    return replace(found, retired_key=identifier)


def _successor(connection: duckdb.DuckDBPyConnection, identifier: str) -> str | None:
    try:
        row = connection.execute(SUCCESSOR, {"identifier": identifier}).fetchone()
    except duckdb.CatalogException:
        # A generation from before keys had a table of their own.
        return None
    return None if row is None else row[0]


class FigureError(ValueError):
    """The figure cannot be followed; the message says what to give instead."""


@dataclass(frozen=True)
class FigureTrace:
    """A figure's rows: how many there are, and some of them with the lines behind them.

    Rows are in the order of `column`, so that the same figure shows the same rows. A row without a
    delivered line, such as an unknown member, has a trace without lines.
    """

    mart: str
    where: str
    column: str
    generation_id: str
    row_count: int
    rows: tuple[Trace, ...]


def trace_figure(  # noqa: PLR0913, PLR0917 - a figure, a part of its rows, and its limits
    generation: Generation,
    mart: str,
    where: str,
    limit: int,
    offset: int = 0,
    limits: Mapping[str, str] = MappingProxyType(FILTER_LIMITS),
) -> FigureTrace:
    """Follow `limit` rows of `mart` that `where` keeps, after the first `offset` of them.

    Raises `FigureError` for a mart that is not published or has no id, and for a filter that is
    not one condition on its columns, or takes more than `FILTER_SECONDS` and `limits`.
    """
    if not MART.match(mart):
        raise FigureError("a mart is written schema.table, such as agreement.fct_agreement")
    with open_register(generation, **limits) as connection:
        column = _followed_column(connection, mart)
        query = f"select {column} from {mart} where ({where}\n) and {column} is not null"
        _refuse_other_statements(connection, query)
        try:
            with _no_longer_than(connection, FILTER_SECONDS):
                (row_count,) = _one(connection, f"select count(*) from ({query})")
                found = connection.execute(
                    f"select distinct {column} from ({query}) order by 1"
                    f" limit {int(limit)} offset {int(offset)}"
                ).fetchall()
        except duckdb.InterruptException:
            raise FigureError(
                f"the filter takes longer than {FILTER_SECONDS} seconds: make it simpler"
            ) from None
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
            raise FigureError(f"the filter: {str(error).splitlines()[0]}") from None
        except duckdb.Error as error:
            # Its message may quote a value of a row.
            raise FigureError(f"the filter cannot be applied ({type(error).__name__})") from None
        rows = tuple(
            follow(connection, generation, identifier)
            or Trace(identifier, "row", generation.generation_id, ())
            for (identifier,) in found
        )
    return FigureTrace(mart, where, column, generation.generation_id, row_count, rows)


@contextmanager
def _no_longer_than(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """End a query of the connection that takes longer, by DuckDB's `InterruptException`."""
    timer = Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _followed_column(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    schema, table = mart.split(".")
    columns = {
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns "
            "where table_schema = $schema and table_name = $table",
            {"schema": schema, "table": table},
        ).fetchall()
    }
    if not columns:
        raise FigureError(f"{mart} is not in this generation")
    for column in FOLLOWED:
        if column in columns:
            return column
    raise FigureError(
        f"{mart} has counts and no ids: give the mart that it counts, such as "
        "agreement.fct_agreement, with the same filter"
    )


def _refuse_other_statements(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise FigureError(f"the filter: {str(error).splitlines()[0]}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise FigureError("the filter must be one condition")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return (int(row[0]),)
