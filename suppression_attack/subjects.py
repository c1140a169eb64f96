"""The figures that a text is about: cells whose place, year, items and unit the text names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from suppression_attack.published_files import Place, PublishedFile, Release
from suppression_attack.table import Cell

TOTAL = "Total"
UNIT = re.compile(r"(?:number|percentage|share|rate) of ([\w ]+)", re.IGNORECASE)
# Groups of words with one meaning: published units, and words that documents may use for them.
SYNONYMS = (
    ("child", "children"),
    ("episode", "episodes", "incident", "incidents", "absence", "absences"),
)
CODE = re.compile(r"\S*[_/`]\S*")
SCHOOL_YEAR = re.compile(r"\b(\d{4})[-/](\d{2})\b")
# Separators between the names in a label. A comma before a digit (1,860) separates nothing.
LABEL_SEPARATORS = re.compile(r",(?!\d)|[:|]")
DATES = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)(?: \d{4})?|\b\d{1,2}:\d{2}|\b\d+% (?:confidence )?interval",
    re.IGNORECASE,
)
# Numbers of the unit of a rate, such as "per 1,000 children aged 0 to 17", and ages of children.
# They count nothing.
RATE_UNITS = re.compile(
    r"\bper 1(?:,000|00)\b|\baged \d+ to \d+\b|(?<=\bchildren )under \d+\b", re.IGNORECASE
)
# What a name may mean: pairs of an area's level and code, or of a filter and its item.
Meanings = set[tuple[str, str]]


@dataclass(frozen=True)
class Figure:
    """A cell with its printed text and the items that a passage can name it by."""

    cell: Cell
    printed: str
    items: frozenset[tuple[str, str]]


class Subjects:
    """The cells of a release, indexed by the words that name them."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.hidden = release.description.hidden
        self.meta = {name: file.metadata for name, file in release.files.items()}
        self.mentions: dict[str, Mentions] = {}

    @cached_property
    def areas(self) -> dict[str, Meanings]:
        """The level and code of each area, by the area's name."""
        areas: dict[str, Meanings] = defaultdict(set)
        columns = self.release.description.columns
        for file in self.release.files.values():
            for row in file.read_lines():
                level = row[columns.level] if columns.level else ""
                code = columns.find_area_column(level)
                if code is not None:
                    area = _simplify_text(_find_area_name(row, code))
                    areas[area].add((level, row[code]))
        areas.pop("", None)
        return areas

    @cached_property
    def items(self) -> dict[str, Meanings]:
        """The filters and items that a name may mean, by name. Default items are left out."""
        named: dict[str, Meanings] = defaultdict(set)
        for file in self.release.files.values():
            for _, items in file.rows:
                for pair in self.select_items(file, items):
                    named[_simplify_text(pair[1])].add(pair)
        return named

    def select_items(
        self, file: PublishedFile, items: tuple[str, ...]
    ) -> frozenset[tuple[str, str]]:
        """Return the items of a row, except the default items of their filters."""
        return frozenset(
            (name, item)
            for name, item in zip(file.filters, items, strict=True)
            if item not in {TOTAL, self._default_item(file.name, name)}
        )

    def _default_item(self, file: str, name: str) -> str:
        row = self.meta[file].get(name, {})
        return row.get("filter_default") or TOTAL

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years of all files, earliest first."""
        files = self.release.files.values()
        return tuple(sorted({place.year for file in files for place, _ in file.rows}))

    @cached_property
    def figures(self) -> dict[Place, list[Figure]]:
        """Every figure about people, by place and year."""
        by_place: dict[Place, list[Figure]] = defaultdict(list)
        description = self.release.description
        groupings = {
            row.get("filter_grouping_column", "")
            for rows in self.meta.values()
            for row in rows.values()
        }
        for file in self.release.files.values():
            for (place, items), figures in file.rows.items():
                named = frozenset(
                    pair for pair in self.select_items(file, items) if pair[0] not in groupings
                )
                for measure, printed in figures.items():
                    if measure not in description.files[file.name].open_measures:
                        cell = Cell(description.release, file.name, place, items, measure)
                        by_place[place].append(Figure(cell, printed, named))
        return by_place

    @cached_property
    def units(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The words for the unit that an indicator counts, by file and indicator."""
        units = {}
        for file, rows in self.meta.items():
            for name, row in rows.items():
                unit = UNIT.search(row.get("label") or "")
                if unit:
                    units[file, name] = _find_unit_words(unit[1].lower().split())
        return units

    @cached_property
    def unit_words(self) -> frozenset[str]:
        """The words for the units of all indicators."""
        return frozenset(word for words in self.units.values() for word in words)

    @cached_property
    def codes(self) -> dict[str, set[str]]:
        """The codes of areas by level."""
        codes: dict[str, set[str]] = defaultdict(set)
        for places in self.areas.values():
            for level, code in places:
                codes[level].add(code)
        return codes

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """The label of each filter and indicator, by file."""
        return {
            name: {
                column: self.meta[name].get(column, {}).get("label") or column
                for column in (*file.filters, *file.indicators)
            }
            for name, file in self.release.files.items()
        }

    def find_key_columns(self, file: str) -> tuple[str, ...]:
        """Return the columns that identify a row of a data file; none if there is no such file."""
        if file not in self.release.files:
            return ()
        published = self.release.files[file]
        present = next(published.read_lines(), {})
        places = self.release.description.columns.list_names()
        return (*(column for column in places if column in present), *published.filters)

    def index_lines(self, file: str) -> dict[tuple[str, ...], dict[str, str]]:
        """Return the rows of a data file by the values of their key columns."""
        columns = self.find_key_columns(file)
        lines = self.release.files[file].read_lines()
        return {tuple(line[column] for column in columns): line for line in lines}

    def describe_figure(self, figure: Figure) -> str:
        """Return the key of a figure in words."""
        return figure.cell.describe(self.release.files[figure.cell.file].filters)


