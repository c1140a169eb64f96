"""The public files of one release, as anyone can download them: data, metadata, `ties.yaml`.

`table.py` interprets the figures.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from suppression_attack.description import Description, DescriptionError, read_description


@dataclass(frozen=True, order=True)
class Place:
    """The year and the area of a row."""

    year: str
    level: str
    area: str


@dataclass(frozen=True)
class PublishedFile:
    """One data file: its filters, its indicators, and the figures by place and set of items."""

    name: str
    filters: tuple[str, ...]
    indicators: tuple[str, ...]
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]]


@dataclass(frozen=True)
class Release:
    """All files of a release, and the publisher's description of their sums."""

    folder: Path
    description: Description
    files: dict[str, PublishedFile]

    def read_lines(self, name: str) -> Iterator[dict[str, str]]:
        """Yield the rows of a CSV file of the release by column."""
        return _read_lines(_data_folder(self.folder) / name)


def read_release(folder: Path) -> Release:
    """Read the files that `ties.yaml` describes, from a release's folder or its `data/`.

    Raises `DescriptionError` if a described file is missing, or if a file is not described. An
    unchecked file may give counts away.
    """
    description = read_description(folder / "ties.yaml")
    data = _data_folder(folder)
    present = {path.name.removesuffix(".meta.csv") for path in data.glob("*.meta.csv")}
    if mismatched := ", ".join(sorted(present ^ set(description.counts))):
        fault = "either described in ties.yaml or published, but not both"
        raise DescriptionError(f"{folder}: {fault}: {mismatched}")
    files = {name: _read_file(data, name, description) for name in sorted(present)}
    return Release(folder, description, files)


def _data_folder(folder: Path) -> Path:
    return folder / "data" if (folder / "data").is_dir() else folder


def _read_file(data: Path, name: str, description: Description) -> PublishedFile:
    meta = list(_read_lines(data / f"{name}.meta.csv"))
    indicators = tuple(row["col_name"] for row in meta if row["col_type"] == "Indicator")
    described = {row["col_name"] for row in meta if row["col_type"] == "Filter"}
    # A grouping column may lack a metadata row. It is a filter too, since it separates items that
    # have the same name.
    described |= {row.get("filter_grouping_column") or "" for row in meta}
    filters: tuple[str, ...] = ()
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]] = {}
    for number, line in enumerate(_read_lines(data / f"{name}.csv"), start=2):
        filters = filters or tuple(column for column in line if column in described)
        level = line["geographic_level"]
        if level not in description.area_columns:
            fault = f"ties.yaml names no area column for the level {level}"
            raise DescriptionError(f"{name}.csv, line {number}: {fault}")
        place = Place(line["time_period"], level, line[description.area_columns[level]])
        key = (place, tuple(line[column] for column in filters))
        if key in rows:
            raise DescriptionError(f"{name}.csv, line {number}: an earlier row has the same cell")
        rows[key] = {column: line[column] for column in indicators}
    return PublishedFile(name, filters, indicators, rows)


def _read_lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)
    except OSError as error:
        raise DescriptionError(f"{path.name} cannot be read") from error
