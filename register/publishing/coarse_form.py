"""The coarse form of a generation: the published tables with less detail about each child.

It has every published relation as a table. A date or time about a child is given as the first day
of its month, and ages, durations and positions in delivered files are left out. The contracts of
the models say so for each column (`config: {meta: {coarse: …}}`). Who may read which form belongs
in `register.access`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from register.access import COARSE_FORM, EXACT_FORM
from register.queries import read_query
from register.settings import Settings

# How the coarse form shows a column: as it is, by month, or not at all.
SAME, MONTH, OMITTED = "same", "month", "omitted"
# For each `schema.table`, the level of each column that is not the same in both forms.
Levels = Mapping[str, Mapping[str, str]]
# A timestamp is in UTC, and its month is the month in London. Otherwise a time would have another
# month than its date, which would reveal the hour.
LONDON_MONTHS = {
    "DATE": "cast(date_trunc('month', cast({column} as timestamp)) as date)",
    "TIMESTAMP": "date_trunc('month', {column} at time zone 'UTC' at time zone 'Europe/London')",
}
# A number of days, counted from a day that is known, would reveal a date.
DAYS_OF_A_MONTH = 30
DAYS = "floor({column} / {days}) * {days}"
MONTH_NOTES = {
    "DATE": "Given as the first day of the month.",
    "TIMESTAMP": "Given as the first day of the month, in London.",
}
DAYS_NOTE = f"Rounded down to a multiple of {DAYS_OF_A_MONTH} days."
COLUMNS = read_query(__package__, "published_columns")


class CoarseFormError(ValueError):
    """A contract asks for a level that its column cannot have; the message names the column."""


@dataclass(frozen=True)
class CoarseColumn:
    """A column of the coarse form: its name, type and comment, and the SQL of its values.

    The SQL is valid in DuckDB and in PostgreSQL.
    """

    name: str
    data_type: str
    comment: str
    is_nullable: bool
    expression: str


def write_coarse_form(
    settings: Settings, folder: Path, levels: Levels, primary_keys: Mapping[str, Sequence[str]]
) -> None:
    """Write the coarse form of a build beside its exact form. An existing file is replaced.

    A relation that `levels` lacks is left out, so that nothing undeclared is shown.
    """
    path = folder / COARSE_FORM
    path.unlink(missing_ok=True)
    with duckdb.connect(config={"memory_limit": f"{settings.memory_gigabytes:g}GB"}) as connection:
        # The warehouse's folder is private, so rows that spill to disk are protected.
        connection.execute(f"set temp_directory = '{settings.warehouse / 'coarse_spill'}'")
        connection.execute(f"attach '{folder / EXACT_FORM}' as exact (read_only)")
        connection.execute(f"attach '{path}' as coarse")
        connection.execute("use exact")
        rows = connection.execute(COLUMNS).fetchall()
        for (schema, table, comment), columns in groupby(rows, key=lambda row: row[:3]):
            name = f"{schema}.{table}"
            if name in levels:
                visible = [
                    coarse
                    for _, _, _, *column in columns
                    if (coarse := coarsen_column(name, levels[name], *column)) is not None
                ]
                _write_table(connection, name, comment, visible, primary_keys.get(name, ()))


def coarsen_column(  # noqa: PLR0913, PLR0917 - a row of the catalogue
    table: str,
    levels: Mapping[str, str],
    name: str,
    data_type: str,
    is_nullable: bool,
    comment: str,
) -> CoarseColumn | None:
    """Return a column as the coarse form shows it, or None if it is left out.

    Raises `CoarseFormError` for an unknown level, or for a text by month.
    """
    level, quoted = levels.get(name, SAME), f'"{name}"'
    if level == OMITTED:
        return None
    if level == SAME:
        return CoarseColumn(name, data_type, comment, is_nullable, quoted)
    if level != MONTH or data_type in ("VARCHAR", "BOOLEAN"):
        raise CoarseFormError(f"{table}.{name} of type {data_type} cannot be shown as '{level}'")
    template = LONDON_MONTHS.get(data_type, DAYS)
    expression = template.format(column=quoted, days=DAYS_OF_A_MONTH)
    if data_type.endswith("INTEGER") or data_type == "BIGINT":
        expression = f"cast({expression} as {data_type})"
    note = MONTH_NOTES.get(data_type, DAYS_NOTE)
    return CoarseColumn(name, data_type, f"{comment} {note}".strip(), is_nullable, expression)


def _write_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    comment: str,
    columns: Sequence[CoarseColumn],
    primary_key: Sequence[str],
) -> None:
    """Create and fill one table of the coarse form.

    Rows are in the order of a pseudonym or of what is shown: the exact order could follow time.
    """
    names = [column.name for column in columns]
    key = [f'"{column}"' for column in primary_key if column in names]
    order = ", ".join(key) if key and len(key) == len(primary_key) else "all"
    definitions = ", ".join(
        f'"{column.name}" {column.data_type}' + ("" if column.is_nullable else " not null")
        for column in columns
    )
    select_list = ", ".join(f'{column.expression} as "{column.name}"' for column in columns)
    schema, _ = name.split(".")
    connection.execute(f"create schema if not exists coarse.{schema}")
    connection.execute(f"create table coarse.{name} ({definitions})")
    connection.execute(
        f"insert into coarse.{name} select {select_list} from exact.{name} order by {order}"
    )
    connection.execute(f"comment on table coarse.{name} is {_quote_text(comment)}")
    for column in columns:
        if column.comment:
            connection.execute(
                f'comment on column coarse.{name}."{column.name}" is {_quote_text(column.comment)}'
            )


def _quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
