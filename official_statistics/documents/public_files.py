"""The data files of a release as its documents read them: for each file, rows of texts.

Documents take every figure from these files, so they can be written again from the files alone.
`official_statistics.data_files` writes the files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from official_statistics.data_sets import TOTAL, DataSet, read_data_sets

NATIONAL = "National"
PLACE_COLUMNS = {
    "National": ("country_code", "country_name"),
    "Regional": ("region_code", "region_name"),
    "Local authority": ("old_la_code", "la_name"),
    "Police force area": ("pfa_code", "pfa_name"),
}
# Inner and Outer London, which are parts of the region London.
LONDON_PARTS = ("E13000001", "E13000002")
Row = Mapping[str, str]


class PublicFileError(ValueError):
    """A data file of the release is missing, or does not match its description."""


@dataclass(frozen=True)
class PublicFile:
    """One data file: its description, its columns and its rows, in the order of the file."""

    data_set: DataSet
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.data_set.name

    @property
    def years(self) -> tuple[str, ...]:
        """The reporting years of the file, latest first."""
        return tuple(sorted({row["time_period"] for row in self.rows}, reverse=True))

    def select_rows(
        self, year: int | str, level: str, items: Mapping[str, str] | None = None
    ) -> Iterator[Row]:
        """Yield the rows of a year and geographic level with these items.

        A filter that is not given has its default item or, without a default, its Total.
        """
        selected = {part.name: part.default or TOTAL for part in self.data_set.filters}
        selected |= {
            "time_period": str(year),
            "geographic_level": level,
            **(items or {}),
        }
        for row in self.rows:
            if all(row[name] == value for name, value in selected.items()):
                yield row

    def read_national(self, year: int | str, indicator: str, **items: str) -> str:
        """Return one figure of England as the file shows it: a number or a symbol.

        Raises `PublicFileError` if no row matches.
        """
        for row in self.select_rows(year, NATIONAL, items):
            return row[indicator]
        raise PublicFileError(f"{self.name}: no row of England for {year} and {items}")


def read_place(row: Row) -> tuple[str, str]:
    """Return the code and name of the area in a row."""
    code, name = PLACE_COLUMNS[row["geographic_level"]]
    return row[code], row[name]


def parse_number(text: str) -> float | None:
    """Return the number that a figure shows, or None for a symbol."""
    try:
        return float(text)
    except ValueError:
        return None


def format_count(number: float) -> str:
    """Return a count with commas between thousands."""
    return f"{number:,.0f}"


def format_figure(text: str) -> str:
    """Return a figure as documents print it: commas between thousands, symbols in brackets."""
    number = parse_number(text)
    if number is None:
        return f"[{text}]"
    return format_count(number) if "." not in text else text


def read_public_files(public: Path) -> dict[str, PublicFile]:
    """Return the data files of a release by name, in the order of the data sets.

    Raises `PublicFileError` if a file is missing or lacks a column of its description.
    """
    files = {}
    for data_set in read_data_sets():
        path = public / "data" / f"{data_set.name}.csv"
        if not path.exists():
            raise PublicFileError(f"{path.name} is missing from the release")
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = tuple(reader)
        columns = tuple(reader.fieldnames or ())
        described = [column.name for column in data_set.columns]
        if missing := [name for name in described if name not in columns]:
            raise PublicFileError(f"{path.name} has no column {', '.join(missing)}")
        files[data_set.name] = PublicFile(data_set, columns, rows)
    return files
