"""The shown counts of a release, looked up by place, year and row of a file.

Nothing here knows a true count: what is handed in is what the public will see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from official_statistics.data_sets import DataSet
from official_statistics.public_figures import Figure

LEVELS = ("National", "Regional", "Police force area", "Local authority")
LONDON = "E12000007"


@dataclass(frozen=True)
class Area:
    """A place as it is named in one reporting year.

    `code` is the stable key (the DfE code of an authority), `code_ons` that of the year's end.
    """

    reporting_year: int
    level: str
    code: str
    name: str
    code_ons: str
    parent_code: str = ""
    parent_name: str = ""
    police_force_code: str = ""
    is_available: bool = True
    is_complete: bool = True

    @property
    def sort_key(self) -> tuple[int, int, str]:
        """The order of the files: latest year first, then level, then code."""
        return (-self.reporting_year, LEVELS.index(self.level), self.code)


def read_areas(table: pa.Table) -> tuple[Area, ...]:
    """Return the places of a release in the order of the files, from `dim_publication_areas`."""
    areas = [
        Area(
            reporting_year=row["reporting_year"],
            level=row["geographic_level"],
            code=row["area_code"],
            name=row["area_name"],
            code_ons=row["area_code_ons"],
            parent_code=row["parent_code"] or "",
            parent_name=row["parent_name"] or "",
            police_force_code=row["police_force_code"] or "",
            is_available=row["is_available"],
            is_complete=row["is_complete"],
        )
        for row in table.to_pylist()
    ]
    return tuple(sorted(areas, key=lambda area: area.sort_key))


class ShownCounts:
    """Shown counts by place, year, data set, row and measure.

    A count that is not there is not applicable (`z`).
    """

    def __init__(self, cells: Iterable[Mapping[str, object]]) -> None:
        """Index protected cells: their key, and `shown` or `symbol`."""
        self._found: dict[tuple[int, str, str], dict[tuple[str, str, str], Figure]] = defaultdict(
            dict
        )
        for cell in cells:
            place = (cell["reporting_year"], cell["geographic_level"], cell["area_code"])
            key = (cell["dataset"], cell["filter_values"], cell["measure"])
            figure = Figure(cell["shown"], cell["symbol"])  # type: ignore[arg-type]
            self._found[place][key] = figure  # type: ignore[index]

    def at(self, area: Area) -> Mapping[tuple[str, str, str], Figure]:
        """Return every shown count of a place and year."""
        return self._found[(area.reporting_year, area.level, area.code)]

    def lookup(self, area: Area) -> CountsOfPlace:
        """Return the counts of one place and year, to be asked one by one."""
        return CountsOfPlace(self.at(area))


class CountsOfPlace:
    """The shown counts of one place and year."""

    def __init__(self, found: Mapping[tuple[str, str, str], Figure]) -> None:
        """Keep what was found."""
        self._found = found

    def __call__(self, data_set: str, values: Mapping[str, str], measure: str) -> Figure:
        """Return one shown count, by the filter items of its row."""
        text = ";".join(f"{name}={item}" for name, item in values.items())
        return self._found.get((data_set, text, measure), Figure(symbol="z"))


def years_of(areas: Iterable[Area]) -> list[int]:
    """Return the reporting years, latest first."""
    return sorted({area.reporting_year for area in areas}, reverse=True)


def places_of(data_set: DataSet, areas: Iterable[Area]) -> Iterator[Area]:
    """Yield the places of a data set's file in its order."""
    years = years_of(areas := tuple(areas))
    for area in areas:
        is_of_years = data_set.counted_on != "linkage" or area.reporting_year == years[0]
        if area.level in data_set.levels and is_of_years:
            yield area
