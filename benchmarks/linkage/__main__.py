"""`python -m benchmarks.linkage`: FEBRL 4 and a simulated nation, each linked by three methods."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.linkage.decade import time_decade
from benchmarks.linkage.environment import febrl_folder
from benchmarks.linkage.linked_nation import link_nation, read_nation, time_scoring
from benchmarks.linkage.rivals import TestSet, exact_matching, stock_splink
from register.identity.clean import read_columns_map, read_person_table
from register.identity.evaluate import (
    Evaluation,
    SetFiles,
    TableTask,
    evaluate_set,
    evaluate_tables,
    read_labelled_set,
    truth_of,
)

app = typer.Typer(add_completion=False)
HERE = Path(__file__).parent
BUILD = HERE.parent.parent / "build"
MAPS = {
    "names, date of birth, postcode": HERE / "febrl_names.yaml",
    "all fields but the id": HERE / "febrl_all.yaml",
}


@app.command()
def bench(
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
    build: Annotated[
        Path, typer.Option(help="folder for the FEBRL 4 data and their Python environment")
    ] = BUILD,
    nation: Annotated[
        Path | None, typer.Option(help="also link this simulated home, which must be loaded")
    ] = None,
    years: Annotated[
        int,
        typer.Option(help="with --nation: also score this many years of it, then one more month"),
    ] = 0,
) -> None:
    """Link FEBRL 4 by exact matching, by stock Splink and by the register, and print the quality.

    With --nation, link a simulated nation too. The best F1 is reached at a threshold that is chosen
    with the truth, so it is an upper limit.
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
    folder = febrl_folder(build)
    left, right = (read_person_table(folder / f"{side}.csv") for side in ("left", "right"))
    truth = read_person_table(folder / "truth.csv")
    test_set = TestSet(left, right, truth_of(truth, has_right=True))
    fields = next(iter(MAPS))
    figures = [
        _time_method("exact matching", fields, True, lambda: exact_matching(test_set)),
        _time_method("Splink, stock", fields, False, lambda: stock_splink(test_set, False)),
        _time_method("Splink, stock", fields, True, lambda: stock_splink(test_set, True)),
    ]
    for name, path in MAPS.items():
        columns = read_columns_map(path)
        for one_to_one in (False, True):
            task = TableTask(left, right, truth, columns, one_to_one=one_to_one)
            figures.append(
                _time_method("ours", name, one_to_one, lambda task=task: evaluate_tables(task))
            )
    _show(figures, console)
    at_production = _at_production(folder)
    _show_production(at_production, console)
    figures += at_production
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _time_method(
    method: str, fields: str, one_to_one: bool, work: Callable[[], Evaluation]
) -> dict[str, Any]:
    started = time.perf_counter()
    outcome = work()
    return {
        "method": method,
        "fields": fields,
        "one_to_one": one_to_one,
        "precision": outcome.pairwise.precision,
        "recall": outcome.pairwise.recall,
        "f1": outcome.pairwise.f1,
        "f1_interval": outcome.pairwise.f1_interval,
        "best_f1": max((point["f1"] or 0.0 for point in outcome.curve), default=None),
        "candidate_recall": outcome.candidate_recall,
        "candidate_pair_count": outcome.candidate_pair_count,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _at_production(folder: Path) -> list[dict[str, Any]]:
    """Return the figures of FEBRL 3 and 4 linked as in a load.

    This includes the pinned model, caps, guards and clusters.
    """
    columns = next(iter(MAPS.values()))
    sets = {
        "FEBRL 3": SetFiles(
            folder / "febrl3_truth.csv", left=folder / "febrl3.csv", columns=columns
        ),
        "FEBRL 4": SetFiles(
            folder / "truth.csv",
            left=folder / "left.csv",
            right=folder / "right.csv",
            columns=columns,
        ),
    }
    rows = []
    for name, files in sets.items():
        started = time.perf_counter()
        evaluation = evaluate_set(read_labelled_set(files))
        rows.append(
            {
                "method": "ours, as a load links",
                "set": name,
                "precision": evaluation.in_children.precision,
                "recall": evaluation.in_children.recall,
                "f1": evaluation.in_children.f1,
                "f1_interval": evaluation.in_children.f1_interval,
                "missed_share": evaluation.missed.share,
                "seconds": round(time.perf_counter() - started, 1),
            }
        )
    return rows


def _show_production(figures: list[dict[str, Any]], console: Console) -> None:
    table = Table(title="As a load links: pinned model, caps, guards and clusters, no training")
    for heading in (
        "set",
        "precision",
        "recall",
        "F1",
        "95 %",
        "neither linked nor listed",
        "seconds",
    ):
        table.add_column(heading)
    for row in figures:
        lower, upper = row["f1_interval"]
        table.add_row(
            row["set"],
            *(f"{row[name]:.4f}" for name in ("precision", "recall", "f1")),
            f"{lower:.4f}-{upper:.4f}",
            f"{row['missed_share']:.4f}",
            f"{row['seconds']:.0f}",
        )
    console.print(table)


def _show(figures: list[dict[str, Any]], console: Console) -> None:
    table = Table(title="FEBRL 4, 5,000 x 5,000 (training included in seconds)")
    for heading in (
        "method",
        "fields",
        "1:1",
        "precision",
        "recall",
        "F1",
        "95 %",
        "best F1",
        "seconds",
    ):
        table.add_column(heading)
    for row in figures:
        lower, upper = row["f1_interval"]
        table.add_row(
            row["method"],
            row["fields"],
            "yes" if row["one_to_one"] else "no",
            *(f"{row[name]:.4f}" for name in ("precision", "recall", "f1")),
            f"{lower:.4f}-{upper:.4f}",
            f"{row['best_f1']:.4f}",
            f"{row['seconds']:.0f}",
        )
    console.print(table)


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
