"""From a figure, which is a mart and a filter, to its rows and the lines that suppliers delivered.

The filter is a person's own SQL: it is run on one published file, opened for reading and locked,
and may be one condition only. Ids and places are returned, never a value of a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from register.publishing.generations import Generation
from register.publishing.trace import Trace, follow, open_locked

MART = re.compile(r"^(register|agreement|quality)\.[a-z][a-z0-9_]*$")
# Columns that `trace` can follow, in the order in which one is chosen for a mart.
FOLLOWED = (
    "rule_breach_id",
    "agreement_id",
    "report_id_register",
    "episode_id_register",
    "child_id_register",
)


class FigureError(ValueError):
    """The figure cannot be followed; the message says what to give instead."""


@dataclass(frozen=True)
class FigureTrace:
    """A figure's rows: how many there are, and the first of them with the lines behind them.

    Rows are in the order of `column`, so that the same figure shows the same rows. A row that no
    delivered line stands behind, such as an unknown member, has a trace without lines.
    """

    mart: str
    where: str
    column: str
    generation_id: str
    row_count: int
    rows: tuple[Trace, ...]


def trace_figure(generation: Generation, mart: str, where: str, limit: int) -> FigureTrace:
    """Follow the first `limit` rows of `mart` that `where` keeps.

    Raises `FigureError` for a mart that is not published or holds no id, and for a filter that is
    not one condition on its columns.
    """
    if not MART.match(mart):
        raise FigureError("a mart is written schema.table, such as agreement.fct_agreement")
    with open_locked(generation) as connection:
        column = _followed_column(connection, mart)
        query = f"select {column} from {mart} where ({where}\n) and {column} is not null"
        _refuse_other_statements(connection, query)
        try:
            (row_count,) = _one(connection, f"select count(*) from ({query})")
            found = connection.execute(
                f"select distinct {column} from ({query}) order by 1 limit {int(limit)}"
            ).fetchall()
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
        f"{mart} holds counts and no ids: give the mart that it counts, such as "
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
