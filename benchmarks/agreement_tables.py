"""The agreement tables over many years, each built from copies of its input.

A home is loaded once. Its agreement models read absences, reports, children and deliveries from
other models. These rows are copied several times, each copy with earlier dates and keys of its own.
The compiled SQL of every agreement model then runs on the copies, in order of dependency, in a
temporary database. Look-ups, calendars and areas are not copied.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from register.publishing import current_generation
from register.settings import Settings

FOLDERS = (
    "marts/agreement",
    "intermediate/agreement",
    "intermediate/interviews",
    "intermediate/linkage",
    "intermediate/measures",
    "intermediate/reconciliation",
    "intermediate/trends",
)
TRUTH = "stg_truth__"
# Prefixes of the names of input tables (areas, days and look-ups) that are not repeated: all copies
# of the home's years share them.
SHARED = ("dim_", "ref__", "map__", "int_days_", "int_authorit", "int_postcodes_", "int_tolerances")
# These tables get no primary key. A supplier's months extend beyond the home's years, so months of
# one copy recur in the next.
OVERLAPPING = ("agg_recording_breaks_by_supplier", "agg_trends_by_supplier_month")
# Counts the home's collection years, without years that have only a few stray absences.
YEARS = """
select count(*) from (
    select collection_year
    from national_register.agreement.fct_agreement
    group by collection_year
    having count(*) > 0.05 * (select count(*) from national_register.agreement.fct_agreement)
)
"""


class Model(NamedTuple):
    """A relation: its location, its parents, its SQL if it is built here, and its primary key."""

    relation: str
    parents: frozenset[str]
    sql: Path | None
    key: str | None


def time_tables(settings: Settings, copies: int) -> list[dict[str, Any]]:
    """Build every agreement table over `copies` of a home; return rows, seconds and peak gigabytes.

    The last row of the result is for all tables together. They are built in a separate process, so
    that the peak is theirs alone.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_time_tables, (settings, copies))


def _time_tables(settings: Settings, copies: int) -> list[dict[str, Any]]:
    models = read_models(settings)
    built = [name for name, model in models.items() if model.sql]
    with (
        tempfile.TemporaryDirectory(dir=settings.home) as folder,
        duckdb.connect(str(Path(folder) / "scaled.duckdb")) as db,
    ):
        db.execute(f"set threads = 2; set memory_limit = '{settings.memory_gigabytes}GB'")
        db.execute("set enable_progress_bar = false")
        _attach_databases(db, settings)
        row = db.execute(YEARS).fetchone()
        years = int(row[0]) if row else 1
        for name, model in models.items():
            if not model.sql and not name.startswith(SHARED):
                _repeat_table(db, name, model.relation, range(0, copies * years, years))
        began = time.perf_counter()
        rows = [_time_table(db, name, models) for name in built]
    rows.sort(key=lambda row: -float(row["seconds"]))
    total = {"table": "all", "rows": sum(row["rows"] for row in rows)}
    return [*rows, total | _measure_costs(began)]


def read_models(settings: Settings) -> dict[str, Model]:
    """Return the agreement models and their inputs from dbt's last build, parents first."""
    target = settings.warehouse / "dbt_target" / "build"
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    compiled = target / "compiled" / "national_register" / "models"
    of_truth = _of_truth(nodes)
    mine = {
        key
        for key, node in nodes.items()
        if node["resource_type"] == "model"
        and node["path"].startswith(FOLDERS)
        and node["language"] == "sql"
        and key not in of_truth
    }
    models: dict[str, Model] = {}

    def visit_model(key: str) -> None:
        node = nodes[key]
        if node["name"] in models:
            return
        parents = [each for each in node["depends_on"].get("nodes", ()) if each in nodes]
        if key in mine:
            for parent in parents:
                visit_model(parent)
        models[node["name"]] = Model(
            node["relation_name"],
            frozenset(nodes[each]["name"] for each in parents),
            compiled / node["path"] if key in mine else None,
            _primary_key(node),
        )

    for key in sorted(mine):
        visit_model(key)
    return models


def _primary_key(node: dict[str, Any]) -> str | None:
    """Return the column that a mart's contract declares as its primary key, or None."""
    for column in node.get("columns", {}).values():
        if any(each["type"] == "primary_key" for each in column.get("constraints", ())):
            return str(column["name"])
    return None


def _of_truth(nodes: dict[str, Any]) -> set[str]:
    """Return the models that read a simulated truth, directly or through other models."""
    keys = {key for key, node in nodes.items() if node["name"].startswith(TRUTH)}
    while True:
        more = {
            key
            for key, node in nodes.items()
            if keys & set(node.get("depends_on", {}).get("nodes", ()))
        }
        if more <= keys:
            return keys
        keys |= more


def _attach_databases(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    generation = current_generation(settings)
    assert generation is not None
    db.execute(f"attach '{settings.warehouse / 'warehouse.duckdb'}' as warehouse (read_only)")
    for name in ("national_register", "case_lists"):
        db.execute(f"attach '{generation.folder / name}.duckdb' as {name} (read_only)")


def _repeat_table(db: duckdb.DuckDBPyConnection, name: str, relation: str, ages: range) -> None:
    """Copy a table once for each of `ages`, with new keys, and dates that many years earlier."""
    own = []
    for column, kind in (row[:2] for row in db.execute(f"describe {relation}").fetchall()):
        if column == "collection_year":
            own.append(
                "case when copy = 0 or collection_year = 'unknown' then collection_year else"
                " (collection_year[1:4]::int - copy) || '-'"
                " || lpad(((collection_year[1:4]::int - copy + 1) % 100)::varchar, 2, '0')"
                " end as collection_year"
            )
        elif kind in ("DATE", "TIMESTAMP"):
            own.append(f"({column} - to_years(copy::int))::{kind} as {column}")
        elif kind == "VARCHAR" and column.endswith(("_key", "_register")):
            own.append(
                f"case copy when 0 then {column} else copy || '#' || {column} end as {column}"
            )
    db.execute(
        f"create table {name} as select * replace ({', '.join(own)})"
        f" from {relation} cross join range(0, {ages.stop}, {ages.step}) as copies (copy)"
        if own
        else f"create table {name} as from {relation}"
    )


def _time_table(
    db: duckdb.DuckDBPyConnection, name: str, models: dict[str, Model]
) -> dict[str, Any]:
    path = models[name].sql
    assert path is not None
    sql = path.read_text(encoding="utf-8")
    for parent in models[name].parents:
        if models[parent].sql or not parent.startswith(SHARED):
            sql = sql.replace(models[parent].relation, f'"{parent}"')
    key = models[name].key
    began = time.perf_counter()
    db.execute(f"create table {name} as {sql}")
    if key and name not in OVERLAPPING:
        db.execute(f"alter table {name} add primary key ({key})")
    used = _measure_costs(began)
    row = db.execute(f"select count(*) from {name}").fetchone()
    return {"table": name, "rows": row[0] if row else 0} | used


def _measure_costs(began: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"seconds": round(time.perf_counter() - began, 1), "peak_gigabytes": round(peak, 1)}
