"""Invented children to help, in the files of a generation that is not published yet."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

# The columns of `case_list_children` that pages and commands read, with an invented row.
CHILD: dict[str, Any] = {
    "urgency_rank": 1,
    "task_code": "away_now",
    "task_name": "Away now",
    "what_to_do": "Look for the child",
    "body_type_code": "authority",
    "body_code": "370",
    "body_name": "Barnsley",
    "child_id_register": "C1",
    "forenames": "Jackie",
    "surname": "Flynn",
    "birth_date": date(2011, 2, 3),
    "episode_id_register": "E1",
    "category_code": "missing",
    "episode_count": 1,
    "since_date": date(2026, 5, 30),
    "latest_at": datetime.fromisoformat("2026-05-30T20:15"),
    "hours_since_seen": 27,
    "due_at": None,
    "as_of_date": date(2026, 5, 31),
}
OVERDUE: dict[str, Any] = {
    **CHILD,
    "task_code": "interview_overdue",
    "task_name": "Return interview overdue",
    "hours_since_seen": None,
    "due_at": datetime.fromisoformat("2026-05-08T09:00"),
}
# The columns of `case_list_absences` that lists and commands read, with an invented row.
ABSENCE: dict[str, Any] = {
    "body_type_code": "authority",
    "body_code": "370",
    "line_reference": "0000000A",
    "is_recorded_by_body": False,
    "other_body_code": "E23000010",
    "child_references": "P1",
    "report_references": None,
    "category_code": "missing",
    "start_date": date(2026, 10, 1),
    "end_date": date(2026, 10, 2),
    "probable_reason": "The cause is not known",
    "what_to_do": "Look for the absence",
    "episode_id_register": "E1",
}
TYPES = {"forenames": "varchar", "hours_since_seen": "integer", "due_at": "timestamp"}
COUNTED = """
    create or replace table quality.agg_tasks_by_body as
    select task_code, task_name, body_type_code, body_code, count(*) as children_count,
        max(as_of_date) as as_of_date,
    from listed
    group by all
"""


def write_children(folder: Path, *rows: dict[str, Any]) -> None:
    """Write these rows into the case lists of a generation, in this order of urgency."""
    _write_rows(folder / "case_lists.duckdb", "operations.case_list_children", rows, TYPES)


def write_absences(folder: Path, *rows: dict[str, Any]) -> None:
    """Write these rows into the case lists of a generation, in this order of urgency."""
    types = {"report_references": "varchar", "end_date": "date"}
    _write_rows(folder / "case_lists.duckdb", "operations.case_list_absences", rows, types)


def write_task_counts(folder: Path, *rows: dict[str, Any]) -> None:
    """Write the counts of these rows, and no silent supplier, into the published marts."""
    path = folder / "national_register.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists quality")
        connection.execute(
            "create table quality.agg_silent_suppliers_by_feed (supplier_code varchar,"
            " feed varchar, last_coverage_code varchar, last_delivered_day date,"
            " since_date date, period_count bigint)"
        )
        connection.register("listed", pa.Table.from_pylist(list(rows)))
        connection.execute(COUNTED)


def _write_rows(
    path: Path, table: str, rows: tuple[dict[str, Any], ...], types: dict[str, str]
) -> None:
    numbered = [{**row, "urgency_rank": place} for place, row in enumerate(rows, 1)]
    casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in types.items())
    with duckdb.connect(str(path)) as connection:
        connection.register("given", pa.Table.from_pylist(numbered))
        connection.execute("create schema if not exists operations")
        connection.execute(
            f"create or replace table {table} as select * replace ({casts}) from given"
        )
