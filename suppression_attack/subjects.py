"""The cells that a text is about: those whose place, year, items and unit it names."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from suppression_attack.published_files import Place, PublishedFile, Release
from suppression_attack.table import Cell

TOTAL = "Total"
UNIT = re.compile(r"(?:number|percentage|share) of ([\w ]+)", re.IGNORECASE)
# What documents call what a file counts, besides its own word.
SYNONYMS = (
    ("child", "children"),
    ("episode", "episodes", "incident", "incidents", "absence", "absences"),
)
CODE = re.compile(r"\S*[_/`]\S*")
SCHOOL_YEAR = re.compile(r"\b(\d{4})[-/](\d{2})\b")
# Between the names of a label, and not within a number such as 1,860.
LABELS = re.compile(r",(?!\d)|[:|]")
DATES = re.compile(
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December)(?: \d{4})?|\b\d{1,2}:\d{2}|\b\d+% (?:confidence )?interval",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Figure:
    """A cell with what its file prints and the items by which a passage names it."""

    cell: Cell
    printed: str
    items: frozenset[tuple[str, str]]


class Subjects:
    """The cells of a release by the words that name them."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.hidden = release.description.hidden
        self.meta = {
            name: {row["col_name"]: row for row in _lines(release, f"{name}.meta.csv")}
            for name in release.files
        }

    @cached_property
    def areas(self) -> dict[str, set[tuple[str, str]]]:
        """Level and code of each area by its name."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        columns = self.release.description.area_columns
        for name in self.release.files:
            for row in _lines(self.release, f"{name}.csv"):
                level = row["geographic_level"]
                area = _name_of(row, columns[level])
                found[_plain(area)].add((level, row[columns[level]]))
        return {name: places for name, places in found.items() if name}

    @cached_property
    def items(self) -> dict[str, set[tuple[str, str]]]:
        """Filter and item by the item's name, without those that are default."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for file in self.release.files.values():
            for _, items in file.rows:
                for pair in self.chosen(file, items):
                    found[_plain(pair[1])].add(pair)
        return found

    def chosen(self, file: PublishedFile, items: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """The items of a row that are not the default of their filters."""
        return frozenset(
            (name, item)
            for name, item in zip(file.filters, items, strict=True)
            if item not in {TOTAL, self._default(file.name, name)}
        )

    def _default(self, file: str, name: str) -> str:
        row = self.meta[file].get(name, {})
        return row.get("filter_default") or TOTAL

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years of all files, earliest first."""
        files = self.release.files.values()
        return tuple(sorted({place.year for file in files for place, _ in file.rows}))

    @cached_property
    def figures(self) -> dict[Place, list[Figure]]:
        """Every figure that is about people, by place and year."""
        found: dict[Place, list[Figure]] = defaultdict(list)
        said = self.release.description
        groups = {
            row.get("filter_grouping_column", "") for m in self.meta.values() for row in m.values()
        }
        for file in self.release.files.values():
            for (place, items), figures in file.rows.items():
                named = frozenset(p for p in self.chosen(file, items) if p[0] not in groups)
                for measure, printed in figures.items():
                    if measure not in said.open_measures[file.name]:
                        cell = Cell(said.release, file.name, place, items, measure)
                        found[place].append(Figure(cell, printed, named))
        return found

    @cached_property
    def units(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The words for what an indicator counts, by file and indicator."""
        found = {}
        for file, rows in self.meta.items():
            for name, row in rows.items():
                unit = UNIT.search(row.get("label") or "")
                if unit:
                    found[file, name] = _unit_words(unit[1].lower().split())
        return found

    @cached_property
    def codes(self) -> dict[str, set[str]]:
        """The codes of areas by level."""
        found: dict[str, set[str]] = defaultdict(set)
        for places in self.areas.values():
            for level, code in places:
                found[level].add(code)
        return found

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

    def key(self, figure: Figure) -> str:
        """The key of a figure in words."""
        return figure.cell.named(self.release.files[figure.cell.file].filters)


def _unit_words(words: list[str]) -> tuple[str, ...]:
    """What texts call the first unit among the words of a label; else its first word."""
    for word in words:
        for group in SYNONYMS:
            if word in group:
                return group
    return (words[0],)


def _lines(release: Release, name: str) -> Iterator[dict[str, str]]:
    data = release.folder / "data" if (release.folder / "data").is_dir() else release.folder
    with (data / name).open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _name_of(row: dict[str, str], code: str) -> str:
    """The name beside a code: `la_name` beside `old_la_code`, or nothing."""
    stem = code.removesuffix("_code")
    for column in (f"{stem}_name", f"{stem.partition('_')[2]}_name"):
        if row.get(column):
            return row[column]
    return ""


def _plain(text: str) -> str:
    """A text as words in lower case, so that names are found in it."""
    return " ".join(re.sub(r"[^\w%.,]+", " ", text.lower()).replace(", ", " ").split())


class _Words:
    """A text from which names are taken one by one, the longest first."""

    def __init__(self, text: str) -> None:
        self.left = f" {re.sub(r'[.,](?= )', '', _plain(text) + ' ')}"

    def take(self, names: dict[str, set[tuple[str, str]]]) -> set[tuple[str, str]]:
        """The meanings of all names in the text; the names are gone from it then."""
        found: set[tuple[str, str]] = set()
        for name in sorted(names, key=len, reverse=True):
            padded = f" {name} "
            if padded in self.left:
                found |= names[name]
                self.left = self.left.replace(padded, "  ").replace("  ", " | ")
        return found

    def has(self, words: tuple[str, ...]) -> bool:
        """Whether one of some words is left in the text."""
        return bool(set(words) & set(re.split(r"[^a-z]+", self.left)))


@dataclass
class Said:
    """What a text names: areas, items, years; and the words that are left.

    `loose` are items of one word, which is a word of many sentences too.
    """

    areas: set[tuple[str, str]]
    items: set[tuple[str, str]]
    loose: set[tuple[str, str]]
    years: set[str]
    left: _Words


def named_in(text: str, subjects: Subjects) -> Said:
    """Return what a text names of the subjects."""
    without_codes = CODE.sub(" ", SCHOOL_YEAR.sub(lambda m: str(int(m[1]) + 1), text))
    years = {year for year in subjects.years if re.search(rf"\b{year}\b", without_codes)}
    words = _Words(DATES.sub(" ", without_codes))
    areas = words.take(subjects.areas)
    # A label, such as "North East, Police only: 40", has each of its names for itself.
    labels = {_plain(part) for part in LABELS.split(without_codes)}
    exact = {pair for name, pairs in subjects.items.items() if name in labels for pair in pairs}
    items = exact | words.take({n: pairs for n, pairs in subjects.items.items() if " " in n})
    of_one = {n: pairs for n, pairs in subjects.items.items() if " " not in n}
    loose = words.take({n: pairs for n, pairs in of_one.items() if not n.isdigit()})
    for year in years:
        words.left = words.left.replace(f" {year} ", " ")
    # An item such as 1 episode is named by a number, which is no count then.
    for number in {name for _, name in exact if name.isdigit()}:
        words.left = words.left.replace(f" {number} ", " ", 1)
    return Said(areas, items, loose - items, years, words)


def figures_about(
    subjects: Subjects, *texts: Said, loose: frozenset[tuple[str, str]] = frozenset()
) -> list[Figure]:
    """The figures that texts name, the nearest text first: what it names holds for the others."""
    areas = next((each.areas for each in texts if each.areas), None)
    years = next((each.years for each in texts if each.years), {subjects.years[-1]})
    units = next((each for each in texts if has_unit(subjects, each)), None)
    if units is None:
        return []
    items: set[tuple[str, str]] = set()
    for each in texts:
        known = {name for name, _ in items}
        items |= {pair for pair in each.items if pair[0] not in known}
    found = []
    for place, figures in subjects.figures.items():
        is_there = (place.level, place.area) in areas if areas else place.level == "National"
        if is_there and place.year in years:
            found += [
                figure
                for figure in figures
                if figure.items <= items | loose
                and len(figure.items - items) <= 1
                and units.left.has(subjects.units.get((figure.cell.file, figure.cell.measure), ()))
            ]
    return found


def has_unit(subjects: Subjects, said: Said) -> bool:
    """Say whether a text names what some indicator counts."""
    return any(said.left.has(words) for words in subjects.units.values())
