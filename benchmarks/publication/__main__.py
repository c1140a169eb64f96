"""`python -m benchmarks.publication`: protecting and attacking a national year, and what it costs.

Thresholds and rounding alone stand beside the whole method, on the same invented year, and the
attack is what tells them apart. Each stage is a process of its own, so that memory is its own.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.publication.cells import DATASETS
from benchmarks.publication.files import write_files
from benchmarks.publication.nation import national_year
from register.statistics import DataSet, read_data_sets
from register.statistics.protection import protect
from register.statistics.rules import read_rules
from suppression_attack import attack

app = typer.Typer(add_completion=False)
Figures = dict[str, Any]


@app.command()
def bench(
    children: Annotated[int, typer.Option(help="children of the year")] = 71_000,
    seed: Annotated[int, typer.Option(help="of the invented year")] = 7,
    output: Annotated[Path | None, typer.Option(help="also write the figures as JSON")] = None,
) -> None:
    """Protect and attack a national year of 153 authorities; print cost and findings."""
    with tempfile.TemporaryDirectory(prefix="publication-") as name:
        folder = Path(name)
        stages: list[tuple[str, Callable[..., Figures], tuple[Any, ...]]] = [
            ("cells", _make, (folder, children, seed)),
            ("protection", _protect, (folder,)),
            ("attack on thresholds and rounding", _attack, (folder / "bare",)),
            ("attack on the whole", _attack, (folder / "whole",)),
        ]
        figures = {stage: _apart(function, arguments) for stage, function, arguments in stages}
    _show(figures, Console())
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _apart(function: Callable[..., Figures], arguments: tuple[Any, ...]) -> Figures:
    """Run a stage in a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (function, arguments))


def _measured(function: Callable[..., Figures], arguments: tuple[Any, ...]) -> Figures:
    start = time.process_time()
    found = function(*arguments)
    found["cpu_seconds"] = round(time.process_time() - start, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found | {"memory_megabytes": round(peak)}


def _data_sets() -> list[DataSet]:
    return [each for each in read_data_sets() if each.name in DATASETS]


def _make(folder: Path, children: int, seed: int) -> Figures:
    cells = national_year(seed, children)
    pq.write_table(cells, folder / "cells.parquet")
    return {"cells": cells.num_rows}


def _protect(folder: Path) -> Figures:
    cells = pq.read_table(folder / "cells.parquet")
    protected = protect(cells, _data_sets(), read_rules(), progress=print)
    pq.write_table(protected.cells, folder / "protected.parquet")
    rows = protected.cells.to_pylist()
    bare = [each | _without_second(each) for each in rows]
    for name, table in (
        ("whole", protected.cells),
        ("bare", pa.Table.from_pylist(bare, protected.cells.schema)),
    ):
        write_files(table, folder / name)
        # The files hold counts alone.
        protected.write_ties(folder / name / "ties.yaml")
        ties = folder / name / "ties.yaml"
        words = ties.read_text(encoding="utf-8").split("\nderived:")[0]
        ties.write_text(words + "\n", encoding="utf-8")
    found: Figures = {
        "first": sum(each["hidden_as"] == "first" for each in rows),
        "second": sum(each["hidden_as"] == "second" for each in rows),
    }
    for level in ("Local authority", "Regional", "National"):
        chosen = [each for each in rows if each["geographic_level"] == level and each["value"] > 0]
        hidden = np.array([each["hidden_as"] is not None for each in chosen])
        found[f"hidden_share_{level}"] = round(float(hidden.mean()), 4)
    years = protected.audit["years"]
    return found | {name: sum(year[name] for year in years) for name in ("too_narrow", "turns")}


def _without_second(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["hidden_as"] != "second":
        return {}
    unit = 10 if cell["geographic_level"] in ("National", "Regional") else 5
    return {"symbol": None, "shown": (2 * cell["value"] + unit) // (2 * unit) * unit}


def _attack(folder: Path) -> Figures:
    said = attack([folder], progress=print).to_dict()
    names = ("cells", "hidden", "complements", "too_narrow", "exact", "is_safe")
    return {name: said[name] for name in names}


def _show(figures: dict[str, Figures], console: Console) -> None:
    table = Table("stage", "CPU s", "MB", "figures", title="Publication of a national year")
    for stage, found in figures.items():
        rest = {k: v for k, v in found.items() if k not in ("cpu_seconds", "memory_megabytes")}
        words = ", ".join(f"{name} {value}" for name, value in rest.items())
        table.add_row(stage, str(found["cpu_seconds"]), str(found["memory_megabytes"]), words)
    console.print(table)


if __name__ == "__main__":
    app()
