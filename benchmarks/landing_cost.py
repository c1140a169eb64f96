"""`python -m benchmarks.landing_cost INBOX`: landing beside its floor, in one run.

The floor is the least that PyArrow must do for the same files: unpack archives, read each text file
into text columns, and write them as Parquet. With `--commit`, this commit lands the same inbox too,
and the landed files of both are compared byte by byte. The inbox is only read.

Processor seconds of all processes are compared, because other work on the machine hardly affects
them. The seconds for starting a stage are subtracted. Of several rounds the lowest counts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.checkouts import Checkout, check_out, working_tree
from benchmarks.measure import Measurement, measure

app = typer.Typer(add_completion=False)
START, FLOOR = "start", "floor"


@app.command()
def compare(
    inbox: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="inbox to land")],
    commit: Annotated[
        str | None, typer.Option(help="also land with this commit, and compare what landed")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="number of measurements of each")] = 1,
    folder: Annotated[Path | None, typer.Option(help="folder for the scratch homes")] = None,
) -> None:
    """Land an inbox and measure the floor; print both and their ratio."""
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="landing-", dir=folder) as scratch,
        check_out(commit) if commit else nullcontext() as reference,
    ):
        checkouts = [checkout for checkout in (reference, working_tree()) if checkout]
        homes = [Path(scratch).resolve() / str(place) for place in range(len(checkouts))]
        costs: dict[str, list[Measurement]] = {}
        for _ in range(rounds):
            costs.setdefault(START, []).append(_measure_in(homes[0], inbox, "start"))
            costs.setdefault(FLOOR, []).append(_measure_in(homes[0], inbox, "land_floor"))
            for checkout, home in zip(checkouts, homes, strict=True):
                cost = _measure_in(home, inbox, "land_deliveries", checkout)
                costs.setdefault(checkout.name, []).append(cost)
        console.print(cost_table(costs))
        if reference:
            differing = list(list_differing_files(*(home / "landing" for home in homes)))
            console.print(f"{len(differing)} landed files differ", *differing[:20])
            raise typer.Exit(1 if differing else 0)


def _measure_in(
    home: Path, inbox: Path, stage: str, checkout: Checkout | None = None
) -> Measurement:
    """Measure a stage in a fresh home with this inbox."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "inbox").symlink_to(inbox.resolve(), target_is_directory=True)
    return measure(stage, home, checkout=checkout)


def list_differing_files(before: Path, after: Path) -> Iterator[str]:
    """Yield each file that only one of two folders has, or whose bytes differ."""
    names = {
        path.relative_to(folder)
        for folder in (before, after)
        for path in folder.rglob("*")
        if path.is_file()
    }
    for name in sorted(names):
        paths = (before / name, after / name)
        if not all(path.is_file() for path in paths) or len({p.read_bytes() for p in paths}) > 1:
            yield name.as_posix()


def cost_table(costs: dict[str, list[Measurement]]) -> Table:
    """Return a table of the lowest costs after the start, each beside the floor."""
    table = Table(title="Landing beside its floor, in one run")
    for column in ("", "processor seconds", "of the floor", "seconds", "peak MiB", "rows"):
        table.add_column(column, justify="right" if column else "left")
    lowest = {
        name: min(of_name, key=lambda cost: cost.cpu_seconds) for name, of_name in costs.items()
    }
    start = lowest.pop(START)
    floor = lowest[FLOOR].cpu_seconds - start.cpu_seconds
    for name, best in lowest.items():
        spent = best.cpu_seconds - start.cpu_seconds
        table.add_row(
            name,
            f"{spent:,.1f}",
            f"{spent / floor:.2f}",
            f"{best.seconds - start.seconds:,.1f}",
            f"{best.peak_bytes / 2**20:,.0f}",
            f"{best.figures['rows']:,.0f}",
        )
    return table


if __name__ == "__main__":
    app()
