"""The data files of a release as its documents read them: rows of texts, by file.

A document says nothing that these files do not hold, so it can be written again from them alone.
How the files are made belongs to `official_statistics`.
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
LONDON = ("E13000001", "E13000002")
Row = Mapping[str, str]


class PublicFileError(ValueError):
    """A data file of the release is missing, or is not what its description says."""


@dataclass(frozen=True)
class PublicFile:
    """One data file: its description, its columns and its rows, in the order of the file."""

    data_set: DataSet
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The name without its ending."""
        return self.data_set.name

    @property
    def years(self) -> tuple[str, ...]:
        """The reporting years of the file, latest first."""
        return tuple(sorted({row["time_period"] for row in self.rows}, reverse=True))

    def rows_of(
        self, year: str, level: str | None = None, items: Mapping[str, str] | None = None
    ) -> Iterator[Row]:
        """Yield the rows of a year and level whose filters have these items, else the defaults."""
        wanted = self._default_items() | dict(items or {})
        for row in self.rows:
            is_of_place = row["time_period"] == year and level in (None, row["geographic_level"])
            if is_of_place and all(row[name] == item for name, item in wanted.items()):
                yield row

    def national(self, year: str, indicator: str, **items: str) -> str:
        """Return one figure of England as the file shows it, a number or a symbol.

        Raises `PublicFileError` where the file has no such row.
        """
        for row in self.rows_of(year, NATIONAL, items):
            return row[indicator]
        raise PublicFileError(f"{self.name}: no row of England for {year} and {items}")

    def _default_items(self) -> dict[str, str]:
        return {one.name: one.default or TOTAL for one in self.data_set.filters}


def place_of(row: Row) -> tuple[str, str]:
    """Return the code and the name of a row's place."""
    code, name = PLACE_COLUMNS[row["geographic_level"]]
    return row[code], row[name]


def number_of(text: str) -> float | None:
    """Return the number of a figure, or None where a symbol is shown."""
    try:
        return float(text)
    except ValueError:
        return None


def read_public_files(public: Path) -> dict[str, PublicFile]:
    """Return the data files of a release by name, in their order.

    Raises `PublicFileError` for a file that is missing or lacks a column of its description.
    """
    found = {}
    for data_set in read_data_sets():
        path = public / "data" / f"{data_set.name}.csv"
        if not path.exists():
            raise PublicFileError(f"{path.name} is missing from the release")
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = tuple(reader)
        columns = tuple(reader.fieldnames or ())
        needed = [
            *(one.name for one in data_set.filters),
            *(one.name for one in data_set.indicators),
        ]
        if missing := [name for name in needed if name not in columns]:
            raise PublicFileError(f"{path.name} has no column {', '.join(missing)}")
        found[data_set.name] = PublicFile(data_set, columns, rows)
    return found
