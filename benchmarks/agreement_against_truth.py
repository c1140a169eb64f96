"""`python -m benchmarks.agreement_against_truth`: agreement compared with a simulated truth.

The home must be simulated and loaded. A status says which sources recorded an absence. Each
population and status has three figures. The figure as counted is the trivial baseline. The figure
corrected with the true error rates shows the method alone. The last figure is the published one.

`--judge 400` draws a clerical sample and judges it by the truth. After the next load, the published
figures are like those of a real home with such a sample. `agreement_tables` times the tables over
many years.
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

from benchmarks.agreement_judged import judge_sample
from benchmarks.agreement_tables import time_tables
from register.publishing import current_generation
from register.settings import Settings, load_settings

app = typer.Typer(add_completion=False)
TRUTH = "quality.agg_estimates_against_truth_by_area_year"


@dataclass(frozen=True)
class Coverage:
    """The estimates of one population and status, compared with the truth.

    Shares are those of the nation. Errors are mean absolute errors (0-1) over authorities and
    years. They are None for a share that is not corrected, or that has only bounds.
    """

    population: str
    status: str
    true_share: float
    counted_share: float
    share_at_true_rates: float | None
    corrected_share: float | None
    authority_years: int
    counted_error: float
    error_at_true_rates: float | None
    corrected_error: float | None
    counted_within: int
    corrected_within: int


@app.command()
def bench(
    copies: Annotated[
        int, typer.Option(help="number of copies of the home for timing the tables; 0: no timing")
    ] = 0,
    judge: Annotated[
        int,
        typer.Option(help="judge this many sampled pairs by the truth, for use by the next load"),
    ] = 0,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
) -> None:
    """Compare the current generation's agreement figures with the simulated truth.

    With --copies, also time the agreement tables on many copies of the home.
    """
    settings = load_settings()
    console = Console(width=120)
    coverages = read_coverages(settings)
    _show(console, "Agreement held to the truth", [asdict(row) for row in coverages])
    if judge:
        console.print(f"{judge_sample(settings, judge):,} pairs judged: `register load` uses them")
    timed = time_tables(settings, copies) if copies else []
    if timed:
        _show(console, f"Tables over {copies} copies of the home", timed)
    if output:
        figures = {"coverage": [asdict(row) for row in coverages], "tables": timed}
        output.write_text(json.dumps(figures, indent=2), encoding="utf-8")


def read_coverages(settings: Settings) -> list[Coverage]:
    """Return how close the estimates of each population and status are to the truth."""
    generation = current_generation(settings)
    if generation is None:
        raise typer.BadParameter("the home has no generation: load it first")
    query = f"""
        select
            population_code, status,
            max(case when area_level_code = 'nation' then true_share end),
            max(case when area_level_code = 'nation' then counted_share end),
            max(case when area_level_code = 'nation' then share_at_true_rates end),
            max(case when area_level_code = 'nation' then corrected_share end),
            count(*) filter (where area_level_code = 'authority'),
            avg(abs(counted_error)) filter (where area_level_code = 'authority'),
            avg(abs(error_at_true_rates)) filter (where area_level_code = 'authority'),
            avg(abs(corrected_error)) filter (where area_level_code = 'authority'),
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
