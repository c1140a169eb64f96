"""`python -m benchmarks.agreement`: agreement held to a simulated truth, and its tables timed.

The home is one that has been simulated and loaded. Time is measured on a copy of what the tables
read, repeated until it holds ten national years, in a database of its own that is thrown away.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
import psutil
import typer
from rich.console import Console
from rich.table import Table

from register.publishing.generations import current_generation
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
TRUTH = "quality.agg_estimates_against_truth_by_area_year"
# In the order in which they read each other.
TABLES = (
    "agg_agreement_by_authority_force_month",
    "agg_agreement_by_authority_year",
    "agg_agreement_by_area_year",
    "agg_lags_by_area_year",
    "agg_duration_agreement_by_area_year",
    "int_timing_pairs_found",
    "int_unit_pairs_found",
    "int_linkage_children_counted",
    "int_linkage_both_squared",
    "agg_agreement_by_linkage",
    "agg_agreement_corrected_by_linkage",
    "agg_capture_recapture_by_area_year",
)
# What they read of an absence, a report or a child, which is repeated; all else is read as it is.
REPEATED = (
    "national_register.agreement.fct_agreement",
    "warehouse.intermediate.int_reports_conformed",
    "warehouse.intermediate.int_report_episodes",
    "warehouse.intermediate.int_episode_reports_summarised",
    "warehouse.intermediate.int_agreement_rows_gathered",
    "warehouse.intermediate.int_agreement_reasons_chosen",
    "warehouse.intermediate.int_evidence_counterparts_found",
    "warehouse.intermediate.int_source_absences_merged",
    "warehouse.intermediate.int_linkage_rows_gathered",
    "warehouse.intermediate.int_linkage_children_moved",
)
KEYS = (
    "agreement_id", "counterpart_agreement_id", "episode_id_register", "report_id_register",
    "child_id_register", "report_key", "source_absence_key", "child_key", "mention_key",
    "linkage_child_key", "collection_year",
)  # fmt: skip


@dataclass(frozen=True)
class Coverage:
    """How the estimates of one status lie to the truth, over authorities and years."""

    population: str
    status: str
    true_share: float
    counted_share: float
    corrected_share: float
    authority_years: int
    counted_within: int
    corrected_within: int


@app.command()
def bench(
    copies: Annotated[
        int, typer.Option(help="how often the home is repeated; 0 times nothing")
    ] = 0,
    output: Annotated[Path | None, typer.Option(help="also write the figures as JSON")] = None,
) -> None:
    """Hold the current generation's agreement to the truth, and time its tables at scale."""
    settings = load_settings()
    console = Console(width=120)
    coverages = read_coverages(settings)
    _show(console, "Agreement held to the truth", [asdict(row) for row in coverages])
    timed = time_tables(settings, copies) if copies else []
    if timed:
        _show(console, f"Tables over {copies} copies of the home", timed)
    if output:
        figures = {"coverage": [asdict(row) for row in coverages], "tables": timed}
        output.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def read_coverages(settings: Settings) -> list[Coverage]:
    """Read how many authority-years have the truth inside their interval, by status."""
    generation = current_generation(settings)
    if generation is None:
        raise typer.BadParameter("the home has no generation: load it first")
    query = f"""
        select
            population_code, status,
            max(case when area_level_code = 'nation' then true_share end),
            max(case when area_level_code = 'nation' then counted_share end),
            max(case when area_level_code = 'nation' then corrected_share end),
            count(*) filter (where area_level_code = 'authority'),
            count(*) filter (where area_level_code = 'authority' and is_counted_within),
            count(*) filter (where area_level_code = 'authority' and is_corrected_within),
        from {TRUTH}
        where
            rule_code = 'register' and linkage_code = 'central'
            and population_code in ('every_child', 'looked_after')
        group by all
        order by all
    """
    with duckdb.connect(str(generation.folder / "national_register.duckdb"), read_only=True) as db:
        return [Coverage(*row) for row in db.execute(query).fetchall()]


def time_tables(settings: Settings, copies: int) -> list[dict[str, Any]]:
    """Build each table over `copies` of the home; seconds, rows and gigabytes in use after it."""
    compiled = settings.warehouse / "dbt_target" / "compiled"
    with tempfile.TemporaryDirectory(dir=settings.home) as folder, duckdb.connect(
        str(Path(folder) / "scaled.duckdb")
    ) as db:  # fmt: skip
        db.execute("set threads = 2; set memory_limit = '8GB'")
        _attach(db, settings)
        for name in REPEATED:
            _repeat(db, name, copies)
        return [_timed(db, compiled, name) for name in TABLES]


def _attach(db: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    generation = current_generation(settings)
    assert generation is not None
    db.execute(f"attach '{settings.warehouse / 'warehouse.duckdb'}' as warehouse (read_only)")
    register = generation.folder / "national_register.duckdb"
    db.execute(f"attach '{register}' as national_register (read_only)")


def _repeat(db: duckdb.DuckDBPyConnection, name: str, copies: int) -> None:
    """Copy a table over and over; each copy has keys and years of its own."""
    columns = [row[0] for row in db.execute(f"describe {name}").fetchall()]
    own = ", ".join(f"{key} || '#' || copy as {key}" for key in KEYS if key in columns)
    db.execute(
        f"create table {name.rsplit('.', 1)[1]} as select * replace ({own})"
        f" from {name} cross join range({copies}) as copies (copy)"
    )


def _timed(db: duckdb.DuckDBPyConnection, compiled: Path, name: str) -> dict[str, Any]:
    # Beside a model lie the fixtures of its unit tests, below a folder named for its YAML.
    found = (path for path in compiled.rglob(f"{name}.sql") if path.parent.suffix != ".yml")
    sql = next(found).read_text(encoding="utf-8")
    known = {row[0] for row in db.execute("show tables").fetchall()}
    for table in known:
        for schema in ("warehouse.intermediate", "national_register.agreement"):
            quoted = ".".join(f'"{part}"' for part in (*schema.split("."), table))
            sql = sql.replace(quoted, f'"{table}"')
    began = time.perf_counter()
    db.execute(f"create table {name} as {sql}")
    seconds = time.perf_counter() - began
    rows = db.execute(f"select count(*) from {name}").fetchall()[0][0]
    used = psutil.Process().memory_info().rss / 2**30
    return {"table": name, "rows": rows, "seconds": round(seconds, 1), "gigabytes": round(used, 1)}


def _show(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title)
    for column in rows[0] if rows else []:
        table.add_column(column.replace("_", " "))
    for row in rows:
        values = row.values()
        table.add_row(*(f"{item:.3f}" if isinstance(item, float) else str(item) for item in values))
    console.print(table)


if __name__ == "__main__":
    app()
