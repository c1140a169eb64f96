"""The areas that have a page of their own, and their counts and rates in the public files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from official_statistics.documents.public_files import NATIONAL, PublicFile, Row
from official_statistics.documents.public_files import read_place as read_code_and_name
from official_statistics.neighbours import FILE as NEIGHBOURS_FILE

AUTHORITY, REGION, FORCE = "Local authority", "Regional", "Police force area"
UNKNOWN_REGION = "a region that is not known"
# The file that each kind of area has a page for.
FILES = {AUTHORITY: "rates_by_area", FORCE: "police_incidents_by_force"}
NATION = (NATIONAL, "E92000001")
Files = Mapping[str, PublicFile]
Items = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Area:
    """A local authority or police force area of the newest year; a force has no region."""

    level: str
    code: str
    name: str
    region_code: str = ""
    region_name: str = ""

    @property
    def path(self) -> str:
        """The path of the area's page in the public folder."""
        return f"areas/{self.code}.html"

    @property
    def place(self) -> tuple[str, str]:
        """The geographic level and the code, which name the area in the files."""
        return self.level, self.code


@dataclass(frozen=True)
class Neighbour:
    """A statistical neighbour of an authority; rank 1 is the most similar."""

    rank: int
    code: str
    name: str


def list_areas(files: Files, year: int) -> list[Area]:
    """Return the authorities and police forces of a year, in the order of the files."""
    areas = []
    for level, name in FILES.items():
        for row in files[name].select_rows(year, level):
            code, area = read_code_and_name(row)
            # The file of police forces has no columns of regions.
            region = ("", "")
            if level == AUTHORITY:
                region = (row["region_code"], row["region_name"] or UNKNOWN_REGION)
            areas.append(Area(level, code, area, *region))
    return areas


def read_neighbours(public: Path) -> dict[str, list[Neighbour]]:
    """Return the statistical neighbours of each authority by its code, most similar first."""
    neighbours: dict[str, list[Neighbour]] = {}
    with (public / NEIGHBOURS_FILE).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            neighbour = Neighbour(
                int(row["neighbour_rank"]),
                row["neighbour_old_la_code"],
                row["neighbour_la_name"],
            )
            neighbours.setdefault(row["old_la_code"], []).append(neighbour)
    return {code: sorted(some, key=lambda one: one.rank) for code, some in neighbours.items()}


class FigureIndex:
    """The rows of the public files by year and place, for many look-ups."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._rows: dict[tuple[str, Items], dict[tuple[str, str, str], Row]] = {}

    def read(self, file: str, year: int, place: tuple[str, str], figure: Mapping[str, str]) -> str:
        """Return a figure as its file shows it, or an empty text if the file has no such row.

        `place` is a geographic level and a code. `figure` has the `indicator`, and the items that
        are not defaults.
        """
        items = tuple(sorted((key, item) for key, item in figure.items() if key != "indicator"))
        if (file, items) not in self._rows:
            public_file = self._files[file]
            self._rows[file, items] = {
                (row_year, level, read_code_and_name(row)[0]): row
                for row_year in public_file.years
                for level in public_file.data_set.levels
                for row in public_file.select_rows(row_year, level, dict(items))
            }
        row = self._rows[file, items].get((str(year), *place))
        return row[figure["indicator"]] if row else ""


@dataclass(frozen=True)
class Measure:
    """A count and its rate in one file, with the items of their rows that are not defaults.

    `subject` begins the names of the columns: `child`, `episode` or `incident`. Counts of children
    alone have an interval. `is_denominator_rounded` says whether the denominator is a count that is
    protected as others are.
    """

    name: str
    unit: str
    file: str
    subject: str
    items: Items = ()
    denominator: str = "population_count"
    is_denominator_rounded: bool = False

    @property
    def has_interval(self) -> bool:
        """Whether the rate has a 95 % interval."""
        return self.subject == "child"


PER_CHILD = "per 1,000 children aged 0 to 17"
IN_CARE = "Per 100 looked-after children"
MISSING = (("absence_category", "Missing"),)
# The measures of each kind of area. The first is the one that pages compare.
MEASURES = {
    AUTHORITY: (
        Measure("Children missing", PER_CHILD, FILES[AUTHORITY], "child", MISSING),
        Measure("Episodes of children missing", PER_CHILD, FILES[AUTHORITY], "episode", MISSING),
        Measure(
            "Looked-after children missing",
            "per 100 looked-after children",
            FILES[AUTHORITY],
            "child",
            (*MISSING, ("rate_basis", IN_CARE)),
            "cla_child_count",
            is_denominator_rounded=True,
        ),
    ),
    FORCE: (
        Measure("Children in missing incidents", PER_CHILD, FILES[FORCE], "child"),
        Measure("Missing incidents of children", PER_CHILD, FILES[FORCE], "incident"),
    ),
}


@dataclass(frozen=True)
class AreaRate:
    """A count, its rate, the rate's interval and its denominator, as the file shows them.

    A text is empty if the file has no such figure.
    """

    count: str
    rate: str
    lower: str
    upper: str
    denominator: str


def read_rate(
    figures: FigureIndex, measure: Measure, year: int, place: tuple[str, str]
) -> AreaRate:
    """Return a measure's figures for one year and place."""
    rate = f"{measure.subject}_rate"
    limits = (f"{rate}_lower", f"{rate}_upper") if measure.has_interval else ("", "")
    texts = [
        figures.read(measure.file, year, place, {"indicator": name, **dict(measure.items)})
        if name
        else ""
        for name in (f"{measure.subject}_count", rate, *limits, measure.denominator)
    ]
    return AreaRate(*texts)
