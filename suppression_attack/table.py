"""The published cells as unknowns, and what is known of them as linear ties.

One unknown a cell; cells that are the same number in two files or releases share one. A figure
that is shown gives bounds; a hidden one gives almost none. Nothing here solves anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from suppression_attack.description import Description, DescriptionError, Pattern, Tie
from suppression_attack.published_files import Place, PublishedFile, Release

INFINITY = float("inf")


class Cell(NamedTuple):
    """The key of a figure: release, file, year, level, area, filters and measure."""

    release: str
    file: str
    place: Place
    items: tuple[str, ...]
    measure: str

    def named(self, filters: tuple[str, ...]) -> str:
        """The key in words, without the release."""
        items = ";".join(f"{name}={item}" for name, item in zip(filters, self.items, strict=True))
        year, level, area = self.place.year, self.place.level, self.place.area
        return f"{self.file}: {year}, {level}, {area}, {items}, {self.measure}"


@dataclass
class Unknown:
    """A number that the publisher knows: its cells and the bounds that they give."""

    label: str
    lower: float = 0.0
    upper: float = INFINITY
    cells: list[Cell] = field(default_factory=list)
    hidden_in: list[str] = field(default_factory=list)
    shown_in: list[str] = field(default_factory=list)
    is_complement: bool = False
    areas: frozenset[str] = frozenset()

    @property
    def is_audited(self) -> bool:
        """Say whether its value must stay uncertain: hidden in a file, or never printed."""
        return bool(self.hidden_in) or self.is_complement


class Row(NamedTuple):
    """Coefficients by unknown, and the bounds of their sum."""

    name: str
    terms: tuple[tuple[int, float], ...]
    lower: float
    upper: float


@dataclass
class Table:
    """The whole system of all open releases."""

    unknowns: list[Unknown] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    by_cell: dict[Cell, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    hierarchies: dict[str, dict[str, str]] = field(default_factory=dict)
    rests: dict[tuple[tuple[int, float], ...], int] = field(default_factory=dict)


def build_table(releases: list[Release]) -> Table:
    """Make the unknowns and ties of releases, earliest first."""
    table = Table()
    joined = _Joins()
    for release in releases:
        for cell, _ in _figures(release):
            joined.add(cell)
    matches = {r.description.release: Matches(r) for r in releases}
    for release in releases:
        found = matches[release.description.release]
        for tie in release.description.ties:
            if tie.kind == "same":
                for cells in found.aligned(tie, table.faults):
                    joined.join(cells)
    _join_carried(releases, joined)
    _make_unknowns(table, releases, joined)
    for release in releases:
        _make_rows(table, release, matches[release.description.release])
    table.rows = list({(row.terms, row.lower, row.upper): row for row in table.rows}.values())
    return table


def _figures(release: Release) -> Iterator[tuple[Cell, str]]:
    """Every count of a release with what is printed; what a row cannot have is left out."""
    said = release.description
    for file in release.files.values():
        for (place, items), figures in file.rows.items():
            if not _is_of_people(said, file, items):
                continue
            for measure in said.counts[file.name]:
                if measure not in figures:
                    raise DescriptionError(f"{file.name}: no indicator {measure}")
                if figures[measure] not in said.empty:
                    cell = Cell(said.release, file.name, place, items, measure)
                    yield cell, figures[measure]


def _is_of_people(said: Description, file: PublishedFile, items: tuple[str, ...]) -> bool:
    """Say whether a row holds counts of people, by the items of its filters."""
    chosen = said.only[file.name]
    return all(
        item in chosen[name]
        for name, item in zip(file.filters, items, strict=True)
        if name in chosen
    )


class _Joins:
    """Cells that are one number (a disjoint-set forest)."""

    def __init__(self) -> None:
        self.parent: dict[Cell, Cell] = {}

    def add(self, cell: Cell) -> None:
        self.parent.setdefault(cell, cell)

    def root(self, cell: Cell) -> Cell:
        while self.parent[cell] != cell:
            self.parent[cell] = self.parent[self.parent[cell]]
            cell = self.parent[cell]
        return cell

    def join(self, cells: Iterable[Cell]) -> None:
        roots = sorted({self.root(cell) for cell in cells})
        for other in roots[1:]:
            self.parent[other] = roots[0]


def _join_carried(releases: list[Release], joined: _Joins) -> None:
    """Join the cells of area-years that a release carried over from the one before."""
    by_name = {release.description.release: release for release in releases}
    for release in releases:
        said = release.description
        before = by_name.get(said.before or "")
        if before is None:
            continue
        renewed: dict[str, frozenset[str]] = {}
        for cell, _ in _figures(release):
            year = cell.place.year
            if year not in renewed:
                renewed[year] = _renewed_areas(said, year)
            earlier = cell._replace(release=said.before or "")
            if cell.place.area not in renewed[year] and earlier in joined.parent:
                joined.join([cell, earlier])


def _renewed_areas(said: Description, year: str) -> frozenset[str]:
    """Areas of a year that were replaced, with all areas that they lie in."""
    found = set(said.replaced.get(year, ()))
    waiting = list(found)
    while waiting:
        area = waiting.pop()
        for hierarchy in said.areas.values():
            whole = hierarchy.parents.get(area)
            if whole is not None and whole not in found:
                found.add(whole)
                waiting.append(whole)
    return frozenset(found)


def _make_unknowns(table: Table, releases: list[Release], joined: _Joins) -> None:
    number: dict[Cell, int] = {}
    for release in releases:
        said = release.description
        for name, hierarchy in said.areas.items():
            table.hierarchies.setdefault(name, {}).update(hierarchy.parents)
        for cell, printed in _figures(release):
            label = _label(release, cell)
            root = joined.root(cell)
            if root not in number:
                number[root] = len(table.unknowns)
                areas = frozenset({cell.place.area})
                table.unknowns.append(Unknown(label, areas=areas))
            table.by_cell[cell] = number[root]
            unknown = table.unknowns[number[root]]
            unknown.cells.append(cell)
            _bound(table, unknown, release, cell, printed)


def _label(release: Release, cell: Cell) -> str:
    return f"{cell.release}: {cell.named(release.files[cell.file].filters)}"


def _bound(table: Table, unknown: Unknown, release: Release, cell: Cell, printed: str) -> None:
    """Narrow an unknown by what one cell prints."""
    said, name = release.description, _label(release, cell)
    lower, upper = 0.0, INFINITY
    if printed in said.hidden:
        unknown.hidden_in.append(name)
        lower, upper = float(said.smallest_hidden), said.largest_hidden
    elif printed not in said.unknown:
        if cell.place.level not in said.rounding:
            raise DescriptionError(f"{name}: no rounding is given for the level")
        if not printed.isdigit():
            table.faults.append(f"{name}: neither a whole number nor a symbol")
            return
        unknown.shown_in.append(name)
        value, unit = int(printed), said.rounding[cell.place.level]
        upper = value + (unit - 1) // 2 if value else 0.0
        lower = max(value - unit // 2, said.smallest_shown) if value else 0.0
        if value % unit:
            table.faults.append(f"{name}: {printed} is no multiple of {unit}")
    unknown.lower = max(unknown.lower, lower)
    unknown.upper = min(unknown.upper, upper)


class Matches:
    """The cells of each pattern of one release, by what the patterns of a tie share."""

    def __init__(self, release: Release) -> None:
        self.release = release
        # What a row cannot have is no gap.
        self.without: set[tuple[str, tuple[Place, tuple[tuple[str, str], ...]]]] = set()
        self.places = {
            name: {place for place, _ in file.rows} for name, file in release.files.items()
        }

    def file(self, name: str) -> PublishedFile:
        """The file of a name. Raises `DescriptionError` where it is not published."""
        if name not in self.release.files:
            raise DescriptionError(f"a tie names {name}, which is not published")
        return self.release.files[name]

    def cells(self, pattern: Pattern) -> dict[tuple[Place, tuple[tuple[str, str], ...]], Cell]:
        """Cells by place and the items of the filters that the pattern leaves free."""
        file = self.file(pattern.file)
        if set(pattern.where) - set(file.filters):
            wrong = ", ".join(sorted(set(pattern.where) - set(file.filters)))
            raise DescriptionError(f"{file.name} has no filter {wrong}")
        wanted = [(at, pattern.where.get(name)) for at, name in enumerate(file.filters)]
        free = [(at, file.filters[at]) for at, item in wanted if item is None]
        fixed = [(at, item) for at, item in wanted if item is not None]
        said = self.release.description
        found = {}
        for (place, items), figures in file.rows.items():
            if any(items[at] != item for at, item in fixed):
                continue
            if not _is_of_people(said, file, items):
                continue
            key = (place, tuple(sorted((name, items[at]) for at, name in free)))
            if figures.get(pattern.measure) in said.empty:
                self.without.add((pattern.file, key))
                continue
            found[key] = Cell(said.release, file.name, place, items, pattern.measure)
        return found

    def aligned(self, tie: Tie, faults: list[str]) -> Iterator[list[Cell]]:
        """The cells of a tie's patterns, place by place; a gap in a file is a fault."""
        patterns = (*tie.total, *tie.parts)
        found = [self.cells(each) for each in patterns]
        whole = 0
        for key in sorted(set().union(*found)):
            here = [cells.get(key) for cells in found]
            absent = [each for each, cell in zip(patterns, here, strict=True) if cell is None]
            gaps = [
                each
                for each in absent
                if key[0] in self.places[each.file] and (each.file, key) not in self.without
            ]
            present = [cell for cell in here if cell is not None]
            if gaps:
                items = ";".join(f"{name}={item}" for name, item in key[1])
                where = f"{key[0].year}, {key[0].level}, {key[0].area}, {items}"
                faults.append(f"{tie.name}: {gaps[0].file} has no cell at {where}")
            # Of one number in several files, each place has those that reach its level.
            if not absent or (tie.kind == "same" and len(present) > 1):
                whole += 1
                yield present
        if not whole:
            faults.append(f"{tie.name}: fits no cell of {', '.join(p.file for p in patterns)}")


