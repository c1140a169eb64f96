"""`python -m benchmarks.agreement`: agreement held to a simulated truth, and its tables timed.

The home is one that has been simulated and loaded. How its tables are timed over many years is in
`tables`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.tables import time_tables
from register.publishing import current_generation
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
TRUTH = "quality.agg_estimates_against_truth_by_area_year"


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
        int, typer.Option(help="over how many copies of the home the tables are timed; 0 for none")
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