def _find_unit_words(words: list[str]) -> tuple[str, ...]:
    """Return the words for the first unit that a label names, or else the label's first word."""
    for word in words:
        for group in SYNONYMS:
            if word in group:
                return group
    return (words[0],)


def _find_area_name(row: dict[str, str], code: str) -> str:
    """Return the name beside a code (such as `la_name` beside `old_la_code`), or an empty text."""
    stem = code.removesuffix("_code")
    for column in (f"{stem}_name", f"{stem.partition('_')[2]}_name"):
        if row.get(column):
            return row[column]
    return ""


def _simplify_text(text: str) -> str:
    """Return a text as words in lower case."""
    return " ".join(re.sub(r"[^\w%.,]+", " ", text.lower()).replace(", ", " ").split())


@lru_cache(maxsize=256)
def _split_words(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z]+", text))


class RemainingWords:
    """A text from which names are removed one by one, longest first."""

    def __init__(self, text: str) -> None:
        self.text = f" {re.sub(r'[.,](?= )', '', _simplify_text(text) + ' ')}"

    def remove_names(self, names: dict[str, Meanings]) -> Meanings:
        """Remove all names that are in the text; return their meanings."""
        meanings: Meanings = set()
        for name in sorted(names, key=len, reverse=True):
            padded = f" {name} "
            if padded in self.text:
                meanings |= names[name]
                self.text = self.text.replace(padded, "  ").replace("  ", " | ")
        return meanings

    def has_word(self, words: Iterable[str]) -> bool:
        """Return whether any of the words remains in the text."""
        return not _split_words(self.text).isdisjoint(words)


@dataclass
class Mentions:
    """The areas, items and years that a text names, and the words that remain.

    `ambiguous_items` are items with names of one word, which may be an ordinary word in a sentence.
    """

    areas: Meanings
    items: Meanings
    ambiguous_items: Meanings
    years: set[str]
    remaining: RemainingWords


def find_mentions(text: str, subjects: Subjects) -> Mentions:
    """Return the areas, items and years of the release that a text names."""
    if text not in subjects.mentions:
        subjects.mentions[text] = _read_mentions(text, subjects)
    return subjects.mentions[text]


def _read_mentions(text: str, subjects: Subjects) -> Mentions:
    without_codes = CODE.sub(" ", SCHOOL_YEAR.sub(lambda m: str(int(m[1]) + 1), text))
    years = {year for year in subjects.years if re.search(rf"\b{year}\b", without_codes)}
    remaining = RemainingWords(DATES.sub(" ", without_codes))
    areas = remaining.remove_names(subjects.areas)
    # In a label such as "North East, Police only: 40", each part is the whole name of an area or
    # item.
    labels = {_simplify_text(part) for part in LABEL_SEPARATORS.split(without_codes)}
    exact = {pair for name, pairs in subjects.items.items() if name in labels for pair in pairs}
    phrases = {name: pairs for name, pairs in subjects.items.items() if " " in name}
    words = {
        name: pairs
        for name, pairs in subjects.items.items()
        if " " not in name and not name.isdigit()
    }
    items = exact | remaining.remove_names(phrases)
    ambiguous = remaining.remove_names(words)
    for year in years:
        remaining.text = remaining.text.replace(f" {year} ", " ")
    # An item's name may be a number, such as "1" (episodes). It is no count, so it is removed.
    for number in {name for _, name in exact if name.isdigit()}:
        remaining.text = remaining.text.replace(f" {number} ", " ", 1)
    remaining.text = RATE_UNITS.sub(" ", remaining.text)
    return Mentions(areas, items, ambiguous - items, years, remaining)


def find_figures(
    subjects: Subjects, *texts: Mentions, extra_items: frozenset[tuple[str, str]] = frozenset()
) -> list[Figure]:
    """Return the figures that the texts name; the first text is the nearest and overrides others.

    The figures may have the `extra_items`, even if no text names these.
    """
    areas = next((mentions.areas for mentions in texts if mentions.areas), None)
    years = next((mentions.years for mentions in texts if mentions.years), {subjects.years[-1]})
    units = next((mentions for mentions in texts if mentions_unit(subjects, mentions)), None)
    if units is None:
        return []
    items: Meanings = set()
    for mentions in texts:
        known_filters = {name for name, _ in items}
        items |= {pair for pair in mentions.items if pair[0] not in known_filters}
    return [
        figure
        for place, figures in subjects.figures.items()
        if ((place.level, place.area) in areas if areas else place.level == "National")
        and place.year in years
        for figure in figures
        if figure.items <= items | extra_items
        and len(figure.items - items) <= 1
        and units.remaining.has_word(
            subjects.units.get((figure.cell.file, figure.cell.measure), ())
        )
    ]


def mentions_unit(subjects: Subjects, mentions: Mentions) -> bool:
    """Return whether a text names the unit that any indicator counts."""
    return mentions.remaining.has_word(subjects.unit_words)
