"""`python -m benchmarks.linkage`: public sets and a simulated nation, linked by several methods."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.linkage.decade import time_decade
from benchmarks.linkage.environment import export_public_sets
from benchmarks.linkage.linked_nation import link_nation, read_nation, time_scoring
from benchmarks.linkage.public_set_rows import show_public_sets, write_yaml_tables
from benchmarks.linkage.public_sets import FILE_NAMES, PUBLIC_SETS, measure_public_set

app = typer.Typer(add_completion=False)
BUILD = Path(__file__).parent.parent.parent / "build"


@app.command()
def bench(
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
    build: Annotated[
        Path, typer.Option(help="folder for the public sets and their Python environment")
    ] = BUILD,
    nation: Annotated[
        Path | None, typer.Option(help="also link this simulated home, which must be loaded")
    ] = None,
    years: Annotated[
        int,
        typer.Option(help="with --nation: also score this many years of it, then one more month"),
    ] = 0,
) -> None:
    """Link public sets by exact matching, by stock Splink and by the register; print the quality.

    The last lines are the rows for measurements.yaml. With --nation, link a simulated nation too.
    The best F1 is reached at a threshold that is chosen with the truth, so it is an upper limit.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    console = Console(width=120)
    if nation:
        # Scoring comes first, since peak memory is measured over the life of the process.
        _show_times(time_scoring(read_nation(nation)), console)
        for figures in time_decade(nation, years, build / "decade") if years else ():
            console.print(figures["step"], end=": ")
            _show_times(figures, console)
        _show_nation(link_nation(nation), console)
    folder = export_public_sets(build, FILE_NAMES)
    measured = []
    for public_set in PUBLIC_SETS:
        console.log(f"{public_set.name}: link by every method")
        measured.append(measure_public_set(public_set, folder))
    show_public_sets(measured, console)
    typer.echo(write_yaml_tables(measured))
    if output:
        rows = [asdict(each) for each in measured]
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _show_nation(figures: list[dict[str, Any]], console: Console) -> None:
    table = Table(title="A simulated nation, all pairs of mentions, no decisions")
    headings = (
        "method",
        "precision",
        "95 %",
        "recall",
        "95 %",
        "F1",
        "twins",
        "adopted",
        "seconds",
    )
    for heading in headings:
        table.add_column(heading)
    for row in figures:
        shares = []
        for name in ("precision", "recall"):
            lower, upper = row[f"{name}_interval"]
            shares += [f"{row[name]:.4f}", f"{lower:.4f}-{upper:.4f}"]
        joined = (str(row[name]) for name in ("twins", "adopted"))
        table.add_row(row["method"], *shares, f"{row['f1']:.4f}", *joined, f"{row['seconds']:.0f}")
    console.print(table)


def _show_times(times: dict[str, Any], console: Console) -> None:
    console.print(
        f"{times['mention_count']:,.0f} mentions scored in {times['seconds']:.0f} s"
        f" ({times['processor_seconds']:.0f} s of processor time),"
        f" at most {times['peak_gigabytes']:.1f} GB"
    )


if __name__ == "__main__":
    app()
