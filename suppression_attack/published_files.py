"""The files of one release as anybody may download them: data, metadata and `ties.yaml`.

Nothing here knows what a figure means; that is in `table.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suppression_attack.description import Description, DescriptionError, read_description


@dataclass(frozen=True, order=True)
class Place:
    """A row's year and area."""

    year: str
    level: str
    area: str


@dataclass(frozen=True)
class PublishedFile:
    """One data file: its filters, its indicators, and for each row the items and the figures."""

    name: str
    filters: tuple[str, ...]
    indicators: tuple[str, ...]
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]]


@dataclass(frozen=True)
class Release:
    """All files of a release, and what its publisher says of their sums."""

    folder: Path
    description: Description
    files: dict[str, PublishedFile]


def read_release(folder: Path) -> Release:
    """Read the files of a folder (or of its `data/`) that its `ties.yaml` describes.

    A described file that is not there, and a file there that is not described, are errors: what
    is not looked at cannot be found safe.
    """
    description = read_description(folder / "ties.yaml")
    data = folder / "data" if (folder / "data").is_dir() else folder
    present = {path.name.removesuffix(".meta.csv") for path in data.glob("*.meta.csv")}
    described = set(description.counts)
    if present != described:
        names = ", ".join(sorted(present ^ described))
        raise DescriptionError(f"{folder}: described or published, and not both: {names}")
    files = {name: _read_file(data, name, description) for name in sorted(present)}
    return Release(folder, description, files)


def _read_file(data: Path, name: str, description: Description) -> PublishedFile:
    meta = list(_lines(data / f"{name}.meta.csv"))
    indicators = tuple(each["col_name"] for each in meta if each["col_type"] == "Indicator")
    of_meta = {each["col_name"] for each in meta if each["col_type"] == "Filter"}
    # A grouping column may lack a row of its own; it is needed to tell items of one name apart.
    of_meta |= {each.get("filter_grouping_column") or "" for each in meta}
    filters: tuple[str, ...] = ()
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]] = {}
    for number, line in enumerate(_lines(data / f"{name}.csv"), start=2):
        filters = filters or tuple(each for each in line if each in of_meta)
        level = line["geographic_level"]
        if level not in description.area_columns:
            raise DescriptionError(f"{name}.csv, line {number}: level without an area column")
        area = line[description.area_columns[level]]
        place = Place(line["time_period"], level, area)
        key = (place, tuple(line[each] for each in filters))
        if key in rows:
            raise DescriptionError(f"{name}.csv, line {number}: the cell is there twice")
        rows[key] = {each: line[each] for each in indicators}
    return PublishedFile(name, filters, indicators, rows)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)
    except OSError as error:
        raise DescriptionError(f"{path.name} cannot be read") from error
