"""`python -m simulation.external_validation`: writes a validation nation as Parquet files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulation.external_validation.validation_nation import (
    LEAST_CHILDREN,
    make_validation_nation,
    write_validation_nation,
)


def main(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the Parquet files.")],
    children: Annotated[int, typer.Option(min=LEAST_CHILDREN, help="Number of children.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same files.")] = 1,
) -> None:
    """Write mentions, care periods and truth of invented children, for validation of linkage."""
    nation = make_validation_nation(children, seed)
    write_validation_nation(nation, out)
    sys.stdout.write(json.dumps(nation.summary(), indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
