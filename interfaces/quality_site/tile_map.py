"""Tile maps: every authority, and every force, as a square of one size at its place.

Where the squares lie is the seed `ref__tile_map`. A square has a class for each measure, and the
style sheet colours by the measure that a reader chooses: no script is needed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interfaces.quality_site.figures import Row
from interfaces.quality_site.measure_names import measure_name
from interfaces.quality_site.sections import counted, percent

SEED = "ref__tile_map.csv"
LEVELS = {"authority": "Local authorities", "police_force": "Police forces"}
CLASS_COUNT = 5
NO_DATA = 0


@dataclass(frozen=True)
class MapMeasure:
    """A measure by which tiles are coloured, the more the darker: a column of an area's row.

    `code` is one letter, which the style sheet knows.
    """

    code: str
    title: str
    column: str
    is_share: bool

    def text(self, value: float | None) -> str:
        """A value of it as it is read."""
        return percent(value) if self.is_share else counted(value)


MEASURES = (
    MapMeasure("a", measure_name("children_missing"), "missing_children_count", is_share=False),
    MapMeasure("b", "Known to both sources", "both_share", is_share=True),
    MapMeasure("c", "More than one absence", "repeat_share", is_share=True),
    MapMeasure("d", "Return interview held", "held_share", is_share=True),
    MapMeasure("e", "Cases that wait for a body", "case_count", is_share=False),
)


@dataclass(frozen=True)
class Place:
    """Where an area's square lies, and the letters in it, which no other area of the map has."""

    column: int
    row: int
    letters: str


@dataclass(frozen=True)
class Tile:
    """One square: its place, the area, a few letters of its name, and a class for each measure."""

    column: int
    row: int
    code: str
    name: str
    letters: str
    classes: str
    said: str


@dataclass(frozen=True)
class Legend:
    """What the five colours of a measure stand for, from the least to the most."""

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
    """The place of each area, by kind and code."""
    places: dict[str, dict[str, Place]] = {level: {} for level in LEVELS}
    with (seeds / SEED).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            place = Place(int(row["tile_column"]), int(row["tile_row"]), row["tile_label"])
            places[row["area_level_code"]][row["area_code"]] = place
    return places


def tile_map(
    level: str, places: dict[str, Place], rows: dict[str, Row], names: dict[str, str]
) -> TileMap:
    """The map of one kind of area; `rows` has the measures of each area that has any."""
    cuts = {
        measure.code: _cuts([row.get(measure.column) for row in rows.values()])
        for measure in MEASURES
    }
    tiles = [
        Tile(
            column=place.column,
            row=place.row,
            code=code,
            name=names.get(code, code),
            letters=place.letters,
            classes=_classes(rows.get(code, {}), cuts),
            said=_said(rows.get(code)),
        )
        for code, place in sorted(places.items(), key=lambda item: (item[1].row, item[1].column))
    ]
    legends = tuple(Legend(measure, _ranges(measure, cuts[measure.code])) for measure in MEASURES)
    known = sum(code in rows for code in places)
    return TileMap(level, LEVELS[level], tuple(tiles), legends, known)


def _classes(row: Row, cuts: dict[str, list[float]]) -> str:
    """The class of an area by each measure."""
    return " ".join(
        f"{measure.code}{_class(row.get(measure.column), cuts[measure.code])}"
        for measure in MEASURES
    )


def _said(row: Row | None) -> str:
    """An area's figures in words, for who points at its square or has it read aloud."""
    if row is None:
        return "no data"
    return "; ".join(
        f"{measure.title}: {measure.text(row.get(measure.column))}" for measure in MEASURES
    )


def _cuts(values: Sequence[float | None]) -> list[float]:
    """The greatest value of each class: fifths of the areas that have one, without repetition."""
    known = sorted(value for value in values if value is not None)
    places = (-(-len(known) * part // CLASS_COUNT) - 1 for part in range(1, CLASS_COUNT + 1))
    return sorted({known[place] for place in places}) if known else []


def _class(value: float | None, cuts: Sequence[float]) -> int:
    """1 for the least to the number of classes for the most; 0 where there is no value."""
    if value is None or not cuts:
        return NO_DATA
    place = next(place for place, cut in enumerate(cuts) if value <= cut)
    return CLASS_COUNT - len(cuts) + place + 1


def _ranges(measure: MapMeasure, cuts: Sequence[float]) -> tuple[str, ...]:
    """Words for each class that occurs, the least first."""
    return tuple(f"to {measure.text(cut)}" for cut in cuts)
