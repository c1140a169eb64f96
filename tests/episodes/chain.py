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

from register.episodes import (
    AssignmentMethod,
    episodes_of_reports,
    group_absences,
    name_source_absences,
    read_method,
)
from register.settings import PROJECT_ROOT
from tests.dbt.functions import definitions
from tests.dbt.steps import CompiledModel

FOLDER = PROJECT_ROOT / "dbt_project"
MACROS = (
    "absences", "agreement", "births", "intervals", "keys", "dialect/collections",
    "dialect/time_zones",
)  # fmt: skip
SEEDS = (
    "ref__merge_tolerances", "ref__episode_parameters", "ref__tolerances_tried",
    "ref__reason_thresholds",
)  # fmt: skip
MOMENT = pa.timestamp("us")
INTERVALS = pa.schema(
    {
        "report_key": pa.string(), "child_id_register": pa.string(), "source": pa.string(),
        "feed": pa.string(), "start_lower_at": MOMENT, "start_upper_at": MOMENT,
        "end_lower_at": MOMENT, "end_upper_at": MOMENT, "end_precision": pa.string(),
        "eighteenth_birthday_date": pa.date32(), "episode_exclusion_reason": pa.string(),
        "supplier_code": pa.string(), "category_code": pa.string(),
    }
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
    folder = FOLDER / "models" / "episodes"
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    source += (folder / f"{model}.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    template = environment.from_string(source)
    return template.render(
        {"ref": lambda name: name, "function": lambda name: name, "return": lambda value: value,
         "dbt": _CrossDatabase, "adapter": _Adapter(), "config": lambda **_: ""}
    )  # fmt: skip


@cache
def read_seed(name: str) -> pa.Table:
    """A seed of the project as it is."""
    return pyarrow.csv.read_csv(PROJECT_ROOT / "seeds" / f"{name}.csv")


@cache
def method_of_chain() -> AssignmentMethod:
    """The numbers of the seeds."""
    return read_method(read_seed("ref__episode_parameters"), read_seed("ref__merge_tolerances"))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """A database in memory that has the functions and the seeds, for a few rows at a time."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(definitions())
    for name in SEEDS:
        connection.register(name, read_seed(name))
    return connection


def episodes_of(
    reports: list[dict[str, Any]], slack_hours: dict[str, float] | None = None
) -> dict[str, str]:
    """Return the episode of each report: the first key, in order, of those in it.

    `slack_hours` is that of each supplier that has any.
    """
    if not reports:
        return {}
    connection = _database()
    absences = _create_source_absences(connection, reports)
    delays = sorted((slack_hours or {}).items())
    connection.register(
        "int_case_system_timestamp_profiles",
        pa.table(
            [pa.array([row[0] for row in delays], pa.string()),
             pa.array([row[1] for row in delays], pa.float64())],
            ["supplier_code", "entry_delay_tolerance_hours"],
        ),
    )  # fmt: skip
    _create_model(connection, "int_absence_pairs")
    known = connection.execute(
        "select report_key, timestamp '2026-01-01' as first_received_at,"
        " date '2026-01-01' as first_period_start from int_report_intervals"
    ).to_arrow_table()
    placed = episodes_of_reports(absences, _group_pairs(connection, "int_absence_pairs"), known)
    founder_of = {row["report_key"]: row["founding_report_key"] for row in placed.to_pylist()}
    assert len(founder_of) == len(placed), "a report is in one episode"
    return founder_of


def delays_of(reports: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what `int_entry_delays` measures of each supplier, by its code."""
    connection = _database()
    _create_intervals(connection, reports)
    founder_of = connection.execute(rendered("int_entry_delays")).to_arrow_table().to_pylist()
    return {row["supplier_code"]: row for row in founder_of}


def _create_source_absences(
    connection: duckdb.DuckDBPyConnection, reports: list[dict[str, Any]]
) -> pa.Table:
    """Create the intervals and the absences of each source, and return the absences."""
    _create_intervals(connection, reports)
    _create_model(connection, "int_authority_absence_pairs")
    absences = name_source_absences(
        connection.table("int_report_intervals").to_arrow_table(),
        _group_pairs(connection, "int_authority_absence_pairs"),
    )
    connection.register("int_source_absences", absences)
    return absences


def _create_intervals(connection: duckdb.DuckDBPyConnection, reports: list[dict[str, Any]]) -> None:
    """Create `int_report_intervals` of invented intervals, from the step that bounds them on."""
    values = {name: [row.get(name) for row in reports] for name in INTERVALS.names}
    connection.register("given_intervals", pa.table(values, schema=INTERVALS))
    connection.execute(f"create or replace table int_report_intervals as {_bounded_intervals()}")


@cache
def _bounded_intervals() -> str:
    model = CompiledModel(rendered("int_report_intervals"))
    names = list(model.bodies)
    for name in names[: names.index("intervals")]:
        if name != "tolerances":
            del model.bodies[name]
    model.bodies["intervals"] = "select * from given_intervals"
    return model.query("final")


def _create_model(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    connection.execute(f"create or replace table {model} as {rendered(model)}")


def _group_pairs(connection: duckdb.DuckDBPyConnection, pairs: str) -> pa.Table:
    return group_absences(connection.table(pairs).to_arrow_table(), method_of_chain())
