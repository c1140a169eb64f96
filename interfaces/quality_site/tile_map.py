"""Tile maps: every local authority and every police force as a square of one size.

The seed `ref__tile_map` has the positions of the squares. A square has a CSS class for each
measure. The style sheet colours squares by the measure that a reader chooses, without a script.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interfaces.quality_site.figures import Row, name_measure
from interfaces.quality_site.sections import format_count, format_percent, format_rate

SEED = "ref__tile_map.csv"
LEVELS = {"authority": "Local authorities", "police_force": "Police forces"}
CLASS_COUNT = 5
NO_DATA = 0


@dataclass(frozen=True)
class MapMeasure:
    """A measure that colours the tiles, from a column of an area's row. A higher value is darker.

    `code` is the letter with which the measure's classes begin in the style sheet. The measure is a
    share or, with a `count_column`, the rate per 1,000 children of the count in that column.
    """

    code: str
    name: str
    column: str
    count_column: str = ""

    @property
    def title(self) -> str:
        """The name, with the unit of a rate."""
        return f"{self.name} per 1,000 children" if self.count_column else self.name

    def format_value(self, value: float | None) -> str:
        """Format a value of the measure."""
        return format_rate(value) if self.count_column else format_percent(value)

    def describe(self, row: Row) -> str:
        """Describe an area's value; a rate stands after its count."""
        value = self.format_value(row.get(self.column))
        if not self.count_column:
            return f"{self.name}: {value}"
        return (
            f"{self.name}: {format_count(row.get(self.count_column))}, {value} per 1,000 children"
        )


MEASURES = (
    MapMeasure(
        "a", name_measure("children_missing"), "missing_children_rate", "missing_children_count"
    ),
    MapMeasure("b", "Known to both sources", "both_share"),
    MapMeasure("c", "More than one absence", "repeat_share"),
    MapMeasure("d", "Return interview held", "held_share"),
    MapMeasure("e", "Tasks waiting for action", "task_rate", "task_count"),
)


@dataclass(frozen=True)
class Place:
    """The position of an area's square, and the letters that name the area uniquely on the map."""

    column: int
    row: int
    letters: str


@dataclass(frozen=True)
class Tile:
    """One square: its position, the area, a few letters of its name, and a class for each measure.

    `figures` are the area's figures in words; the text is empty if there are none.
    """

    column: int
    row: int
    code: str
    name: str
    letters: str
    classes: str
    figures: str


@dataclass(frozen=True)
class Legend:
    """The values that each colour of a measure (at most five) stands for, lowest first."""

    measure: MapMeasure
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class TileMap:
    """The squares of one kind of area, in reading order, and the legend of each measure."""

    level: str
    title: str
    tiles: tuple[Tile, ...]
    legends: tuple[Legend, ...]
    known_count: int


def read_places(seeds: Path) -> dict[str, dict[str, Place]]:
    """Return the square of each area on the map, by level and code."""
    places: dict[str, dict[str, Place]] = {level: {} for level in LEVELS}
    with (seeds / SEED).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            place = Place(int(row["tile_column"]), int(row["tile_row"]), row["tile_label"])
            places[row["area_level_code"]][row["area_code"]] = place
    return places


def build_tile_map(
    level: str, places: dict[str, Place], rows: dict[str, Row], names: dict[str, str]
) -> TileMap:
    """Build the map of areas of one level; `rows` has their measures, by code."""
    cuts = {
        measure.code: _find_cuts([row.get(measure.column) for row in rows.values()])
        for measure in MEASURES
    }
    tiles = [
        Tile(
            column=place.column,
            row=place.row,
            code=code,
            name=names.get(code, code),
            letters=place.letters,
            classes=_list_classes(rows.get(code, {}), cuts),
            figures=_describe_figures(rows.get(code)),
        )
        for code, place in sorted(places.items(), key=lambda item: (item[1].row, item[1].column))
    ]
    legends = tuple(
        Legend(measure, _describe_ranges(measure, cuts[measure.code])) for measure in MEASURES
    )
    known = sum(code in rows for code in places)
    return TileMap(level, LEVELS[level], tuple(tiles), legends, known)


def _list_classes(row: Row, cuts: dict[str, list[float]]) -> str:
    """List the CSS classes of an area, one for each measure."""
    return " ".join(
        f"{measure.code}{_find_class(row.get(measure.column), cuts[measure.code])}"
        for measure in MEASURES
    )


def _describe_figures(row: Row | None) -> str:
    """Describe an area's figures, for its tooltip and for screen readers."""
    if row is None:
        return ""
    return "; ".join(measure.describe(row) for measure in MEASURES)


def _find_cuts(values: Sequence[float | None]) -> list[float]:
    """Return the highest value of each colour class: fifths of the areas, without duplicates."""
    known = sorted(value for value in values if value is not None)
    places = (-(-len(known) * part // CLASS_COUNT) - 1 for part in range(1, CLASS_COUNT + 1))
    return sorted({known[place] for place in places}) if known else []


def _find_class(value: float | None, cuts: Sequence[float]) -> int:
    """Return the colour class of a value, from 1 (lowest) to 5 (highest), or 0 without a value."""
    if value is None or not cuts:
        return NO_DATA
    place = next(place for place, cut in enumerate(cuts) if value <= cut)
    return CLASS_COUNT - len(cuts) + place + 1


def _describe_ranges(measure: MapMeasure, cuts: Sequence[float]) -> tuple[str, ...]:
    """Describe the range of each colour class for the legend, lowest first."""
    return tuple(f"up to {measure.format_value(cut)}" for cut in cuts)
