"""The register's linkage and stock Splink on validation nations of growing size, as one table.

Run it with `python -m benchmarks.linkage.sizes`; `make bench` runs it too. Each nation is made
once. Each method links it in a separate process, whose time and memory are measured. The nations
come from `simulation.external_validation`, on which no model is trained.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.external_validation import labelled_nation, read_nation_files
from benchmarks.linkage.linked_nation import FLAT, stock_pairs
from benchmarks.measure import Measurement, measure
from register.identity.cluster import link_mentions
from register.identity.evaluate import (
    LabelledSet,
    Pair,
    closed_pairs,
    found_children,
    measure_counts,
)
from register.settings import Settings

app = typer.Typer(add_completion=False)
CHILDREN = (20_000, 100_000, 300_000)
SEED = 4
GIB = 1024**3
OURS, STOCK = "ours, as a load links", "Splink, stock"
METHODS = {OURS: "link_ours", STOCK: "link_stock"}
Said = dict[str, float]


def make_nation(settings: Settings, children: str) -> Said:
    """Make a validation nation with this many children in the home, as a stage."""
    labelled = labelled_nation(int(children), SEED, settings.home)
    return {"rows": labelled.mentions.num_rows}


def link_ours(settings: Settings) -> Said:
    """Link the home's nation as a load does, as a stage, and measure the pairs within children."""
    return _measure_linkage(
        settings,
        lambda labelled: closed_pairs(
            found_children(link_mentions(labelled.mentions, labelled.care))
        ),
    )


def link_stock(settings: Settings) -> Said:
    """Link the home's nation by stock Splink trained on it, as a stage."""
    logging.getLogger("splink").setLevel(logging.ERROR)

    def link(labelled: LabelledSet) -> set[Pair]:
        with duckdb.connect(":memory:") as connection:
            connection.register("mentions", labelled.mentions)
            flat = connection.execute(FLAT).to_arrow_table()
        return stock_pairs(flat)

    return _measure_linkage(settings, link)


def _measure_linkage(settings: Settings, link: Callable[[LabelledSet], set[Pair]]) -> Said:
    labelled = read_nation_files(settings.home)
    began = time.perf_counter()
    linkage = link(labelled)
    seconds = time.perf_counter() - began
    child_of = labelled.child_of
    known = [pair for pair in linkage if pair[0] in child_of and pair[1] in child_of]
    right = sum(child_of[one] == child_of[other] for one, other in known)
    members: dict[str, int] = {}
    for child in child_of.values():
        members[child] = members.get(child, 0) + 1
    true_count = sum(count * (count - 1) // 2 for count in members.values())
    result = measure_counts(right, len(known) - right, true_count - right)
    return {
        "seconds": seconds,
        "rows": labelled.mentions.num_rows,
        "precision": result.precision or 0.0,
        "recall": result.recall or 0.0,
        "f1": result.f1 or 0.0,
    }


@app.command()
def sizes(
    children: Annotated[
        list[int] | None, typer.Option(help="number of children in a nation; can be repeated")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="write figures to this JSON file too")] = None,
    folder: Annotated[Path | None, typer.Option(help="folder for the nations")] = None,
) -> None:
    """Link validation nations of growing size with the register and with Splink."""
    console = Console(width=120)
    rows = []
    for count in children or CHILDREN:
        with tempfile.TemporaryDirectory(prefix="sizes-", dir=folder) as home:
            console.log(f"{count:,} children: make the nation")
            measure("make_nation", Path(home), str(count))
            for method, stage in METHODS.items():
                console.log(f"{count:,} children: {method}")
                rows.append(_build_row(count, method, measure(stage, Path(home))))
    console.print(_build_table(rows))
    if output:
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _build_row(children: int, method: str, measurement: Measurement) -> dict[str, float | str]:
    return {
        "children": children,
        "method": method,
        **measurement.figures,
        "seconds": round(measurement.seconds, 1),
        "peak_gib": round(measurement.peak_bytes / GIB, 2),
    }


def _build_table(rows: list[dict[str, float | str]]) -> Table:
    table = Table(title=f"Linkage of validation nations (seed {SEED}), in one run")
    columns = {"children": ",", "rows": ",", "method": "", "precision": ".4f", "recall": ".4f"}
    columns |= {"f1": ".4f", "seconds": ",", "peak_gib": ""}
    for name in columns:
        heading = {"rows": "records", "peak_gib": "peak GiB"}.get(name, name)
        table.add_column(heading, justify="left" if name == "method" else "right")
    for row in rows:
        table.add_row(*(f"{row[name]:{form}}" for name, form in columns.items()))
    return table


if __name__ == "__main__":
    app()
