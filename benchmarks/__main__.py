"""`make bench`: time and memory of every stage of a load, for nations of growing size.

Beside each stage stands its floor: the least that an engine must do for the same result. The
measurements are saved in the scratch home after each stage. So an interrupted run continues where
it stopped if it is given the same `--folder`. Ten years of the whole nation take hours.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measurement, measure
from benchmarks.stages import MODEL

app = typer.Typer(add_completion=False)
GIB = 1024**3
MODELS_SHOWN = 15
NOTES = "bench.json"
# Gigabytes of disk that measuring one year of the whole nation takes (feeds, landing, warehouse and
# marts). A size is not measured if the disk has less for it.
DISK_GIB = 4.5
# The sizes that are measured if `--years` gives none, in years of the whole nation. Measuring them
# takes minutes.
USUAL_SIZES = (0.1, 1.0)


@dataclass(frozen=True)
class Step:
    """A step of a run: a stage of `benchmarks.stages`, and what its time is compared with.

    `floor` is a stage that does the least work for the same result. `earlier` is the name of an
    earlier step of the same run.
    """

    name: str
    stage: str
    floor: str | None = None
    earlier: str | None = None


STEPS = (
    Step("simulate", "simulate"),
    Step("check", "check", floor="check_floor"),
    Step("land", "land", floor="read_floor"),
    Step("transform", "transform", floor="transform_floor"),
    Step("publish", "publish"),
    Step("serve Parquet", "serve_parquet", floor="parquet_floor"),
    Step("serve PostgreSQL", "serve_postgres", floor="postgres_floor"),
    Step("measure", "measure", earlier="transform"),
    Step("land one more month", "land", earlier="land"),
    Step("transform one more month", "transform_month", earlier="transform"),
)
MODEL_MEMORY = "memory of each model"


class Notes:
    """A home's measurements of this run so far, by name, saved in a file in the home."""

    def __init__(self, home: Path) -> None:
        self._path = home / NOTES
        written = self._path.read_text(encoding="utf-8") if self._path.exists() else "{}"
        self._measurements = {
            name: Measurement(**measurement) for name, measurement in json.loads(written).items()
        }

    @property
    def names(self) -> list[str]:
        """Return the names of the measurements, in the order of measuring."""
        return list(self._measurements)

    def measure(self, name: str, stage: str, home: Path, *options: str) -> Measurement:
        """Return the measurement with this name; if it does not exist, measure and save it."""
        if name not in self._measurements:
            self._measurements[name] = measure(stage, home, *options)
            measurements = {known: asdict(one) for known, one in self._measurements.items()}
            self._path.write_text(json.dumps(measurements), encoding="utf-8")
        return self._measurements[name]

    def __contains__(self, name: str) -> bool:
        return name in self._measurements

    def __getitem__(self, name: str) -> Measurement:
        return self._measurements[name]


@app.command()
def bench(
    years: Annotated[
        list[float] | None,
        typer.Option(help="size of the simulated data in national years; can be repeated"),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="folder for scratch homes; a run that stopped there is continued"),
    ] = None,
    floors: Annotated[
        bool, typer.Option(help="also measure the floor of each stage, which doubles the time")
    ] = True,
    share: Annotated[
        float,
        typer.Option(min=0.001, max=1, help="fraction of each authority's children to simulate"),
    ] = 1.0,
) -> None:
    """Measure simulation, landing, transformation and publication of nations of growing size.

    Also measure the load of one additional month.
    """
    console = Console()
    figures: list[dict[str, float | str]] = []
    scratch = folder or Path(tempfile.mkdtemp(prefix="bench-"))
    for size in years or USUAL_SIZES:
        home = (scratch / (f"years-{size:g}" + (f"-of-{share:g}" if share < 1 else ""))).resolve()
        home.mkdir(parents=True, exist_ok=True)
        if lack := _lack_of_disk(home, size * share):
            console.print(lack, style="red")
            raise typer.Exit(2)
        figures += _measure_size(home, (size, share), floors, console)
        shutil.rmtree(home)
    _show(figures, console)
    _show_growth(figures, share, console)
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _lack_of_disk(home: Path, size: float) -> str | None:
    """Return an error message if the disk is too small for `size` years of the nation, or None."""
    used_bytes = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    needed, free = size * DISK_GIB, (shutil.disk_usage(home).free + used_bytes) / GIB
    if free >= needed:
        return None
    return (
        f"{size:g} national years take {needed:.0f} GiB of disk, and {free:.0f} are free:"
        " name another --folder, or fewer years"
    )


