"""The public list of each authority's statistical neighbours, `statistical_neighbours.csv`.

The Department for Education names them (`seeds/ref__statistical_neighbours.yml`). The list says
nothing about children.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from official_statistics.data_files import encode_csv
from official_statistics.public_figures import Area
from register.settings import PROJECT_ROOT

FILE = "statistical_neighbours.csv"
COLUMNS = (
    "old_la_code",
    "la_name",
    "neighbour_rank",
    "neighbour_old_la_code",
    "neighbour_la_name",
)
SEEDS = PROJECT_ROOT / "seeds"


def write_neighbours(public: Path, areas: Iterable[Area]) -> None:
    """Write the neighbours of the local authorities in a release, most alike first."""
    codes = {area.code for area in areas if area.level == "Local authority"}
    (public / FILE).write_bytes(encode_csv([COLUMNS, *_list_neighbours(codes)]))


def _list_neighbours(codes: set[str]) -> Iterator[tuple[str, ...]]:
    # The rows of an authority are in the order of its versions, so the last name is today's.
    names = {
        row["authority_code_dfe"]: row["authority_name"] for row in _read_seed("ref__authorities")
    }
    rows = [
        (row["authority_code_dfe"], int(row["neighbour_rank"]), row["neighbour_code_dfe"])
        for row in _read_seed("ref__statistical_neighbours")
        if row["authority_code_dfe"] in codes
    ]
    for code, rank, neighbour in sorted(rows):
        yield code, names[code], str(rank), neighbour, names[neighbour]


def _read_seed(name: str) -> Iterator[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
