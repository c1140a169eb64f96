"""What the columns of a published table are, as far as names and values show it.

`drafted_ties.py` proposes a description of the table with them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from suppression_attack.attack_programme import Floats
from suppression_attack.description import AREA_COLUMNS
from suppression_attack.published_files import STANDARD_LABELS, Place
from suppression_attack.table_rows import Line, remove_thousands

YEAR = re.compile(r"year|period|time", re.IGNORECASE)
LEVEL = re.compile(r"level", re.IGNORECASE)
AREA_CODE = re.compile(
    r"(area|authority|region|la|geography|ons|place).*code|^code$", re.IGNORECASE
)
AREA = re.compile(r"area|authority|region|geography|place|council|district", re.IGNORECASE)
LABEL = re.compile(r"name$|code$|label|note", re.IGNORECASE)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
NOT_COUNTED = re.compile(
    r"percent|percentage|average|rate\b|share|proportion|mean|median|ratio|%", re.I
)
# At least this share of a column's texts are numbers if it has figures.
FIGURES_SHARE = 0.5
# Texts that stand for hidden counts in many publications.
HIDDEN_SYMBOLS = {"c", "[c]", "*", "supp", "suppressed", "<5", "< 5", "S", "~"}
NO_FIGURE_SYMBOLS = {"z", "[z]", "k", "[k]", "low", "[low]", "u", "[u]", "-"}
# A series of figures: the items of all filters, and the measure.
Series = tuple[tuple[str, ...], str]


@dataclass
class DraftTable:
    """A table with the roles of its columns, and its figures as one row of numbers per series."""

    name: str
    year: str
    level: str
    area_columns: dict[str, str]
    filters: tuple[str, ...]
    measures: tuple[str, ...]
    labels: tuple[str, ...]
    has_metadata: bool
    # The column with the area that contains the area of the row.
    parent_column: str = ""
    source: str = ""
    sheet: str | None = None
    places: list[Place] = field(default_factory=list)
    series: dict[Series, Floats] = field(default_factory=dict)
    symbols: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)

    @property
    def is_standard(self) -> bool:
        """Whether the columns for places are those of Explore Education Statistics."""
        return self.level == "geographic_level"

    def list_items(self, name: str) -> list[str]:
        """Return the items of a filter, in the order of the table."""
        position = self.filters.index(name)
        return list(dict.fromkeys(items[position] for items, _ in self.series))

    def select_level(self, level: str) -> np.ndarray:
        """Return which places are of a geographic level."""
        return np.array([place.level == level for place in self.places])


def read_draft_table(name: str, lines: Sequence[Line], metadata: Mapping[str, Line]) -> DraftTable:
    """Return a table with the roles of its columns guessed."""
    columns = [column for column in lines[0] if column] if lines else []
    texts = {column: [line[column] for line in lines] for column in columns}
    year = _choose_column(columns, "time_period", YEAR)
    level = _choose_column(columns, "geographic_level", LEVEL)
    areas = _find_area_columns(columns, texts, level)
    filters: list[str] = []
    measures: list[str] = []
    labels: list[str] = []
    parent = _find_parent_column(columns, texts, areas)
    for column in columns:
        if column in {year, level, *areas.values()}:
            continue
        kind = "label" if column == parent else _classify_column(column, texts[column], metadata)
        if kind == "label" or _follows_from_area(texts[column], texts, areas):
            labels.append(column)
        else:
            (measures if kind == "measure" else filters).append(column)
    table = DraftTable(
        name, year, level, areas, tuple(filters), tuple(measures), tuple(labels), bool(metadata)
    )
    table.lines, table.parent_column = list(lines), parent
    _fill_series(table)
    return table


def _choose_column(columns: Sequence[str], standard: str, pattern: re.Pattern[str]) -> str:
    if standard in columns:
        return standard
    return next((column for column in columns if pattern.search(column)), "")


def _find_area_columns(
    columns: Sequence[str], texts: Mapping[str, Sequence[str]], level: str
) -> dict[str, str]:
    """Return the column with the area's code or name by level; the level "" stands for all."""
    if level == "geographic_level":
        present = set(texts[level])
        return {
            name: column
            for name, column in AREA_COLUMNS.items()
            if name in present and column in columns
        }
    column = _choose_column(columns, "area_code", AREA_CODE) or _choose_column(
        columns, "area", AREA
    )
    return {"": column} if column else {}


def _find_parent_column(
    columns: Sequence[str], texts: Mapping[str, Sequence[str]], areas: Mapping[str, str]
) -> str:
    """Return the column whose texts are all codes or names of other areas, or an empty text."""
    if list(areas) != [""]:
        return ""
    own = texts[areas[""]]
    for column in columns:
        pairs = {pair for pair in zip(own, texts[column], strict=True) if pair[1]}
        is_other = all(area != parent for area, parent in pairs)
        if pairs and is_other and {parent for _, parent in pairs} <= set(own):
            return column
    return ""


def _classify_column(column: str, texts: Sequence[str], metadata: Mapping[str, Line]) -> str:
    if column in metadata:
        return "measure" if metadata[column]["col_type"] == "Indicator" else "filter"
    present = [text for text in texts if text]
    numbers = sum(1 for text in present if NUMBER.fullmatch(remove_thousands(text)))
    if column in STANDARD_LABELS or not present:
        return "label"
    if LABEL.search(column):
        return "label"
    if numbers >= FIGURES_SHARE * len(present):
        return "measure"
    return "filter" if len(set(present)) > 1 else "label"


def _follows_from_area(
    texts: Sequence[str], all_texts: Mapping[str, Sequence[str]], areas: Mapping[str, str]
) -> bool:
    """Return whether a column has one text for each area, and one area for each text."""
    for column in areas.values():
        pairs = set(zip(all_texts[column], texts, strict=True))
        if len(pairs) == len(set(texts)) == len(set(all_texts[column])) > 1:
            return True
    return False


def _fill_series(table: DraftTable) -> None:
    """Read the figures; a symbol counts as no number."""
    figures: dict[Series, dict[Place, float]] = defaultdict(dict)
    places: dict[Place, None] = {}
    for line in table.lines:
        level = line[table.level] if table.level else ""
        column = table.area_columns.get(level, table.area_columns.get("", ""))
        year = line[table.year] if table.year else ""
        place = Place(year, level, line[column] if column else "")
        places[place] = None
        items = tuple(line[name] for name in table.filters)
        for measure in table.measures:
            text = remove_thousands(line[measure])
            is_number = NUMBER.fullmatch(text)
            figures[items, measure][place] = float(text) if is_number else np.nan
            if not is_number:
                table.symbols[text] += 1
    table.places = list(places)
    for series, values in figures.items():
        table.series[series] = np.array([values.get(place, np.nan) for place in table.places])


def find_counted_series(table: DraftTable) -> Iterator[Series]:
    """Yield the series that are counts: whole numbers whose names are not of percentages."""
    for (items, measure), values in table.series.items():
        printed = values[~np.isnan(values)]
        is_named = not NOT_COUNTED.search(" ".join((*items, measure)))
        if len(printed) and is_named and (printed == np.round(printed)).all():
            yield items, measure
