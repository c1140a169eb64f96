"""`python -m simulation.port_city`: writes a port city as Parquet files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulation.labelled_tables import write_tables
from simulation.port_city.port_city import make_port_city


def main(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the Parquet files.")],
    children: Annotated[int, typer.Option(min=200, help="Number of children.")] = 15_000,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same files.")] = 1,
    strangers: Annotated[
        float, typer.Option(min=0, max=0.1, help="Share of planted strangers.")
    ] = 0.0,
) -> None:
    """Write mentions, care periods and truth of a port city, for validation of linkage."""
    tables = make_port_city(children, seed, strangers)
    write_tables(tables, out)
    counts = {name: table.num_rows for name, table in tables._asdict().items()}
    sys.stdout.write(json.dumps(counts, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
