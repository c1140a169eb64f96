"""The public files of one release, as anyone can download them: data, metadata, `ties.yaml`.

`table.py` interprets the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suppression_attack.description import (
    DescribedFile,
    Description,
    DescriptionError,
    parse_description,
    read_description,
)
from suppression_attack.table_rows import (
    SPREADSHEETS,
    Line,
    read_csv_rows,
    read_frame_rows,
    read_sheet_rows,
    remove_thousands,
)

TIES = "ties.yaml"
# Columns of Explore Education Statistics that name a place or a period.
STANDARD_LABELS = (
    *("time_identifier", "country_code", "country_name", "region_code", "region_name"),
    *("old_la_code", "new_la_code", "la_name", "pfa_code", "pfa_name"),
)


@dataclass(frozen=True, order=True)
class Place:
    """The year and the area of a row."""

    year: str
    level: str
    area: str


@dataclass(frozen=True)
class PublishedFile:
    """One data file: its filters, its indicators, and the figures by place and set of items.

    `metadata` has the rows of the metadata file by column, or nothing. `read_lines` yields the rows
    of the file as they are published.
    """

    name: str
    filters: tuple[str, ...]
    indicators: tuple[str, ...]
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]]
    metadata: Mapping[str, Line]
    read_lines: Callable[[], Iterator[Line]]


@dataclass(frozen=True)
class Release:
    """All files of a release, and the publisher's description of their sums.

    Data frames have no folder.
    """

    folder: Path | None
    description: Description
    files: dict[str, PublishedFile]


def read_release(folder: Path) -> Release:
    """Read the files that `ties.yaml` describes, from a release's folder or its `data/`.

    Raises `DescriptionError` if a described file is missing, or if a file is not described. An
    unchecked file may give counts away.
    """
    description = read_description(folder / TIES)
    data = folder / "data" if (folder / "data").is_dir() else folder
    present = {path.name.removesuffix(".meta.csv") for path in data.glob("*.meta.csv")}
    with_metadata = {name for name, file in description.files.items() if file.filters is None}
    if mismatched := ", ".join(sorted(present ^ with_metadata)):
        fault = "either described in ties.yaml or published, but not both"
        raise DescriptionError(f"{folder}: {fault}: {mismatched}")
    files = {}
    for name, file in sorted(description.files.items()):
        metadata = {}
        if file.filters is None:
            rows = read_csv_rows(data / f"{name}.meta.csv")
            metadata = {row["col_name"]: row for row in rows}
        files[name] = _read_file(
            name, description, metadata, _choose_reader(name, description, data)
        )
    return Release(folder, description, files)


def read_frames(frames: Mapping[str, Any], ties: Mapping[str, Any] | Path) -> Release:
    """Return data frames as a release; `ties` is the content of `ties.yaml`, or its path.

    Each file in `ties` names its `filters`. Raises `DescriptionError` as `read_release` does.
    """
    description = read_description(ties) if isinstance(ties, Path) else parse_description(ties)
    if mismatched := ", ".join(sorted(set(frames) ^ set(description.files))):
        fault = "either described in the ties or a data frame, but not both"
        raise DescriptionError(f"{fault}: {mismatched}")
    files = {
        name: _read_file(name, description, {}, _FrameReader(frame))
        for name, frame in sorted(frames.items())
    }
    return Release(None, description, files)


@dataclass(frozen=True)
class _FrameReader:
    frame: Any

    def __call__(self) -> Iterator[Line]:
        return read_frame_rows(self.frame)


def _choose_reader(name: str, description: Description, data: Path) -> Callable[[], Iterator[Line]]:
    file = description.files[name]
    path = data / file.source
    if path.suffix not in SPREADSHEETS:
        return lambda: read_csv_rows(path)
    columns = (*description.columns.list_names(), *(file.filters or ()), *file.counts)
    return lambda: read_sheet_rows(path, file.sheet, columns)


def _read_file(
    name: str,
    description: Description,
    metadata: Mapping[str, Line],
    read_lines: Callable[[], Iterator[Line]],
) -> PublishedFile:
    described = description.files[name]
    first = next(read_lines(), {})
    if described.filters is None:
        filters, indicators = _list_columns(metadata, first)
    else:
        filters, indicators = described.filters, _list_indicators(name, description)
        _check_columns(name, description, first)
    rows: dict[tuple[Place, tuple[str, ...]], dict[str, str]] = {}
    for number, line in enumerate(read_lines(), start=2):
        place = _read_place(f"{name}, row {number}", line, description)
        key = (place, tuple(line[column] for column in filters))
        if key in rows:
            raise DescriptionError(f"{name}, row {number}: an earlier row has the same cell")
        rows[key] = {column: remove_thousands(line[column]) for column in indicators}
    return PublishedFile(name, filters, indicators, rows, metadata, read_lines)


def _list_columns(
    metadata: Mapping[str, Line], line: Line
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the filters and the indicators of a file by its metadata."""
    indicators = tuple(name for name, row in metadata.items() if row["col_type"] == "Indicator")
    filters = {name for name, row in metadata.items() if row["col_type"] == "Filter"}
    # A grouping column may lack a metadata row. It is a filter too, since it separates items that
    # have the same name.
    filters |= {row.get("filter_grouping_column") or "" for row in metadata.values()}
    return tuple(column for column in line if column in filters), indicators


def _list_indicators(name: str, description: Description) -> tuple[str, ...]:
    file = description.files[name]
    derived = [each.measure for each in description.derived if each.file == name]
    return tuple(dict.fromkeys([*file.counts, *file.open_measures, *derived]))


def _check_columns(name: str, description: Description, line: Line) -> None:
    """Raise `DescriptionError` if a column is missing, or if the description does not name it."""
    file: DescribedFile = description.files[name]
    needed = {*(file.filters or ()), *_list_indicators(name, description)}
    needed |= {column for column in (description.columns.year, description.columns.level) if column}
    if missing := ", ".join(sorted(needed - line.keys())):
        raise DescriptionError(f"{name} has no column {missing}")
    known = {*needed, *description.columns.list_names(), *file.labels, *STANDARD_LABELS}
    if unknown := ", ".join(sorted(line.keys() - known)):
        raise DescriptionError(f"{name}: ties.yaml does not say what these columns are: {unknown}")


def _read_place(row: str, line: Line, description: Description) -> Place:
    columns = description.columns
    level = line[columns.level] if columns.level else ""
    area_column = columns.find_area_column(level)
    if area_column is None and columns.level:
        raise DescriptionError(f"{row}: ties.yaml names no area column for the level {level}")
    year = line[columns.year] if columns.year else ""
    return Place(year, level, line[area_column] if area_column else "")
