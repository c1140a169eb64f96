"""The cost of protecting and attacking years of the whole nation.

Thresholds and rounding alone are compared with the whole method, on the same invented year. The
attack shows the difference. On thresholds alone, it stops once single sums give counts away. Each
stage runs in its own process, so that its memory is measured separately.
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

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.publication.cells import COUNTED
from benchmarks.publication.data_set_files import write_files
from benchmarks.publication.nation_of_episodes import YEAR, nation_authorities, national_year
from official_statistics import DataSet, read_data_sets, read_rules
from official_statistics.protection import protect
from suppression_attack import attack

app = typer.Typer(add_completion=False)
Figures = dict[str, Any]
AUTHORITY = "Local authority"
# In the second release, every eighth authority corrects its years, unless others are given.
CORRECTED = 8


@app.command()
def bench(  # noqa: PLR0913, PLR0917 - the options of a command
    children: Annotated[int, typer.Option(help="number of children in each year")] = 71_000,
    seed: Annotated[int, typer.Option(help="seed for the invented years")] = 7,
    years: Annotated[int, typer.Option(help="number of years in each release")] = 1,
    releases: Annotated[int, typer.Option(min=1, max=2, help="number of releases")] = 1,
    every: Annotated[int, typer.Option(min=1, help="take only every n-th authority")] = 1,
    corrected: Annotated[
        list[str] | None, typer.Option(help="code of an authority that corrects its years")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
) -> None:
    """Protect and attack years of all 153 authorities; print cost and findings.

    In a second release, the `corrected` authorities have corrected their data of every year: one in
    eight, if none is given. The figures of the others are repeated from the first release.
    """
    authorities = nation_authorities()[::every]
    corrected = corrected or authorities[::CORRECTED]
    with tempfile.TemporaryDirectory(prefix="publication-") as name:
        folder = Path(name)
        stages: list[tuple[str, Callable[..., Figures], tuple[Any, ...]]] = [
            (
                "cells",
                _make_cells,
                (folder, children // every, seed, years, authorities, [[], corrected][:releases]),
            ),
            *[
                (f"protection {at + 1}", _protect, (folder, at, corrected))
                for at in range(releases)
            ],
            ("attack on thresholds and rounding", _attack, ([folder / "bare0"], True)),
            (
                "attack on the whole",
                _attack,
                ([folder / f"whole{at}" for at in range(releases)], False),
            ),
        ]
        figures = {}
        for stage, function, arguments in stages:
            figures[stage] = _run_in_own_process(function, arguments)
            typer.echo(f"{stage}: {json.dumps(figures[stage])}")
    _show(figures, Console())
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _run_in_own_process(function: Callable[..., Figures], arguments: tuple[Any, ...]) -> Figures:
    """Run a stage in its own process, and return its figures."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (function, arguments))


def _measured(function: Callable[..., Figures], arguments: tuple[Any, ...]) -> Figures:
    start = time.process_time()
    outcome = function(*arguments)
    outcome["cpu_seconds"] = round(time.process_time() - start, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome | {"memory_megabytes": round(peak)}


def _data_sets() -> list[DataSet]:
    return [each for each in read_data_sets() if each.name in COUNTED]


def _make_cells(  # noqa: PLR0913, PLR0917 - what a nation is made of
    folder: Path,
    children: int,
    seed: int,
    years: int,
    authorities: list[str],
    corrected: list[list[str]],
) -> Figures:
    """Make the cells of each release, which has the given corrected authorities."""
    count = 0
    for at, some in enumerate(corrected):
        yearly_cells = [
            national_year(seed + each, children, authorities, corrected=some, year=YEAR - each)
            for each in range(years)
        ]
        cells = pa.concat_tables(yearly_cells)
        pq.write_table(cells, folder / f"cells{at}.parquet")
        count += cells.num_rows
    return {"cells": count}


def _earlier(folder: Path, at: int, corrected: list[str]) -> list[pa.Table]:
    """Return the protected cells of earlier releases; areas with carried-over years are marked."""
    earlier = []
    for before in range(at):
        table = pq.read_table(folder / f"protected{before}.parquet")
        carried = [area not in corrected for area in table["area_code"].to_pylist()]
        table = table.append_column("release", pa.array([f"release{before}"] * len(carried)))
        earlier.append(table.append_column("is_carried", pa.array(carried)))
    return earlier


def _protect(folder: Path, at: int, corrected: list[str]) -> Figures:
    cells = pq.read_table(folder / f"cells{at}.parquet")
    protected = protect(
        cells,
        _data_sets(),
        read_rules(),
        _earlier(folder, at, corrected),
        f"release{at}",
        progress=print,
    )
    pq.write_table(protected.cells, folder / f"protected{at}.parquet")
    rows = protected.cells.to_pylist()
    bare = [each | _without_second(each) for each in rows]
    for name, table in (
        (f"whole{at}", protected.cells),
        (f"bare{at}", pa.Table.from_pylist(bare, protected.cells.schema)),
    ):
        write_files(table, folder / name)
        # The files contain counts only, so remove the descriptions of derived figures from
        # `ties.yaml`.
        protected.write_ties(folder / name / "ties.yaml")
        ties = folder / name / "ties.yaml"
        words = ties.read_text(encoding="utf-8").split("\nderived:")[0]
        ties.write_text(words + "\n", encoding="utf-8")
    figures = _count_hidden(rows)
    audit = protected.audit["years"]
    names = ("too_narrow", "too_narrow_from_inside", "shown_again", "exchanged")
    return figures | {name: sum(year.get(name, 0) for year in audit) for name in names}


def _count_hidden(rows: list[dict[str, Any]]) -> Figures:
    """Return how many cells each step hides, and the share hidden by geographic level.

    The shares are given for all tables, and for the main tables alone.
    """
    figures: Figures = {
        kind: sum(each["hidden_as"] == kind for each in rows) for kind in ("first", "second")
    }
    main = {each.name for each in read_data_sets() if AUTHORITY in each.levels}
    for level in (AUTHORITY, "Regional", "National"):
        chosen = [each for each in rows if each["geographic_level"] == level and each["value"] > 0]
        for name, some in (
            ("all", chosen),
            ("main", [each for each in chosen if each["dataset"] in main]),
        ):
            kinds = [each["hidden_as"] for each in some]
            figures[f"{level}, {name}"] = {
                "cells": len(kinds),
                "first": kinds.count("first"),
                "second": kinds.count("second"),
                "share": round(1 - kinds.count(None) / max(len(kinds), 1), 4),
            }
    return figures


def _without_second(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["hidden_as"] != "second":
        return {}
    unit = 10 if cell["geographic_level"] in ("National", "Regional") else 5
    return {"symbol": None, "shown": (2 * cell["value"] + unit) // (2 * unit) * unit}


def _attack(folders: list[Path], is_quick: bool) -> Figures:
    report = attack(folders, progress=print, is_quick=is_quick).to_dict()
    names = ("cells", "hidden", "complements", "too_narrow", "exact", "kinds", "is_safe")
    return {name: report[name] for name in names}


def _show(figures: dict[str, Figures], console: Console) -> None:
    table = Table("stage", "CPU s", "MB", "figures", title="Publication of a national year")
    for stage, stage_figures in figures.items():
        rest = {
            k: v for k, v in stage_figures.items() if k not in ("cpu_seconds", "memory_megabytes")
        }
        words = ", ".join(f"{name} {value}" for name, value in rest.items())
        table.add_row(
            stage, str(stage_figures["cpu_seconds"]), str(stage_figures["memory_megabytes"]), words
        )
    console.print(table)
