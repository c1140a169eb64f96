"""`python -m benchmarks.faults`: run every fault on a small nation, and write a page of results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.faults.homes import Nation, build_nation
from benchmarks.faults.scenarios import (
    CLOCKS,
    DISKS,
    STORES,
    NotPossibleError,
    Result,
    serve_readers,
    survive_each_other,
    survive_kills,
    survive_spoiled_disk,
    survive_wrong_clock,
)

app = typer.Typer(add_completion=False)
VERDICTS = {True: "well", False: "**fault**", None: "not tried"}
FAULTS = ("disks", "clocks", "kills", "together", "readers")


@app.command()
def faults(  # noqa: PLR0913, PLR0917 - options of a command
    folder: Annotated[Path, typer.Option(help="Scratch homes, and the page `index.md`.")] = Path(
        "build/faults"
    ),
    only: Annotated[
        list[str] | None, typer.Option(help=f"Some of: {', '.join(FAULTS)}; repeatable.")
    ] = None,
    authorities: Annotated[int, typer.Option(min=1, help="Size of the nation.")] = 2,
    kills: Annotated[int, typer.Option(min=0, help="Loads that are killed.")] = 40,
    loads: Annotated[int, typer.Option(min=1, help="Publications under readers.")] = 10,
    opens: Annotated[int, typer.Option(min=1, help="Opens by readers at least.")] = 2000,
    dsn: Annotated[
        str, typer.Option(help="An empty PostgreSQL database of the loading role, to read too.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of the moments of kills.")] = 1,
) -> None:
    """Run faults on real loads; exit code 1 if one lost, tore or left something unclear."""
    folder = folder.resolve()
    nation = build_nation(folder / "nation", authorities)
    home = folder / "home"
    runs: dict[str, Callable[[], Iterable[Result]]] = {
        "disks": lambda: _spoil_disks(nation, home),
        "clocks": lambda: _spoil_clocks(nation, home),
        "kills": lambda: survive_kills(nation, home, kills, seed),
        "together": lambda: [survive_each_other(nation, home)],
        "readers": lambda: [serve_readers(nation, home, loads, opens, dsn or None)],
    }
    results: list[Result] = []
    for name in only or FAULTS:
        for result in runs[name]():
            typer.echo(f"{VERDICTS[result.is_well]}: {result.fault}: {result.says}")
            results.append(result)
            (folder / "index.md").write_text(_format_page(nation, authorities, results))
    if any(result.is_well is False for result in results):
        raise typer.Exit(1)


def _spoil_disks(nation: Nation, home: Path) -> Iterator[Result]:
    for store in STORES:
        for spoiled in DISKS:
            try:
                yield survive_spoiled_disk(nation, home, store, spoiled)
            except NotPossibleError as error:
                yield Result(f"{store}: disk {spoiled}", None, str(error))


def _spoil_clocks(nation: Nation, home: Path) -> Iterator[Result]:
    for name in CLOCKS:
        try:
            yield survive_wrong_clock(nation, home, name)
        except NotPossibleError as error:
            yield Result(f"clock {name}", None, str(error))


def _format_page(nation: Nation, authorities: int, results: list[Result]) -> str:
    tried = [result for result in results if result.is_well is not None]
    well = sum(bool(result.is_well) for result in tried)
    return "\n".join(
        [
            "# Faults",
            "",
            f"{well} of {len(tried)} faults that were tried left nothing lost, torn or unclear;"
            f" {len(results) - len(tried)} could not be tried. Nation:"
            f" {authorities} authorities, one year, seed 1. An undisturbed second load took"
            f" {nation.seconds:.0f} seconds. {datetime.now(UTC):%Y-%m-%d}.",
            "",
            "| fault | verdict | what happened |",
            "|---|---|---|",
            *(f"| {each.fault} | {VERDICTS[each.is_well]} | {each.says} |" for each in results),
            "",
        ]
    )


if __name__ == "__main__":
    app()
