"""Tracing of a published row, or the rows of a figure, to the lines that suppliers delivered.

A figure is a mart with a filter: one condition in a person's own SQL. It runs on a published file
that is opened read-only. Only ids and places of lines are returned. Reading the delivered text
belongs in `register.publishing.raw`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Timer
from types import MappingProxyType

import duckdb

from register.publishing.generations import Generation
from register.publishing.register_files import open_area_copy, open_register
from register.queries import read_query

IDENTIFIER = re.compile(r"^[A-Za-z0-9_.:-]{1,128}$")
# Returns the delivered lines behind rows of a table, selected by any of its id columns.
LINES = read_query(__package__, "delivered_lines")
SUCCESSOR = """
    select successor_child_id_register
    from register.dim_child_keys
    where child_id_register = $identifier
"""
# A filter written by a person runs while loads may run, so its time and memory are limited.
FILTER_SECONDS = 60
FILTER_LIMITS = {"memory_limit": "2GB", "max_temp_directory_size": "0KB"}
MART = re.compile(r"^(register|agreement|quality)\.[a-z][a-z0-9_]*$")
# Id columns by which rows of a mart can be traced. The first that the mart has is used.
TRACEABLE_COLUMNS = (
    "rule_breach_id",
    "agreement_id",
    "report_id_register",
    "episode_id_register",
    "child_id_register",
)
# Kinds of ids, in the order in which they are searched. A row of `fct_agreement` has the id of its
# episode or, without an episode, of its report.
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
    """A delivered record behind a published row.

    `row_number` is the record's first line, counted from 1, or the number of its XML element.
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
        """The place of the record in its file, in words."""
        kind = "element" if self.file_name.lower().endswith(".xml") else "line"
        return f"{kind} {self.row_number}"


@dataclass(frozen=True)
class Trace:
    """The kind of an id, its generation, and every delivered line behind the id.

    If a retired key was given, `retired_key` is that key and `identifier` is the key that replaced
    it.
    """

    identifier: str
    kind: str
    generation_id: str
    lines: tuple[SourceLine, ...]
    retired_key: str | None = None


def trace_id(generation: Generation, identifier: str) -> Trace | None:
    """Trace the id of a report, episode, child, agreement or rule breach to delivered lines.

    Returns None if the id is not published. For a retired key, the key that replaced it is traced.
    Raises `ValueError` for a text that cannot be an id.
    """
    if not IDENTIFIER.match(identifier):
        raise ValueError("an id has letters, digits, '-', '_', '.' and ':' only")
    with open_register(generation) as connection:
        return trace_open_id(connection, generation, identifier)


def trace_open_id(
    connection: duckdb.DuckDBPyConnection, generation: Generation, identifier: str
) -> Trace | None:
    """Trace an id over an open connection. Returns None if the id is not published."""
    for kind, query in KINDS.items():
        rows = connection.execute(query, {"identifier": identifier}).fetchall()
        if rows:
            lines = tuple(SourceLine(*row) for row in rows)
            return Trace(identifier, kind, generation.generation_id, lines)
    successor = _find_successor(connection, identifier)
    if successor is None:
        return None
    trace = trace_open_id(connection, generation, successor)
    if trace is None:
        trace = Trace(successor, "child", generation.generation_id, ())
    return replace(trace, retired_key=identifier)


def _find_successor(connection: duckdb.DuckDBPyConnection, identifier: str) -> str | None:
    try:
        row = connection.execute(SUCCESSOR, {"identifier": identifier}).fetchone()
    except duckdb.CatalogException:
        # A generation of an earlier program version may lack the table of children's keys.
        return None
    return None if row is None else row[0]


class FigureError(ValueError):
    """A figure cannot be traced; the message says what to give instead."""


@dataclass(frozen=True)
class FigureTrace:
    """The number of rows of a figure, and some of these rows with the lines behind them.

    Rows are in the order of `column`, which has their ids. A row without a delivered line, such as
    that for *unknown* in a dimension, has a trace without lines.
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
    area_copy: Sequence[str] | None = None,
) -> FigureTrace:
    """Trace up to `limit` rows of `mart` that fulfil `where`, after skipping `offset` rows.

    If `area_copy` is given, these statements copy the rows of some areas, and only the copy is
    read (`open_area_copy`).

    Raises `FigureError` in three cases:

    - the mart is not published or has no id column
    - the filter is not one condition on the mart's columns, or DuckDB cannot apply it
    - the filter exceeds `FILTER_SECONDS` or `limits`
    """
    if not MART.match(mart):
        raise FigureError("a mart is written schema.table, such as agreement.fct_agreement")
    connection = (
        open_register(generation, **limits)
        if area_copy is None
        else open_area_copy(generation, area_copy, **limits)
    )
    with connection:
        column = _find_traceable_column(connection, mart)
        query = f"select {column} from {mart} where ({where}\n) and {column} is not null"
        _refuse_other_statements(connection, query)
        try:
            with _limit_seconds(connection, FILTER_SECONDS):
                counts = connection.execute(f"select count(*) from ({query})").fetchall()
                ids = connection.execute(
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
            # DuckDB's message is left out, because it may quote a value of a row.
            raise FigureError(f"the filter cannot be applied ({type(error).__name__})") from None
        rows = tuple(
            trace_open_id(connection, generation, identifier)
            or Trace(identifier, "row", generation.generation_id, ())
            for (identifier,) in ids
        )
    return FigureTrace(mart, where, column, generation.generation_id, int(counts[0][0]), rows)


@contextmanager
def _limit_seconds(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt a query in the block after this time. DuckDB then raises `InterruptException`."""
    timer = Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _find_traceable_column(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    schema, table = mart.split(".")
    columns = {
        name
        for (name,) in connection.execute(
            "select column_name from information_schema.columns "
            "where table_catalog = current_database()"
            " and table_schema = $schema and table_name = $table",
            {"schema": schema, "table": table},
        ).fetchall()
    }
    if not columns:
        raise FigureError(f"{mart} is not in this generation")
    for column in TRACEABLE_COLUMNS:
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
