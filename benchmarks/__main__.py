"""`make bench`: every stage of a load at growing size, beside its floor, as one table."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measurement, measure

app = typer.Typer(add_completion=False)
GIB = 1024**3
MODELS_SHOWN = 15
STAGES = (
    "simulate",
    "check",
    "land",
    "transform",
    "publish",
    "serve_parquet",
    "serve_postgres",
    "measure",
)
FLOORS = {
    "check": "check_floor",
    "land": "read_floor",
    "transform": "transform_floor",
    "serve_parquet": "parquet_floor",
    "serve_postgres": "postgres_floor",
}


@app.command()
def bench(
    years: Annotated[
        list[float] | None, typer.Option(help="national years to measure; repeat for more")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="also write the figures as JSON")] = None,
    folder: Annotated[Path | None, typer.Option(help="where the scratch homes are made")] = None,
) -> None:
    """Simulate, land, transform, publish and measure nations of growing size."""
    console = Console()
    figures: list[dict[str, float | str]] = []
    for size in years or [0.1, 1.0, 10.0]:
        home = Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
        try:
            figures += _measure_size(home, size, console)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    _show(figures, console)
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _measure_size(home: Path, size: float, console: Console) -> list[dict[str, float | str]]:
    rows: list[dict[str, float | str]] = []
    done: dict[str, Measurement] = {}
    for stage in STAGES:
        console.log(f"{size:g} national years: {stage}")
        options = (str(size),) if stage == "simulate" else ()
        if stage == "land":
            late = _hold_back_last_month(home)
        found = measure(stage, home, *options)
        done[stage] = found
        # Measuring has no floor of its own: it is held to the transform that it follows.
        floor = done["transform"] if stage == "measure" else None
        if stage in FLOORS:
            floor = measure(FLOORS[stage], home)
        rows.append(_row(size, stage, found, floor))
        if stage == "transform":
            _show_memory(size, measure("model_memory", home).said, console)
        if stage == "land":
            _put_back(late)
            month = measure("land", home)
            rows.append(_row(size, "land one more month", month, found))
    return rows


def _hold_back_last_month(home: Path) -> list[tuple[Path, Path]]:
    """Move the last month of every force out of the inbox; return where from and where to."""
    months = sorted({path.name for path in (home / "inbox" / "police_reports").glob("*/*")})
    moved = []
    for path in sorted((home / "inbox" / "police_reports").glob(f"*/{months[-1]}")):
        aside = home / "held_back" / path.parent.name
        aside.parent.mkdir(exist_ok=True)
        shutil.move(path, aside)
        moved.append((path, aside))
    return moved


def _put_back(moved: list[tuple[Path, Path]]) -> None:
    for path, aside in moved:
        shutil.move(aside, path)


def _row(
    size: float, stage: str, found: Measurement, floor: Measurement | None
) -> dict[str, float | str]:
    rows = found.said.get("rows", 0.0)
    row: dict[str, float | str] = {
        "national_years": size,
        "stage": stage,
        "seconds": round(found.seconds, 2),
        "peak_gib": round(found.peak_bytes / GIB, 2),
        "rows": rows,
        "rows_per_second": round(rows / found.seconds) if found.seconds else 0,
    }
    if floor:
        row["floor_seconds"] = round(floor.seconds, 2)
        row["ratio"] = round(found.seconds / floor.seconds, 3)
    return row


def _show_memory(size: float, peaks: dict[str, float], console: Console) -> None:
    """The models that take most memory while they are made: what a larger nation meets first."""
    table = Table(title=f"Peak memory by model, {size:g} national years")
    table.add_column("model")
    table.add_column("peak GiB", justify="right")
    for model, peak in sorted(peaks.items(), key=lambda item: (-item[1], item[0]))[:MODELS_SHOWN]:
        table.add_row(model, f"{peak / GIB:.2f}")
    console.print(table)


def _show(figures: list[dict[str, float | str]], console: Console) -> None:
    table = Table(title="Stages of a load, each beside its floor in the same run")
    columns = ["national_years", "stage", "seconds", "peak_gib", "rows", "rows_per_second"]
    columns += ["floor_seconds", "ratio"]
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "stage" else "right")
    for row in figures:
        table.add_row(*[str(row.get(name, "")) for name in columns])
    console.print(table)
    console.print(
        "Floors: for check (one return, the largest) and land, the engine's own reader on the same"
        " files; for transform, the compiled"
        " SQL straight through the engine; for one more month, the full landing; for serving, a"
        " plain copy of the same tables; for measure, the transform."
    )


if __name__ == "__main__":
    app()
