"""The models that make episodes of reports, run as they stand, without a warehouse.

Macros and models are rendered as dbt would, DuckDB evaluates them, and the Python models' function
is called between them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.csv

from register.episodes import AssignmentMethod, group_absences, read_method
from register.settings import PROJECT_ROOT
from tests.dbt.functions import definitions

FOLDER = PROJECT_ROOT / "dbt_project"
MACROS = ("absences", "intervals", "keys", "dialect/collections", "dialect/time_zones")
SEEDS = ("ref__merge_tolerances", "ref__episode_parameters", "ref__tolerances_tried")
INTERVAL_COLUMNS = (
    ("report_key", "varchar"), ("child_id_register", "varchar"), ("source", "varchar"),
    ("feed", "varchar"), ("start_lower_at", "timestamp"), ("start_upper_at", "timestamp"),
    ("end_lower_at", "timestamp"), ("end_upper_at", "timestamp"), ("end_precision", "varchar"),
    ("eighteenth_birthday_date", "date"), ("episode_exclusion_reason", "varchar"),
    ("supplier_code", "varchar"),
)  # fmt: skip


class _Adapter:
    """Finds the macro of the engine, as dbt's dispatch does."""

    @jinja2.pass_context
    def dispatch(self, context: jinja2.runtime.Context, name: str) -> Any:
        return context.resolve(f"duckdb__{name}")


class _CrossDatabase:
    @staticmethod
    def dateadd(part: str, count: Any, moment: str) -> str:
        return f"date_add({moment}, to_{part}s({count}))"


@cache
def rendered(model: str) -> str:
    """Return a model's SQL, its references as table names."""
    paths = [FOLDER / "macros" / f"{name}.sql" for name in MACROS]
    folder = FOLDER / "models" / "intermediate" / "episodes"
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    source += (folder / f"{model}.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    template = environment.from_string(source)
    return template.render(
        {"ref": lambda name: name, "return": lambda value: value, "dbt": _CrossDatabase,
         "adapter": _Adapter()}
    )  # fmt: skip


def seed(name: str) -> pa.Table:
    """A seed of the project as it is."""
    return pyarrow.csv.read_csv(PROJECT_ROOT / "seeds" / f"{name}.csv")


def method() -> AssignmentMethod:
    """The numbers of the seeds."""
    return read_method(seed("ref__episode_parameters"), seed("ref__merge_tolerances"))


def episodes_of(
    reports: list[dict[str, Any]], slack_hours: dict[str, float] | None = None
) -> dict[str, str]:
    """Return the episode of each report: the first key, in order, of those in it.

    `slack_hours` is that of each supplier that has any.
    """
    with duckdb.connect() as connection:
        connection.execute(definitions())
        for name in SEEDS:
            connection.register(name, seed(name))
        columns = ", ".join(f"{name} {kind}" for name, kind in INTERVAL_COLUMNS)
        connection.execute(f"create table int_report_intervals ({columns})")
        marks = ", ".join("?" for _ in INTERVAL_COLUMNS)
        if not reports:
            return {}
        rows = [[row.get(name) for name, _ in INTERVAL_COLUMNS] for row in reports]
        connection.executemany(f"insert into int_report_intervals values ({marks})", rows)
        for name in ("feed_absences_merged", "authority_absences_compared"):
            _create(connection, f"int_{name}")
        _group(connection, "authority")
        slacks = sorted((slack_hours or {}).items())
        connection.register(
            "int_supplier_slacks_known",
            pa.table(
                [pa.array([row[0] for row in slacks], pa.string()),
                 pa.array([row[1] for row in slacks], pa.float64())],
                ["supplier_code", "slack_hours"],
            ),
        )  # fmt: skip
        for name in ("source_absences_merged", "source_absences_compared"):
            _create(connection, f"int_{name}")
        _group(connection, "source")
        query = """
            select report_key, coalesce(group_key, source_absence_key) as episode
            from int_source_absences_merged
            left join int_absence_assignments
                on source_absence_key = absence_key
        """
        placed = connection.execute(query).fetchall()
    assert len(placed) == len({key for key, _ in placed})
    first: dict[str, str] = {}
    for key, episode in sorted(placed):
        first.setdefault(episode, key)
    return {key: first[episode] for key, episode in placed}


def _create(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    connection.execute(f"create table {model} as {rendered(model)}")


def _group(connection: duckdb.DuckDBPyConnection, side: str) -> None:
    edges = connection.table(f"int_{side}_absences_compared").to_arrow_table()
    connection.register(f"int_{side}_absences_grouped", group_absences(edges, method()))
