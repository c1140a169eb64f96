"""The children to help, absences to compare, tasks of each body, and suppliers that are silent.

The rows of children have names and are for safeguarding staff only. They must not appear on a site,
in a log or in an error message. Counts have no names. The lists themselves are dbt models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from register.databases import open_database
from register.feeds import AbsenceLine
from register.publishing.generations import Generation
from register.publishing.register_files import open_register
from register.queries import read_query

LONDON = ZoneInfo("Europe/London")
CHILDREN = read_query(__package__, "children_to_help")
ABSENCES = read_query(__package__, "absence_lines")
TASKS = """
    select task_code, task_name, body_code, children_count, as_of_date
    from quality.agg_tasks_by_body
    where $body_code is null or body_code = $body_code
    order by body_type_code, body_code, task_code
"""
SILENT_SUPPLIERS = """
    select supplier_code, feed, last_coverage_code, last_delivered_day, since_date, period_count
    from quality.agg_silent_suppliers_by_feed
    order by since_date, supplier_code, feed
"""


@dataclass(frozen=True)
class ListedChild:
    """A child for whom an authority or force has a task: a row of `case_list_children`."""

    urgency_rank: int
    task_code: str
    task_name: str
    what_to_do: str
    body_code: str
    body_name: str
    child_id_register: str
    forenames: str | None
    surname: str | None
    birth_date: date | None
    episode_id_register: str
    category_code: str
    episode_count: int
    since_date: date
    latest_at: datetime
    hours_since_seen: int | None
    due_at: datetime | None
    as_of_date: date

    def build_csv_row(self) -> list[object]:
        """Return the child's cells; moments are London times with their difference from UTC."""
        return [_format_cell(cell) for cell in astuple(self)]


@dataclass(frozen=True)
class TaskCount:
    """The number of children for whom one authority or force has a task."""

    task_code: str
    task_name: str
    body_code: str
    children_count: int
    as_of_date: date


@dataclass(frozen=True)
class SilentSupplier:
    """A supplier without a usable delivery for the last periods of a feed that were due."""

    supplier_code: str
    feed: str
    last_coverage_code: str
    last_delivered_day: date | None
    since_date: date
    period_count: int


def read_children(
    generation: Generation, task_code: str | None = None, body_code: str | None = None
) -> list[ListedChild]:
    """Return the children of one task (or all) and one organisation (or all), most urgent first.

    Raises `LookupError` for a generation published before this list existed.
    """
    filters = {"task_code": task_code, "body_code": body_code}
    with _open_case_lists(generation) as connection:
        return [ListedChild(*row) for row in _fetch_rows(generation, connection, CHILDREN, filters)]


def read_absence_lines(generation: Generation, body_code: str | None = None) -> list[AbsenceLine]:
    """Return the absences that one source lacks, for one organisation (or all), most urgent first.

    Raises `LookupError` for a generation published before this list existed.
    """
    filters = {"body_code": body_code}
    with _open_case_lists(generation) as connection:
        return [AbsenceLine(*row) for row in _fetch_rows(generation, connection, ABSENCES, filters)]


def count_tasks(generation: Generation, body_code: str | None = None) -> list[TaskCount]:
    """Count the children of each task and organisation, without names.

    Raises `LookupError` for a generation published before these counts existed.
    """
    with open_register(generation) as connection:
        rows = _fetch_rows(generation, connection, TASKS, {"body_code": body_code})
    return [TaskCount(*row) for row in rows]


def read_silent_suppliers(generation: Generation) -> list[SilentSupplier]:
    """Return the suppliers and feeds without a usable delivery, longest silence first."""
    with open_register(generation) as connection:
        rows = _fetch_rows(generation, connection, SILENT_SUPPLIERS, {})
    return [SilentSupplier(*row) for row in rows]


def convert_to_london(moment: datetime) -> datetime:
    """Return a UTC moment of a list as the London time that staff read."""
    return moment.replace(tzinfo=UTC).astimezone(LONDON)


def _open_case_lists(generation: Generation) -> duckdb.DuckDBPyConnection:
    return open_database(generation.data_keys, generation.folder / "case_lists.duckdb")


def _format_cell(cell: object) -> object:
    if isinstance(cell, datetime):
        return convert_to_london(cell).isoformat(timespec="minutes")
    return "" if cell is None else cell


def _fetch_rows(
    generation: Generation,
    connection: duckdb.DuckDBPyConnection,
    query: str,
    filters: Mapping[str, str | None],
) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query, dict(filters)).fetchall()
    except duckdb.CatalogException:
        raise LookupError(
            f"generation {generation.generation_id} has no such list: load again"
        ) from None