def _measure_size(
    home: Path, nation: tuple[float, float], has_floors: bool, console: Console
) -> list[dict[str, float | str]]:
    """Measure every stage on one nation, given as its number of years and its share."""
    size, notes = nation[0], Notes(home)
    if notes.names:
        console.log(f"{home} goes on: {', '.join(notes.names)} were measured before")
    rows: list[dict[str, float | str]] = []
    for step in STEPS:
        console.log(f"{size:g} national years: {step.name}")
        options = tuple(map(str, nation)) if step.stage == "simulate" else ()
        if step.name == "check":
            _hold_back_last_month(home, is_over=step.name in notes)
        if step.name == "land one more month":
            _put_back(home)
        measurement = notes.measure(step.name, step.stage, home, *options)
        row = _build_row(size, step, measurement)
        if has_floors and step.floor:
            floor = notes.measure(step.floor, step.floor, home)
            row |= {
                "floor_seconds": round(floor.seconds, 2),
                "ratio": round(measurement.seconds / floor.seconds, 3),
            }
        if step.earlier:
            row["ratio"] = round(measurement.cpu_seconds / notes[step.earlier].cpu_seconds, 3)
        rows.append(row)
        if has_floors and step.name == "transform":
            _show_memory(size, notes.measure(MODEL_MEMORY, "model_memory", home).figures, console)
        if step.name == "transform one more month":
            _show_models(size, notes["transform"].figures, measurement.figures, console)
    return rows


def _hold_back_last_month(home: Path, is_over: bool) -> None:
    """Move the last month of every force out of the inbox, unless it was moved before."""
    aside = home / "held_back"
    if is_over or aside.exists():
        return
    months = sorted({path.name for path in (home / "inbox" / "police_reports").glob("*/*")})
    for path in sorted((home / "inbox" / "police_reports").glob(f"*/{months[-1]}")):
        place = aside / path.relative_to(home / "inbox")
        place.parent.mkdir(parents=True)
        shutil.move(path, place)


def _put_back(home: Path) -> None:
    for path in sorted((home / "held_back").glob("*/*/*")):
        shutil.move(path, home / "inbox" / path.relative_to(home / "held_back"))


def _build_row(size: float, step: Step, measurement: Measurement) -> dict[str, float | str]:
    rows = measurement.figures.get("rows", 0.0)
    return {
        "national_years": size,
        "stage": step.name,
        "seconds": round(measurement.seconds, 2),
        "processor_seconds": round(measurement.cpu_seconds, 2),
        "peak_gib": round(measurement.peak_bytes / GIB, 2),
        "rows": rows,
        "rows_per_second": round(rows / measurement.seconds) if measurement.seconds else 0,
    }


def _show_memory(size: float, peaks: dict[str, float], console: Console) -> None:
    """Print the models that need most memory; a larger nation reaches the limit in these first."""
    table = Table(title=f"Peak memory by model, {size:g} national years")
    table.add_column("model")
    table.add_column("peak GiB", justify="right")
    for model, peak in sorted(peaks.items(), key=lambda item: (-item[1], item[0]))[:MODELS_SHOWN]:
        table.add_row(model, f"{peak / GIB:.2f}")
    console.print(table)


def _show_models(
    size: float, whole_load: dict[str, float], month: dict[str, float], console: Console
) -> None:
    """Print the slowest models in a load of one more month, and their seconds in the whole load."""
    table = Table(title=f"Seconds of one more month by model, {size:g} national years")
    for name in ("model", "month", "whole"):
        table.add_column(name, justify="left" if name == "model" else "right")
    models = [name for name in month if name.startswith(MODEL)]
    for name in sorted(models, key=lambda one: (-month[one], one))[:MODELS_SHOWN]:
        table.add_row(name.removeprefix(MODEL), f"{month[name]:.1f}", f"{whole_load[name]:.1f}")
    console.print(table)


def _show(figures: list[dict[str, float | str]], console: Console) -> None:
    table = Table(title="Stages of a load, each beside its floor in the same run")
    columns = ["national_years", "stage", "seconds", "processor_seconds", "peak_gib", "rows"]
    columns += ["rows_per_second", "floor_seconds", "ratio"]
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "stage" else "right")
    for row in figures:
        table.add_row(*[str(row.get(name, "")) for name in columns])
    console.print(table)
    console.print(
        "Floors: for check (one return, the largest) and land, the engine's own reader on the same"
        " files; for transform, the compiled"
        " SQL straight through the engine; for serving, a"
        " plain copy of the same tables. Ratios to a floor are of seconds. Measuring is held to the"
        " transform, one more month to the whole: in processor seconds."
    )


def _show_growth(figures: list[dict[str, float | str]], share: float, console: Console) -> None:
    """Print processor seconds for each year: constant if time grows in proportion to the data."""
    sizes = sorted({float(row["national_years"]) for row in figures})
    spent = {
        (row["stage"], float(row["national_years"])): float(row["processor_seconds"])
        for row in figures
    }
    unit = "national year" if share == 1 else f"year of {share:g} of the nation"
    table = Table(title=f"Processor seconds for each {unit}")
    table.add_column("stage")
    for size in sizes:
        table.add_column(f"{size:g} years", justify="right")
    for step in STEPS:
        table.add_row(step.name, *[f"{spent[step.name, size] / size:.0f}" for size in sizes])
    console.print(table)


if __name__ == "__main__":
    app()
