"""The published cells as unknowns, and the known facts about these cells as linear ties.

Cells that show the same number in two files or releases share one unknown. A shown figure gives
narrow bounds, a hidden figure wide ones. `search.py` solves the system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from suppression_attack.description import Description, DescriptionError, Pattern, Tie
from suppression_attack.published_files import Place, PublishedFile, Release

INFINITY = float("inf")

# A place, and the item of each filter that a pattern leaves open.
FreeKey = tuple[Place, tuple[tuple[str, str], ...]]
# One side of a tie: column numbers of unknowns, each with its coefficient.
Side = list[tuple[int, float]]
Terms = tuple[tuple[int, float], ...]


class Cell(NamedTuple):
    """The key of a figure: release, file, year, level, area, filters and measure."""

    release: str
    file: str
    place: Place
    items: tuple[str, ...]
    measure: str

    def describe(self, filters: tuple[str, ...]) -> str:
        """Return the key in words, without the release."""
        items = ";".join(f"{name}={item}" for name, item in zip(filters, self.items, strict=True))
        year, level, area = self.place.year, self.place.level, self.place.area
        return f"{self.file}: {year}, {level}, {area}, {items}, {self.measure}"


@dataclass
class Unknown:
    """A number that only the publisher knows: its cells, and the bounds that follow from these."""

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
        """Whether the value must stay uncertain, since a file hides it or no file prints it."""
        return bool(self.hidden_in) or self.is_complement


class Row(NamedTuple):
    """A row of the system: the coefficient of each unknown, and the bounds of the weighted sum."""

    name: str
    terms: Terms
    lower: float
    upper: float


@dataclass
class Table:
    """The whole system of all public releases; `faults` are errors in the descriptions."""

    unknowns: list[Unknown] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    by_cell: dict[Cell, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    hierarchies: dict[str, dict[str, str]] = field(default_factory=dict)
    complements: dict[Terms, int] = field(default_factory=dict)


def build_table(releases: list[Release]) -> Table:
    """Return the unknowns and ties of releases, earliest first."""
    table = Table()
    joins = _CellJoins(cell for release in releases for cell, _ in _list_counts(release))
    matchers = [CellMatcher(release) for release in releases]
    for matcher in matchers:
        for tie in matcher.release.description.ties:
            if tie.kind == "same":
                for cells in matcher.align_cells(tie, table.faults):
                    joins.join_cells(cells)
    _join_carried(releases, joins)
    _add_unknowns(table, releases, joins)
    for matcher in matchers:
        _add_ties(table, matcher)
    table.rows = list({(row.terms, row.lower, row.upper): row for row in table.rows}.values())
    for matcher in matchers:
        for tie in matcher.release.description.ties:
            if tie.kind in ("behind", "dominance"):
                _apply_rule(table, matcher, tie)
    return table


def _list_counts(release: Release) -> Iterator[tuple[Cell, str]]:
    """Yield every count of a release with its printed text; skip cells that do not apply."""
    description = release.description
    for file in release.files.values():
        for (place, items), figures in file.rows.items():
            if not _counts_people(description, file, items):
                continue
            for measure in description.files[file.name].counts:
                if measure not in figures:
                    raise DescriptionError(f"{file.name} has no indicator {measure}")
                if figures[measure] not in description.empty:
                    cell = Cell(description.release, file.name, place, items, measure)
                    yield cell, figures[measure]


def _counts_people(description: Description, file: PublishedFile, items: tuple[str, ...]) -> bool:
    """Return whether a row holds counts of people, according to the items of its filters."""
    allowed = description.files[file.name].only
    return all(
        item in allowed[name]
        for name, item in zip(file.filters, items, strict=True)
        if name in allowed
    )


class _CellJoins:
    """Groups of cells that show one number, as a disjoint-set forest."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.parent = {cell: cell for cell in cells}

    def find_root(self, cell: Cell) -> Cell:
        while self.parent[cell] != cell:
            self.parent[cell] = self.parent[self.parent[cell]]
            cell = self.parent[cell]
        return cell

    def join_cells(self, cells: Iterable[Cell]) -> None:
        roots = sorted({self.find_root(cell) for cell in cells})
        for other in roots[1:]:
            self.parent[other] = roots[0]


