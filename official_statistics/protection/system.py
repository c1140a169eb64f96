"""One year's published counts as unknowns with ties: what a reader of all open releases knows.

Built from cells and the ties of the data sets. Cells that are one number in several files or
releases are one variable; a complement that a reader can form is a variable too. Solving belongs in
`programme.py`, hiding in `secondary.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from official_statistics.protection.matching import Index, cells_by_place, matches_of
from official_statistics.protection.primary import Rules
from official_statistics.protection.ties import Tie

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Terms = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hierarchies:
    """Which area lies in which, by hierarchy, and the wholes that hold more than their parts."""

    parents: Mapping[str, Mapping[str, str]]
    incomplete: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class ReleaseCells:
    """The cells of one release and year, as columns; `first` are those hidden for themselves."""

    data_set: Sequence[str]
    measure: Sequence[str]
    items: Sequence[str]
    area: Sequence[str]
    level: Sequence[str]
    value: Integers
    first: Bools
    hidden: Bools
    available: Bools
    carried: frozenset[str] = frozenset()


@dataclass
class Tables:
    """Variables of a year: their true value, bounds where shown, state, and the rows of the ties.

    `shown_before` are fixed by an earlier release, `kept` must stay hidden.
    """

    truth: Integers
    shown_lower: Floats
    shown_upper: Floats
    hidden: Bools
    audited: Bools
    shown_before: Bools
    kept: Bools
    is_open: Bools
    level: list[str]
    area: list[str]
    key: list[str]
    variable_of: list[Integers] = field(default_factory=list)
    rows: list[tuple[Terms, float, float, str]] = field(default_factory=list)
    rules: Rules | None = None
    # By count of children: the counts that prove many children where they are printed.
    behind: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # By count of children with several episodes: the episodes and the children of its row.
    crowds: dict[int, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    # The other way round: whose bounds depend on whether a count is printed.
    proves: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def bounds(self) -> tuple[Floats, Floats]:
        """The bounds that a reader takes from what is printed, and from the rules."""
        lower = np.where(self.hidden, 1.0, self.shown_lower)
        upper = np.where(self.hidden, np.inf, self.shown_upper)
        lower = np.where(self.is_open, 0.0, lower)
        for variable in {*self.behind, *self.crowds}:
            if self.hidden[variable]:
                lower[variable] = self._least(variable)
        return lower, np.where(self.is_open, np.inf, upper)

    def bounds_of(self, variable: int) -> tuple[float, float]:
        """The same of one count that can be printed."""
        if self.hidden[variable]:
            return self._least(variable), np.inf
        return float(self.shown_lower[variable]), float(self.shown_upper[variable])

    def _least(self, variable: int) -> float:
        """The least number that a hidden count can be, by the rules of what else is printed.

        Where a count is printed, as many children are behind it as are never hidden (D1), and two
        of them do not have nearly all (D2): were two at most repeated, all others had one each.
        """
        if self.rules is None:
            return 1.0
        least = 1.0
        if any(self.is_printed(each) for each in self.behind.get(variable, ())):
            least = self.rules.few_children_most + 1.0
        for episodes, children in self.crowds.get(variable, ()):
            others = (1 - self.rules.dominance_share) * self.shown_lower[episodes] + 2
            is_both = self.is_printed(episodes) and self.is_printed(children)
            if is_both and self.shown_upper[children] <= others:
                least = max(least, 3.0)
        return least

    def is_printed(self, variable: int) -> bool:
        """Whether a count is shown and is not 0."""
        is_hidden = self.hidden[variable] or self.is_open[variable]
        return bool(not is_hidden and self.truth[variable] > 0)


class Relation(NamedTuple):
    """A tie at one place: cells (or variables) with how often each counts."""

    name: str
    kind: str
    total: list[tuple[int, int]]
    parts: list[tuple[int, int]]

    def of_variables(self, numbers: Integers) -> Relation:
        """The same, of the variables of the cells."""
        total, parts = (
            [(int(numbers[cell]), times) for cell, times in side]
            for side in (self.total, self.parts)
        )
        return Relation(self.name, self.kind, total, parts)


class WrongTieError(ValueError):
    """The true counts do not fit a tie: the cells or the description of the sums is wrong."""


def build_tables(
    releases: Sequence[ReleaseCells], ties: Sequence[Tie], areas: Hierarchies, rules: Rules
) -> Tables:
    """Build the variables and rows of one year, releases earliest first, the last one the new.

    Raises `WrongTieError` where true counts do not fit a tie.
    """
    starts = np.cumsum([0, *(len(each.value) for each in releases)])
    parent = np.arange(starts[-1])
    indices = [_index(release) for release in releases]
    for index, start in zip(indices, starts, strict=False):
        for tie in ties:
            if tie.kind == "same":
                for cells in _aligned(tie, index):
                    _join(parent, [start + each for each in cells])
    _join_carried(parent, releases, indices, starts)
    tables, numbers = _variables(releases, parent, starts, rules)
    tables.rules = rules
    _note_rules(tables, ties, indices, [numbers[start:] for start in starts])
    seen: set[tuple[Terms, float, float]] = set()
    for at, index in enumerate(indices):
        for tie in ties:
            for relation in _relations(tie, index, areas):
                _relate(tables, seen, relation.of_variables(numbers[starts[at] :]))
    _check(tables)
    return tables


def _index(release: ReleaseCells) -> Index:
    found: Index = defaultdict(lambda: defaultdict(dict))
    rows = zip(release.data_set, release.measure, release.items, release.area, strict=True)
    for at, (data_set, measure, items, area) in enumerate(rows):
        found[data_set, measure][items][area] = at
    return found


def _aligned(tie: Tie, index: Index) -> Iterator[list[int]]:
    """The cells of one number at each place: those of the files that reach it."""
    matches = [matches_of(pattern, index) for pattern in tie.total]
    for key in sorted(set().union(*matches)):
        here = [each.get(key, {}) for each in matches]
        for area in sorted(set().union(*here)):
            cells = [each[area] for each in here if area in each]
            if len(cells) > 1:
                yield cells


def _root(parent: Integers, each: int) -> int:
    while parent[each] != each:
        parent[each] = parent[parent[each]]
        each = int(parent[each])
    return each


def _join(parent: Integers, cells: Sequence[int]) -> None:
    roots = sorted({_root(parent, int(each)) for each in cells})
    parent[roots] = roots[0]


def _join_carried(
    parent: Integers, releases: Sequence[ReleaseCells], indices: list[Index], starts: Integers
) -> None:
    """Join cells of areas that were carried over with those of the release before."""
    for at in range(1, len(releases)):
        for key, by_items in indices[at].items():
            for items, cells in by_items.items():
                before = indices[at - 1].get(key, {}).get(items, {})
                for area, cell in cells.items():
                    if area in releases[at].carried and area in before:
                        _join(parent, [int(starts[at]) + cell, int(starts[at - 1]) + before[area]])


def _variables(
    releases: Sequence[ReleaseCells], parent: Integers, starts: Integers, rules: Rules
) -> tuple[Tables, Integers]:
    roots = np.array([_root(parent, each) for each in range(len(parent))], dtype=np.int64)
    kept_roots, numbers = np.unique(roots, return_inverse=True)
    size = len(kept_roots)
    tables = Tables(
        truth=np.full(size, -1, dtype=np.int64),
        shown_lower=np.zeros(size),
        shown_upper=np.full(size, np.inf),
        hidden=np.zeros(size, dtype=bool),
        audited=np.zeros(size, dtype=bool),
        shown_before=np.zeros(size, dtype=bool),
        kept=np.zeros(size, dtype=bool),
        is_open=np.ones(size, dtype=bool),
        level=[""] * size,
        area=[""] * size,
        key=[""] * size,
    )
    for at, release in enumerate(releases):
        own = numbers[starts[at] : starts[at + 1]]
        tables.variable_of.append(own)
        _take_release(tables, release, own, rules, is_last=at == len(releases) - 1)
    # An earlier release shows for good: what it shows cannot be hidden any more.
    tables.hidden &= ~tables.shown_before
    return tables, numbers


def _take_release(
    tables: Tables, release: ReleaseCells, own: Integers, rules: Rules, *, is_last: bool
) -> None:
    few = rules.few_children_most + 1
    for cell, variable in enumerate(own):
        value = int(release.value[cell])
        if tables.truth[variable] not in (-1, value):
            name = f"{release.data_set[cell]}, {release.level[cell]}, {release.items[cell]}"
            raise WrongTieError(f"not the same number everywhere: {name}, {release.measure[cell]}")
        tables.truth[variable] = value
        if not tables.key[variable]:
            tables.level[variable], tables.area[variable] = release.level[cell], release.area[cell]
            tables.key[variable] = (
                "|".join((release.data_set[cell], release.area[cell], release.items[cell]))
                + f"|{release.measure[cell]}"
            )
        if not release.available[cell]:
            continue
        tables.is_open[variable] = False
        unit = rules.unit(release.level[cell])
        shown = (2 * value + unit) // (2 * unit) * unit
        lower = max(shown - unit // 2, few) if value else 0
        upper = shown + (unit - 1) // 2 if value else 0
        tables.shown_lower[variable] = max(tables.shown_lower[variable], lower)
        tables.shown_upper[variable] = min(tables.shown_upper[variable], upper)
        if release.hidden[cell]:
            tables.hidden[variable] = tables.audited[variable] = True
            tables.kept[variable] |= bool(release.first[cell]) or not is_last
        elif not is_last:
            tables.shown_before[variable] = True


def _note_rules(
    tables: Tables, ties: Sequence[Tie], indices: list[Index], numbers: list[Integers]
) -> None:
    for index, own in zip(indices, numbers, strict=False):
        for tie in ties:
            if tie.kind in ("behind", "dominance"):
                _note_rule(tables, tie, index, own)


def _note_rule(tables: Tables, tie: Tie, index: Index, numbers: Integers) -> None:
    """Note which counts say by being printed how large another one is at least."""
    first, *others = (cells_by_place(each, index) for each in (*tie.total, *tie.parts))
    free = {name for items, _ in first for name, _ in items}
    for (items, area), cell in first.items():
        variable = int(numbers[cell])
        if tie.kind == "dominance":
            episodes, children = (int(numbers[each[items, area]]) for each in others)
            tables.crowds[variable].add((episodes, children))
            tables.proves[episodes].add(variable)
            tables.proves[children].add(variable)
    if tie.kind == "behind":
        for (items, area), cell in others[0].items():
            shared = frozenset(pair for pair in items if pair[0] in free)
            if (shared, area) in first:
                variable = int(numbers[first[shared, area]])
                tables.behind[variable].add(int(numbers[cell]))
                tables.proves[int(numbers[cell])].add(variable)


def _relations(tie: Tie, index: Index, areas: Hierarchies) -> Iterator[Relation]:
    if tie.kind in ("same", "behind", "dominance"):
        return
    if tie.over is not None:
        yield from _area_relations(tie, index, areas)
        return
    sides = [(each, matches_of(each, index)) for each in (*tie.total, *tie.parts)]
    keys = set(sides[0][1]).intersection(*(found for _, found in sides[1:]))
    for key in sorted(keys):
        here = [found[key] for _, found in sides]
        for area in sorted(set(here[0]).intersection(*here[1:])):
            cells = [(found[key][area], pattern.times) for pattern, found in sides]
            total = len(tie.total)
            yield Relation(tie.name, tie.kind, cells[:total], cells[total:])


def _area_relations(tie: Tie, index: Index, areas: Hierarchies) -> Iterator[Relation]:
    assert tie.over is not None
    parents, incomplete = areas.parents[tie.over], areas.incomplete[tie.over]
    for _, cells in sorted(matches_of(tie.total[0], index).items()):
        parts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for area, cell in sorted(cells.items()):
            if area in parents:
                parts[parents[area]].append((cell, 1))
        for whole, within in sorted(parts.items()):
            if whole not in cells:
                continue
            kind: str = tie.kind
            if whole in incomplete:
                kind = {"add": "complement", "overlap": "within"}.get(kind, kind)
            yield Relation(tie.name, kind, [(cells[whole], 1)], within)


def _relate(tables: Tables, seen: set[tuple[Terms, float, float]], relation: Relation) -> None:
    """Add the rows of one tie at one place."""
    name, kind, total, parts = relation
    if kind == "add":
        _add_row(tables, seen, name, (_terms(total, parts), 0.0, 0.0))
    elif kind == "complement":
        terms = _terms(total, parts)
        if (terms, -1.0, -1.0) in seen:
            return
        seen.add((terms, -1.0, -1.0))
        rest = _add_complement(tables, name, terms, total[0][0])
        tables.rows.append(((*terms, (rest, -1)), 0.0, 0.0, name))
    elif kind == "at_least":
        _add_row(tables, seen, name, (_terms(total, parts), 0.0, np.inf))
    else:
        for part in parts:
            _add_row(tables, seen, name, (_terms(total, [part]), 0.0, np.inf))
        if kind == "overlap":
            _add_row(tables, seen, name, (_terms(total, parts), -np.inf, 0.0))


def _terms(plus: list[tuple[int, int]], minus: list[tuple[int, int]]) -> Terms:
    found: dict[int, int] = defaultdict(int)
    for sign, side in ((1, plus), (-1, minus)):
        for variable, times in side:
            found[variable] += sign * times
    return tuple((each, times) for each, times in sorted(found.items()) if times)


def _add_row(
    tables: Tables,
    seen: set[tuple[Terms, float, float]],
    name: str,
    row: tuple[Terms, float, float],
) -> None:
    if row not in seen and row[0]:
        seen.add(row)
        tables.rows.append((*row, name))


def _add_complement(tables: Tables, name: str, terms: Terms, total: int) -> int:
    value = sum(int(tables.truth[each]) * times for each, times in terms)
    more = {"truth": value, "shown_lower": 0.0, "shown_upper": np.inf}
    flags = {"hidden": False, "audited": True, "shown_before": True, "kept": True, "is_open": False}
    for attribute, new in (more | flags).items():
        setattr(tables, attribute, np.append(getattr(tables, attribute), new))
    tables.level.append(tables.level[total])
    tables.area.append(tables.area[total])
    tables.key.append(f"{tables.key[total]}|less its parts: {name}")
    return len(tables.truth) - 1


def _check(tables: Tables) -> None:
    """Hold the true counts to every tie, and those that are hidden to what the rules say."""
    least, _ = tables.bounds()
    if (less := np.flatnonzero(tables.hidden & (tables.truth < least))).size:
        raise WrongTieError(f"a count is shown for more children than {tables.key[less[0]]} has")
    for terms, lower, upper, name in tables.rows:
        value = sum(int(tables.truth[each]) * times for each, times in terms)
        if not lower <= value <= upper:
            where = tables.key[terms[0][0]]
            raise WrongTieError(f"the counts do not fit the tie {name} at {where}")
    if (negative := np.flatnonzero(tables.truth < 0)).size:
        raise WrongTieError(f"a part is more than its whole: {tables.key[negative[0]]}")
