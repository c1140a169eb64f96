"""`python -m benchmarks.faults`: run every fault on a small nation, and write a page of results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.faults.fault_results import (
    PARTS,
    VERDICTS,
    Result,
    add_result,
    format_page,
    read_results,
)
from benchmarks.faults.homes import Nation, build_nation, prepare_copies
from benchmarks.faults.scenarios import (
    CLOCKS,
    DISKS,
    STORES,
    change_clocks,
    kill_loads,
    serve_readers,
    spoil_disks,
    start_together,
)

app = typer.Typer(add_completion=False)


@app.command()
def faults(  # noqa: PLR0913, PLR0917 - options of a command
    folder: Annotated[Path, typer.Option(help="Scratch homes and results.")] = Path("build/faults"),
    only: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Some of: {', '.join(PARTS)}; repeatable. Their results replace earlier ones in"
            " the folder. `none` only writes the page."
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="The page of all results; by default in the folder.")
    ] = None,
    authorities: Annotated[int, typer.Option(min=1, help="Size of the nation.")] = 2,
    kills: Annotated[int, typer.Option(min=0, help="Loads that are killed.")] = 40,
    publications: Annotated[int, typer.Option(min=1, help="Publications under readers.")] = 10,
    opens: Annotated[int, typer.Option(min=1, help="Opens by readers at least.")] = 2000,
    dsn: Annotated[
        str, typer.Option(help="An empty PostgreSQL database of the loading role, to read too.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of the moments of kills.")] = 1,
) -> None:
    """Run faults on real loads; exit code 1 if one lost, tore or left something unclear."""
    os.umask(0o077)  # the homes are copied, and `register doctor` looks at who may open them
    folder = folder.resolve()
    nation = build_nation(folder / "nation", authorities)
    file = folder / "results.jsonl"
    runs: dict[str, Callable[[Nation, Path], Iterator[Result]]] = {
        "disks": spoil_disks,
        "clocks": change_clocks,
        "kills": partial(kill_loads, count=kills, seed=seed),
        "together": start_together,
        "readers": partial(serve_readers, publications=publications, opens=opens, dsn=dsn),
    }
    is_well = True
    for name in [] if only == ["none"] else only or PARTS:
        home = folder / f"{name}-{seed}"
        for result in runs[name](prepare_copies(nation, home), home):
            typer.echo(f"{VERDICTS[result.is_well]}: {result.fault}: {result.says}")
            add_result(file, result)
            is_well = is_well and result.is_well is not False
    planned = {
        "disks": len(STORES) * len(DISKS),
        "clocks": len(CLOCKS),
        "kills": kills,
        "together": 1,
        "readers": 3,
    }
    text = format_page(read_results(file), authorities, planned)
    (page or folder / "index.md").write_text(text, encoding="utf-8")
    if not is_well:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