def _join_carried(releases: list[Release], joins: _CellJoins) -> None:
    """Join the cells of areas and years that a release carried over from the release before it."""
    names = {release.description.release for release in releases}
    for release in releases:
        description = release.description
        if description.before is None or description.before not in names:
            continue
        replaced_by_year: dict[str, frozenset[str]] = {}
        for cell, _ in _list_counts(release):
            year = cell.place.year
            if year not in replaced_by_year:
                replaced_by_year[year] = _find_replaced_areas(description, year)
            earlier = cell._replace(release=description.before)
            if cell.place.area not in replaced_by_year[year] and earlier in joins.parent:
                joins.join_cells([cell, earlier])


def _find_replaced_areas(description: Description, year: str) -> frozenset[str]:
    """Return the areas that were replaced in a year, and all areas that contain them."""
    replaced = set(description.replaced.get(year, ()))
    waiting = list(replaced)
    while waiting:
        area = waiting.pop()
        for hierarchy in description.areas.values():
            parent = hierarchy.parents.get(area)
            if parent is not None and parent not in replaced:
                replaced.add(parent)
                waiting.append(parent)
    return frozenset(replaced)


def _add_unknowns(table: Table, releases: list[Release], joins: _CellJoins) -> None:
    number_of_root: dict[Cell, int] = {}
    for release in releases:
        for name, hierarchy in release.description.areas.items():
            table.hierarchies.setdefault(name, {}).update(hierarchy.parents)
        for cell, printed in _list_counts(release):
            root = joins.find_root(cell)
            if root not in number_of_root:
                number_of_root[root] = len(table.unknowns)
                areas = frozenset({cell.place.area})
                table.unknowns.append(Unknown(_label_cell(release, cell), areas=areas))
            table.by_cell[cell] = number_of_root[root]
            unknown = table.unknowns[number_of_root[root]]
            unknown.cells.append(cell)
            _add_printed_bounds(table, unknown, release, cell, printed)


def _label_cell(release: Release, cell: Cell) -> str:
    return f"{cell.release}: {cell.describe(release.files[cell.file].filters)}"


