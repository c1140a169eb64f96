"""`python -m benchmarks.external_validation`: linkage quality on validation nations.

Each nation is made, read as a labelled set, and linked as a load would link it. A nation contains
some hard cases on purpose (planted cases), such as strangers with one name and date of birth.
Quality is measured with all cases (a stress test), with as many strangers as are natural, and
without any planted case. `--maker port-city` measures port cities instead, where nothing is
planted. `--home` also measures a simulated home that is loaded. No personal data is shown.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.linkage.linked_nation import read_nation
from register.identity.cluster import CARE_SCHEMA, Linkage, link_mentions
from register.identity.evaluate import (
    LabelledSet,
    PathEvaluation,
    SetFiles,
    found_children,
    measure_linkage,
    read_labelled_set,
    report_tables,
)
from register.settings import PROJECT_ROOT
from simulation.external_validation import make_validation_nation, write_validation_nation
from simulation.port_city import make_port_city, write_tables

BUILD = PROJECT_ROOT / "build" / "external-validation"
PLANTED = "planted_class"
NOT_PLANTED = "none"
STRANGER = "stranger"
# Planted strangers that are counted at natural density, per 10,000 children. Names and dates of
# birth that two children have by chance add about one more.
NATURAL_STRANGERS = 1.5


class Maker(StrEnum):
    """The maker of the invented children."""

    NATION = "nation"
    PORT_CITY = "port-city"


@dataclass(frozen=True)
class Measured:
    """The figures of a nation or of a part of it, and its false merges by class of planted case."""

    name: str
    seconds: float
    evaluation: PathEvaluation
    merges_by_class: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "name": self.name,
            "seconds": self.seconds,
            "false_merges_by_planted_class": self.merges_by_class,
            **self.evaluation.as_dict(),
        }


def labelled_nation(children: int, seed: int, folder: Path) -> LabelledSet:
    """Make a validation nation in a folder, and read it as a labelled set."""
    write_validation_nation(make_validation_nation(children, seed), folder)
    return read_nation_files(folder)


def read_nation_files(folder: Path) -> LabelledSet:
    """Read the validation nation in a folder as a labelled set."""
    return read_labelled_set(
        SetFiles(
            truth=folder / "truth.parquet",
            mentions=folder / "collected.parquet",
            care=folder / "care.parquet",
        )
    )


def labelled_city(children: int, seed: int, folder: Path) -> LabelledSet:
    """Make a port city in a folder, and read it as a labelled set."""
    write_tables(make_port_city(children, seed), folder)
    return read_nation_files(folder)


def measure_nation(children: int, seed: int, folder: Path) -> Iterator[Measured]:
    """Make a validation nation in a folder, link it once, and measure it whole and in parts."""
    labelled = labelled_nation(children, seed, folder)
    linkage, seconds = _link(labelled)
    planted = labelled.groups[PLANTED]
    parts = {
        "": labelled,
        ", strangers at natural density": leave_out_strangers(labelled),
        ", without planted cases": leave_out_classes(labelled, set(planted.values())),
    }
    for part, labelled_rest in parts.items():
        evaluation = measure_linkage(linkage, labelled_rest)
        merges = merges_by_class(linkage, labelled_rest.child_of, planted)
        yield Measured(f"validation nation, seed {seed}{part}", seconds, evaluation, merges)


def measure_city(children: int, seed: int, folder: Path) -> Iterator[Measured]:
    """Make a port city in a folder, link it, and measure it."""
    labelled = labelled_city(children, seed, folder)
    linkage, seconds = _link(labelled)
    merges = merges_by_class(linkage, labelled.child_of, labelled.groups.get(PLANTED, {}))
    yield Measured(f"port city, seed {seed}", seconds, measure_linkage(linkage, labelled), merges)


def measure_home(home: Path) -> Measured:
    """Measure a simulated home whose warehouse is built."""
    nation = read_nation(home)
    child_of = {key: f"{person:08d}" for key, person in nation.person_of.items()}
    kin: dict[str, set[tuple[str, str]]] = {}
    for (one, other), kind in nation.kin.items():
        kin.setdefault(kind, set()).add((f"{one:08d}", f"{other:08d}"))
    care = nation.care.select(CARE_SCHEMA.names)
    labelled = LabelledSet(nation.mentions, care, child_of, kin=kin)
    linkage, seconds = _link(labelled)
    merges = merges_by_class(linkage, child_of, {})
    return Measured("simulated home", seconds, measure_linkage(linkage, labelled), merges)


def leave_out_classes(labelled: LabelledSet, planted: set[str]) -> LabelledSet:
    """Return the set in which mentions of some planted classes are linked but not counted."""
    classes = labelled.groups[PLANTED]
    remaining = {
        key: child for key, child in labelled.child_of.items() if classes.get(key) not in planted
    }
    return replace(labelled, child_of=remaining)


def leave_out_strangers(labelled: LabelledSet, per_10000: float = NATURAL_STRANGERS) -> LabelledSet:
    """Return the set in which all but a few planted strangers are linked but not counted.

    `per_10000` of 10,000 children remain as strangers.
    """
    classes = labelled.groups[PLANTED]
    children = set(labelled.child_of.values())
    strangers = sorted(
        {child for key, child in labelled.child_of.items() if classes.get(key) == STRANGER}
    )
    left_out = set(strangers[round(len(children) * per_10000 / 10_000) :])
    remaining = {key: child for key, child in labelled.child_of.items() if child not in left_out}
    return replace(labelled, child_of=remaining)


def merges_by_class(
    linkage: Linkage, child_of: Mapping[str, str], planted: Mapping[str, str]
) -> dict[str, int]:
    """Count pairs of true children that are one child in the register, by class of planted case.

    A pair counts for the class of the first of its children that was planted, or else for `none`.
    """
    class_of = {child: planted[key] for key, child in child_of.items() if key in planted}
    pairs = {
        pair
        for members in found_children(linkage)
        for pair in combinations(sorted({child_of[key] for key in members if key in child_of}), 2)
    }
    classes = (
        next((class_of[child] for child in pair if child in class_of), NOT_PLANTED)
        for pair in pairs
    )
    return dict(sorted(Counter(classes).items()))


def print_figures(measured: Measured, console: Console) -> None:
    """Print the figures of one nation."""
    console.print(f"\n[bold]{measured.name}[/bold], linked in {measured.seconds:.0f} s")
    console.print(f"pairs of children joined wrongly, by class: {measured.merges_by_class}")
    for table in report_tables(measured.evaluation):
        drawn = Table(title=table.title)
        for heading in table.headings:
            drawn.add_column(heading)
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)


def _link(labelled: LabelledSet) -> tuple[Linkage, float]:
    started = time.perf_counter()
    linkage = link_mentions(labelled.mentions, labelled.care)
    return linkage, round(time.perf_counter() - started, 1)


def main(  # noqa: PLR0913, PLR0917 - each is an option
    children: Annotated[
        int | None,
        typer.Option(help="Number of children; by default 60,000 in a nation, 15,000 in a city."),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="Seed of a validation nation; can be repeated.")
    ] = None,
    maker: Annotated[Maker, typer.Option(help="Maker of the children.")] = Maker.NATION,
    home: Annotated[
        Path | None, typer.Option(help="Also measure this simulated home, which must be loaded.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write figures to this JSON file too.")
    ] = None,
    build: Annotated[Path, typer.Option(help="Folder for the nations.")] = BUILD,
) -> None:
    """Measure linkage as a load does it, on validation nations and, with `--home`, on a home."""
    console = Console(width=150)
    every = []
    measure = measure_nation if maker is Maker.NATION else measure_city
    count = children or (60_000 if maker is Maker.NATION else 15_000)
    for number in seed or [1]:
        for measured in measure(count, number, build / f"{maker}-{count}-{number}"):
            print_figures(measured, console)
            every.append(measured.as_dict())
    if home:
        measured = measure_home(home)
        print_figures(measured, console)
        every.append(measured.as_dict())
    if output:
        output.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