def _make_rows(table: Table, release: Release, matches: Matches) -> None:
    for tie in release.description.ties:
        # What the rules of hiding say gives bounds and no row: `suppression_rules.py`.
        if tie.kind in ("same", "behind", "dominance"):
            continue
        if tie.over is not None:
            _sum_areas(table, release.description, matches, tie)
            continue
        times = [each.times for each in (*tie.total, *tie.parts)]
        for cells in matches.aligned(tie, table.faults):
            sides = [(table.by_cell[cell], each) for cell, each in zip(cells, times, strict=True)]
            _relate(table, tie.name, tie.kind, sides[: len(tie.total)], sides[len(tie.total) :])


def _sum_areas(table: Table, said: Description, matches: Matches, tie: Tie) -> None:
    """Tie each area to those that lie in it."""
    assert tie.over is not None
    hierarchy = said.areas[tie.over]
    cells = matches.cells(tie.total[0])
    wholes: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
    parts: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[int]] = defaultdict(list)
    for (place, items), cell in cells.items():
        wholes[place.year, place.area, items] = table.by_cell[cell]
        if place.area in hierarchy.parents:
            parts[place.year, hierarchy.parents[place.area], items].append(table.by_cell[cell])
    used = 0
    for key, numbers in sorted(parts.items()):
        if key not in wholes:
            continue
        used += 1
        whole = wholes[key]
        kind = tie.kind
        if kind == "add" and key[1] in hierarchy.incomplete:
            kind = "complement"
        elif kind == "overlap" and key[1] in hierarchy.incomplete:
            kind = "within"
        _relate(table, tie.name, kind, [(whole, 1.0)], [(each, 1.0) for each in numbers])
    if not used:
        table.faults.append(f"{tie.name}: fits no cell of {tie.total[0].file}")