def _add_printed_bounds(
    table: Table, unknown: Unknown, release: Release, cell: Cell, printed: str
) -> None:
    """Narrow the bounds of an unknown by the printed text of one cell."""
    description, label = release.description, _label_cell(release, cell)
    lower, upper = 0.0, INFINITY
    if printed in description.hidden:
        unknown.hidden_in.append(label)
        lower, upper = float(description.smallest_hidden), description.largest_hidden
    elif printed not in description.unknown:
        unit = description.find_rounding(cell.place.level)
        if unit is None:
            raise DescriptionError(f"{label}: ties.yaml gives no rounding for this level")
        if not printed.isdigit():
            table.faults.append(f"{label}: neither a whole number nor a symbol")
            return
        unknown.shown_in.append(label)
        value = int(printed)
        upper = value + (unit - 1) // 2 if value else 0.0
        lower = max(value - unit // 2, description.smallest_shown) if value else 0.0
        if value % unit:
            table.faults.append(f"{label}: {printed} is no multiple of {unit}")
    unknown.lower = max(unknown.lower, lower)
    unknown.upper = min(unknown.upper, upper)


class CellMatcher:
    """An index that finds the cells of each pattern of a release by place and free items."""

    def __init__(self, release: Release) -> None:
        self.release = release
        # Figures marked as not applicable, by file and key. Where a file has such a mark, its
        # missing cell is no fault.
        self.not_applicable: set[tuple[str, FreeKey]] = set()
        self.places = {
            name: {place for place, _ in file.rows} for name, file in release.files.items()
        }

    def match_cells(self, pattern: Pattern) -> dict[FreeKey, Cell]:
        """Return cells by place and by the items of the filters that the pattern leaves open."""
        if pattern.file not in self.release.files:
            raise DescriptionError(f"a tie names {pattern.file}, which is not published")
        file, description = self.release.files[pattern.file], self.release.description
        if unknown := ", ".join(sorted(set(pattern.where) - set(file.filters))):
            raise DescriptionError(f"{file.name} has no filter {unknown}")
        positions = {name: position for position, name in enumerate(file.filters)}
        free = sorted(positions.keys() - pattern.where.keys())
        cells = {}
        for (place, items), figures in file.rows.items():
            if any(items[positions[name]] != item for name, item in pattern.where.items()):
                continue
            if not _counts_people(description, file, items):
                continue
            key = (place, tuple((name, items[positions[name]]) for name in free))
            if figures.get(pattern.measure) in description.empty:
                self.not_applicable.add((pattern.file, key))
                continue
            cells[key] = Cell(description.release, file.name, place, items, pattern.measure)
        return cells

    def align_cells(self, tie: Tie, faults: list[str]) -> Iterator[list[Cell]]:
        """Yield the cells of a tie's patterns at each place; record missing cells as faults."""
        patterns = (*tie.total, *tie.parts)
        matches = [self.match_cells(pattern) for pattern in patterns]
        is_used = False
        for key in sorted(set().union(*matches)):
            absent = [
                pattern
                for pattern, cells in zip(patterns, matches, strict=True)
                if key not in cells
            ]
            gaps = [
                pattern
                for pattern in absent
                if key[0] in self.places[pattern.file]
                and (pattern.file, key) not in self.not_applicable
            ]
            if gaps:
                items = ";".join(f"{name}={item}" for name, item in key[1])
                cell = f"{key[0].year}, {key[0].level}, {key[0].area}, {items}"
                faults.append(f"{tie.name}: {gaps[0].file} has no cell at {cell}")
            present = [cells[key] for cells in matches if key in cells]
            # A file without this geographic level has no such cell. In ties of kind `same`, the
            # other files must still show the same number.
            if not absent or (tie.kind == "same" and len(present) > 1):
                is_used = True
                yield present
        if not is_used:
            files = ", ".join(pattern.file for pattern in patterns)
            faults.append(f"{tie.name}: fits no cell of {files}")


def _add_ties(table: Table, matcher: CellMatcher) -> None:
    for tie in matcher.release.description.ties:
        # Ties of kind `same` were applied when cells were joined, and those of the other two kinds
        # only set bounds. So none of them needs rows.
        if tie.kind in ("same", "behind", "dominance"):
            continue
        if tie.over is not None:
            _add_area_sums(table, matcher, tie)
            continue
        times = [pattern.times for pattern in (*tie.total, *tie.parts)]
        for cells in matcher.align_cells(tie, table.faults):
            side = [(table.by_cell[cell], each) for cell, each in zip(cells, times, strict=True)]
            size = len(tie.total)
            _add_rows(table, tie.name, tie.kind, side[:size], side[size:])


def _add_area_sums(table: Table, matcher: CellMatcher, tie: Tie) -> None:
    """Tie the count of each area to the counts of its parts."""
    assert tie.over is not None
    hierarchy = matcher.release.description.areas[tie.over]
    wholes: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
    parts: dict[tuple[str, str, tuple[tuple[str, str], ...]], Side] = defaultdict(list)
    for (place, items), cell in matcher.match_cells(tie.total[0]).items():
        wholes[place.year, place.area, items] = table.by_cell[cell]
        if place.area in hierarchy.parents:
            key = (place.year, hierarchy.parents[place.area], items)
            parts[key].append((table.by_cell[cell], 1.0))
    is_used = False
    for key, part in sorted(parts.items()):
        if key not in wholes:
            continue
        is_used = True
        kind = tie.kind
        if key[1] in hierarchy.incomplete:
            kind = {"add": "complement", "overlap": "within"}.get(kind, kind)
        _add_rows(table, tie.name, kind, [(wholes[key], 1.0)], part)
    if not is_used:
        table.faults.append(f"{tie.name}: fits no cell of {tie.total[0].file}")


def _add_rows(table: Table, name: str, kind: str, total: Side, parts: Side) -> None:
    """Add the rows of one tie at one place."""
    terms = _subtract_terms(total, parts)
    if kind == "complement":
        if terms in table.complements:
            return
        table.complements[terms] = len(table.unknowns)
        areas = frozenset().union(*(table.unknowns[each].areas for each, _ in total))
        label = f"{table.unknowns[total[0][0]].label} [less its parts: {name}]"
        table.unknowns.append(Unknown(label, is_complement=True, areas=areas))
        table.rows.append(Row(name, (*terms, (table.complements[terms], -1.0)), 0.0, 0.0))
    elif kind == "add":
        table.rows.append(Row(name, terms, 0.0, 0.0))
    elif kind == "at_least":
        table.rows.append(Row(name, terms, 0.0, INFINITY))
    else:
        for part in parts:
            table.rows.append(Row(name, _subtract_terms(total, [part]), 0.0, INFINITY))
        if kind == "overlap":
            table.rows.append(Row(name, terms, -INFINITY, 0.0))


def _subtract_terms(plus: Side, minus: Side) -> Terms:
    times_by_unknown: dict[int, float] = defaultdict(float)
    for sign, side in ((1, plus), (-1, minus)):
        for unknown, times in side:
            times_by_unknown[unknown] += sign * times
    return tuple((each, times) for each, times in sorted(times_by_unknown.items()) if times)


def _apply_rule(table: Table, matcher: CellMatcher, tie: Tie) -> None:
    """Narrow the bounds of hidden counts by the disclosure rules for printed counts.

    By the rule `behind`, at least `smallest_shown` children are behind a printed count. So a wider
    count of children is at least this number.

    By the rule `dominance`, two children do not dominate a printed count. If only two children had
    several episodes, the others would have one each. If the printed numbers exclude this, at least
    three children had several.
    """
    release, description = matcher.release, matcher.release.description
    wide, *others = (matcher.match_cells(pattern) for pattern in (*tie.total, *tie.parts))
    is_used = False
    if tie.kind == "behind":
        free_filters = {name for _, items in wide for name, _ in items}
        for (place, items), cell in others[0].items():
            key = (place, tuple(pair for pair in items if pair[0] in free_filters))
            if key not in wide:
                continue
            is_used = True
            if _printed_bounds(release, cell):
                unknown = table.unknowns[table.by_cell[wide[key]]]
                unknown.lower = max(unknown.lower, float(description.smallest_shown))
    else:
        for key, cell in wide.items():
            episodes, children = (_printed_bounds(release, cells.get(key)) for cells in others)
            is_used = True
            if episodes and children and description.dominance_share < 1:
                unknown = table.unknowns[table.by_cell[cell]]
                max_children = (1 - description.dominance_share) * episodes[0] + 2
                if children[1] <= max_children and unknown.upper > 0:
                    unknown.lower = max(unknown.lower, 3.0)
    if not is_used:
        table.faults.append(f"{tie.name}: fits no cell of {tie.total[0].file}")


def _printed_bounds(release: Release, cell: Cell | None) -> tuple[float, float] | None:
    """Return the rounding interval of a printed count; None if the count is hidden or 0."""
    if cell is None:
        return None
    text = release.files[cell.file].rows[cell.place, cell.items][cell.measure]
    if not text.isdigit() or int(text) == 0:
        return None
    value, unit = int(text), release.description.find_rounding(cell.place.level) or 1
    return float(value - unit // 2), float(value + (unit - 1) // 2)