Side = list[tuple[int, float]]


def _relate(table: Table, name: str, kind: str, total: Side, parts: Side) -> None:
    """Add the rows of one tie at one place."""
    terms = _terms(total, parts)
    if kind == "complement":
        if terms in table.rests:
            return
        table.rests[terms] = len(table.unknowns)
        areas = frozenset().union(*(table.unknowns[each].areas for each, _ in total))
        label = f"{table.unknowns[total[0][0]].label} [less its parts: {name}]"
        rest = Unknown(label, is_complement=True, areas=areas)
        table.unknowns.append(rest)
        terms = (*terms, (table.rests[terms], -1.0))
        table.rows.append(Row(name, terms, 0.0, 0.0))
    elif kind == "add":
        table.rows.append(Row(name, terms, 0.0, 0.0))
    elif kind == "at_least":
        table.rows.append(Row(name, terms, 0.0, INFINITY))
    else:
        for part in parts:
            table.rows.append(Row(name, _terms(total, [part]), 0.0, INFINITY))
        if kind == "overlap":
            table.rows.append(Row(name, terms, -INFINITY, 0.0))


def _terms(plus: Side, minus: Side) -> tuple[tuple[int, float], ...]:
    found: dict[int, float] = defaultdict(float)
    for each, times in plus:
        found[each] += times
    for each, times in minus:
        found[each] -= times
    return tuple((each, value) for each, value in sorted(found.items()) if value)
