"""The published counts of one year as variables with constraints: all that readers can know.

Cells that show the same number in several files or releases share a variable. A complement (a total
minus its parts) is also a variable if a reader can compute it. `linear_programme.py` solves the
constraints, and `secondary_suppression.py` hides counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from official_statistics.protection.tie_patterns import (
    CellIndex,
    Tie,
    match_cells,
    match_cells_by_place,
)
from official_statistics.release_rules import Rules, get_rounding_unit, round_count

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
# The terms of a sum: pairs of variable and coefficient.
Terms = tuple[tuple[int, int], ...]
Side = list[tuple[int, int]]
Row = tuple[Terms, float, float]


@dataclass(frozen=True)
class Hierarchies:
    """The parent of each area by hierarchy, and areas that may count more than their parts do."""

    parents: Mapping[str, Mapping[str, str]]
    incomplete: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class ReleaseCells:
    """The cells of one release and year, as columns.

    `primary` marks cells that rules D1 and D2 hide for their own count. `carried` has the areas
    whose counts were taken over from the release before.
    """

    data_set: Sequence[str]
    measure: Sequence[str]
    items: Sequence[str]
    area: Sequence[str]
    level: Sequence[str]
    value: Integers
    primary: Bools
    hidden: Bools
    available: Bools
    importance: Floats
    carried: frozenset[str] = frozenset()


@dataclass
class ConstraintSystem:
    """The variables of a year, their state, and the rows (terms, lower, upper, name) of the ties.

    `shown_before` marks variables that an earlier release shows. `audited` marks variables whose
    value readers must not be able to determine.
    """

    truth: Integers
    shown_lower: Floats
    shown_upper: Floats
    hidden: Bools
    audited: Bools
    shown_before: Bools
    must_stay_hidden: Bools
    is_undelivered: Bools
    level: list[str]
    area: list[str]
    key: list[str]
    # How much readers need each count: a factor on the cost of hiding it to protect others.
    importance: Floats
    rules: Rules
    variables_by_release: list[Integers] = field(default_factory=list)
    rows: list[tuple[Terms, float, float, str]] = field(default_factory=list)
    # For each count of children: counts of episodes that, when printed, reveal that the count of
    # children is above the number that disclosure rule D1 hides.
    printed_evidence: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # For each count of children with several episodes: the counts of episodes and children in the
    # same row.
    dominance_pairs: dict[int, set[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    # For each count: other counts whose bounds change when this count is printed or hidden.
    dependent_bounds: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def compute_all_bounds(self) -> tuple[Floats, Floats]:
        """Return the bounds of each variable, which readers know from printed counts and rules."""
        lower = np.where(self.hidden, 1.0, self.shown_lower)
        upper = np.where(self.hidden, np.inf, self.shown_upper)
        lower = np.where(self.is_undelivered, 0.0, lower)
        for variable in {*self.printed_evidence, *self.dominance_pairs}:
            if self.hidden[variable]:
                lower[variable] = self._compute_hidden_minimum(variable)
        return lower, np.where(self.is_undelivered, np.inf, upper)

    def compute_bounds(self, variable: int) -> tuple[float, float]:
        """Return the bounds that a reader knows for one count, which must have been delivered."""
        if self.hidden[variable]:
            return self._compute_hidden_minimum(variable), np.inf
        return float(self.shown_lower[variable]), float(self.shown_upper[variable])

    def _compute_hidden_minimum(self, variable: int) -> float:
        """Return the smallest possible value of a hidden count, given the rules for printed counts.

        A printed count has more children behind it than D1 hides, and two children do not dominate
        it (D2). If at most two children had several episodes, all others would have one each. If
        the printed counts exclude this, the smallest number of children with several is 3.
        """
        minimum = 1.0
        if any(self.is_printed(each) for each in self.printed_evidence.get(variable, ())):
            minimum = self.rules["few_children_most"] + 1.0
        for episodes, children in self.dominance_pairs.get(variable, ()):
            max_children = (1 - self.rules["dominance_share"]) * self.shown_lower[episodes] + 2
            are_printed = self.is_printed(episodes) and self.is_printed(children)
            if are_printed and self.shown_upper[children] <= max_children:
                minimum = max(minimum, 3.0)
        return minimum

    def is_printed(self, variable: int) -> bool:
        """Return whether a count is shown and is not 0."""
        has_symbol = self.hidden[variable] or self.is_undelivered[variable]
        return bool(not has_symbol and self.truth[variable] > 0)


class Relation(NamedTuple):
    """A tie in one area and year: variables (or cells), each with its coefficient."""

    name: str
    kind: str
    total: Side
    parts: Side


class WrongTieError(ValueError):
    """The true counts contradict a tie, so the cells or the description of the sums are wrong."""


def build_constraint_system(
    releases: Sequence[ReleaseCells], ties: Sequence[Tie], areas: Hierarchies, rules: Rules
) -> ConstraintSystem:
    """Build the variables and rows of one year; the last release is the new one.

    Raises `WrongTieError` if the true counts contradict a tie.
    """
    starts = np.cumsum([0, *(len(release.value) for release in releases)])
    indices = [_index_cells(release) for release in releases]
    pairs = [
        (start + cells[0], start + cell)
        for index, start in zip(indices, starts, strict=False)
        for tie in ties
        if tie.kind == "same"
        for cells in _match_same_number(tie, index)
        for cell in cells
    ]
    pairs += _pair_carried_cells(releases, indices, starts)
    variables = _number_variables(pairs, int(starts[-1]))
    system = _build_variables(releases, variables, starts, rules)
    for index, start in zip(indices, starts, strict=False):
        _record_rule_bounds(system, ties, index, variables[start:])
    added_rows: set[Row] = set()
    for index, start in zip(indices, starts, strict=False):
        for tie in ties:
            for relation in _find_relations(tie, index, areas):
                if not tie.is_presumed or _is_true(system, relation, variables[start:]):
                    _add_rows(system, added_rows, relation, variables[start:])
    _check_true_counts(system)
    return system


def _index_cells(release: ReleaseCells) -> CellIndex:
    index: CellIndex = defaultdict(lambda: defaultdict(dict))
    rows = zip(release.data_set, release.measure, release.items, release.area, strict=True)
    for cell, (data_set, measure, items, area) in enumerate(rows):
        index[data_set, measure][items][area] = cell
    return index


def _match_same_number(tie: Tie, index: CellIndex) -> Iterator[list[int]]:
    """Yield, for each area and year, the cells that show the same number in several files."""
    matches = [match_cells(pattern, index) for pattern in tie.total]
    for key in sorted(set().union(*matches)):
        cells_by_area = [match.get(key, {}) for match in matches]
        for area in sorted(set().union(*cells_by_area)):
            cells = [cell_of[area] for cell_of in cells_by_area if area in cell_of]
            if len(cells) > 1:
                yield cells


def _pair_carried_cells(
    releases: Sequence[ReleaseCells], indices: list[CellIndex], starts: Integers
) -> Iterator[tuple[int, int]]:
    """Yield pairs: a cell of a taken-over area, and the same cell in the release before."""
    for number in range(1, len(releases)):
        for key, cells_by_items in indices[number].items():
            for items, cells in cells_by_items.items():
                before = indices[number - 1].get(key, {}).get(items, {})
                for area in cells.keys() & before.keys() & releases[number].carried:
                    yield starts[number] + cells[area], starts[number - 1] + before[area]


def _number_variables(pairs: list[tuple[int, int]], cell_count: int) -> Integers:
    """Return the variable of each cell. Both cells of a pair get the same variable."""
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(pairs)), (rows, columns)), (cell_count, cell_count))
    variables: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return variables


def _build_variables(
    releases: Sequence[ReleaseCells], variables: Integers, starts: Integers, rules: Rules
) -> ConstraintSystem:
    """Return a system without rows, with the state and bounds of each variable."""
    size = len(np.unique(variables))
    system = ConstraintSystem(
        truth=np.full(size, -1, dtype=np.int64),
        shown_lower=np.zeros(size),
        shown_upper=np.full(size, np.inf),
        hidden=np.zeros(size, dtype=bool),
        audited=np.zeros(size, dtype=bool),
        shown_before=np.zeros(size, dtype=bool),
        must_stay_hidden=np.zeros(size, dtype=bool),
        is_undelivered=np.ones(size, dtype=bool),
        level=[""] * size,
        area=[""] * size,
        key=[""] * size,
        importance=np.zeros(size),
        rules=rules,
    )
    for number, release in enumerate(releases):
        own = variables[starts[number] : starts[number + 1]]
        system.variables_by_release.append(own)
        _add_release(system, release, own, is_last=number == len(releases) - 1)
    # A count that an earlier release shows is already public, so it cannot be hidden now.
    system.hidden &= ~system.shown_before
    return system


def _add_release(
    system: ConstraintSystem, release: ReleaseCells, variables: Integers, *, is_last: bool
) -> None:
    """Set the states and bounds of variables from the cells of a release."""
    smallest_shown = int(system.rules["few_children_most"]) + 1
    for cell, variable in enumerate(variables):
        value, level = int(release.value[cell]), release.level[cell]
        data_set, items, measure = (
            column[cell] for column in (release.data_set, release.items, release.measure)
        )
        if system.truth[variable] not in (-1, value):
            raise WrongTieError(
                f"cells that must be one number differ: {data_set}, {level}, {items}, {measure}"
            )
        system.truth[variable] = value
        importance = max(system.importance[variable], release.importance[cell])
        system.importance[variable] = importance
        if not system.key[variable]:
            system.level[variable], system.area[variable] = level, release.area[cell]
            system.key[variable] = "|".join((data_set, release.area[cell], items, measure))
        if not release.available[cell]:
            continue
        system.is_undelivered[variable] = False
        unit = get_rounding_unit(system.rules, level)
        rounded = round_count(value, unit)
        lower = max(rounded - unit // 2, smallest_shown) if value else 0
        upper = rounded + (unit - 1) // 2 if value else 0
        system.shown_lower[variable] = max(system.shown_lower[variable], lower)
        system.shown_upper[variable] = min(system.shown_upper[variable], upper)
        if release.hidden[cell]:
            system.hidden[variable] = system.audited[variable] = True
            system.must_stay_hidden[variable] |= bool(release.primary[cell]) or not is_last
        elif not is_last:
            system.shown_before[variable] = True


def _record_rule_bounds(
    system: ConstraintSystem, ties: Sequence[Tie], index: CellIndex, variables: Integers
) -> None:
    """Record which counts raise the lower bound of another count when they are printed."""
    for tie in ties:
        if tie.kind not in ("behind", "dominance"):
            continue
        first, *others = (
            {place: int(variables[cell]) for place, cell in cells.items()}
            for cells in (
                match_cells_by_place(pattern, index) for pattern in (*tie.total, *tie.parts)
            )
        )
        if tie.kind == "dominance":
            for place, variable in first.items():
                episodes, children = (by_place[place] for by_place in others)
                system.dominance_pairs[variable].add((episodes, children))
                system.dependent_bounds[episodes].add(variable)
                system.dependent_bounds[children].add(variable)
            continue
        free_filters = {name for items, _ in first for name, _ in items}
        for (items, area), printed in others[0].items():
            shared = frozenset(pair for pair in items if pair[0] in free_filters)
            if (shared, area) in first:
                variable = first[shared, area]
                system.printed_evidence[variable].add(printed)
                system.dependent_bounds[printed].add(variable)


def _find_relations(tie: Tie, index: CellIndex, areas: Hierarchies) -> Iterator[Relation]:
    """Yield the relations that a tie gives, one for each area and year, in cells of the index."""
    if tie.kind in ("same", "behind", "dominance"):
        return
    if tie.over is not None:
        yield from _find_area_relations(tie, index, areas)
        return
    patterns = (*tie.total, *tie.parts)
    matches = [match_cells(pattern, index) for pattern in patterns]
    for key in sorted(set(matches[0]).intersection(*matches[1:])):
        cells_by_area = [match[key] for match in matches]
        for area in sorted(set(cells_by_area[0]).intersection(*cells_by_area[1:])):
            side = [
                (cells[area], pattern.times)
                for cells, pattern in zip(cells_by_area, patterns, strict=True)
            ]
            size = len(tie.total)
            yield Relation(tie.name, tie.kind, side[:size], side[size:])


def _find_area_relations(tie: Tie, index: CellIndex, areas: Hierarchies) -> Iterator[Relation]:
    assert tie.over is not None
    parents, incomplete = areas.parents[tie.over], areas.incomplete[tie.over]
    for _, cells in sorted(match_cells(tie.total[0], index).items()):
        parts: dict[str, Side] = defaultdict(list)
        for area, cell in sorted(cells.items()):
            if area in parents:
                parts[parents[area]].append((cell, 1))
        for parent, within in sorted(parts.items()):
            if parent not in cells:
                continue
            kind: str = tie.kind
            if parent in incomplete:
                kind = {"add": "complement", "overlap": "within"}.get(kind, kind)
            yield Relation(tie.name, kind, [(cells[parent], 1)], within)


def _add_rows(
    system: ConstraintSystem, added_rows: set[Row], relation: Relation, variables: Integers
) -> None:
    """Add the rows of a relation between cells, unless the system already has them."""
    total, parts = (
        [(int(variables[cell]), times) for cell, times in side]
        for side in (relation.total, relation.parts)
    )
    terms = _subtract_terms(total, parts)
    rows: list[Row] = []
    if relation.kind == "complement":
        rest = (terms, -1.0, -1.0)
        if rest not in added_rows:
            added_rows.add(rest)
            variable = _add_complement(system, relation.name, terms, total[0][0])
            system.rows.append(((*terms, (variable, -1)), 0.0, 0.0, relation.name))
    elif relation.kind == "add":
        rows.append((terms, 0.0, 0.0))
    elif relation.kind == "at_least":
        rows.append((terms, 0.0, np.inf))
    else:
        rows += [(_subtract_terms(total, [part]), 0.0, np.inf) for part in parts]
        if relation.kind == "overlap":
            rows.append((terms, -np.inf, 0.0))
    for row in rows:
        if row not in added_rows and row[0]:
            added_rows.add(row)
            system.rows.append((*row, relation.name))


def _is_true(system: ConstraintSystem, relation: Relation, variables: Integers) -> bool:
    """Return whether a sum (`add`) or a comparison (`at_least`) fits the true counts."""
    total, parts = (
        sum(int(system.truth[variables[cell]]) * times for cell, times in side)
        for side in (relation.total, relation.parts)
    )
    return total == parts if relation.kind == "add" else total >= parts


def _subtract_terms(plus: Side, minus: Side) -> Terms:
    times_by_variable: dict[int, int] = defaultdict(int)
    for sign, side in ((1, plus), (-1, minus)):
        for variable, times in side:
            times_by_variable[variable] += sign * times
    return tuple((each, times) for each, times in sorted(times_by_variable.items()) if times)


def _add_complement(system: ConstraintSystem, name: str, terms: Terms, total: int) -> int:
    """Add a variable for a total minus its parts, and return the variable's number."""
    value = sum(int(system.truth[variable]) * times for variable, times in terms)
    for attribute, new in {
        "truth": value,
        "importance": 0.0,
        "shown_lower": 0.0,
        "shown_upper": np.inf,
        "hidden": False,
        "audited": True,
        "shown_before": True,
        "must_stay_hidden": True,
        "is_undelivered": False,
    }.items():
        setattr(system, attribute, np.append(getattr(system, attribute), new))
    system.level.append(system.level[total])
    system.area.append(system.area[total])
    system.key.append(f"{system.key[total]}|less its parts: {name}")
    return len(system.truth) - 1


def _check_true_counts(system: ConstraintSystem) -> None:
    """Raise `WrongTieError` if true counts contradict a tie or hidden counts contradict a rule."""
    minimum, _ = system.compute_all_bounds()
    if (too_small := np.flatnonzero(system.hidden & (system.truth < minimum))).size:
        key = system.key[too_small[0]]
        raise WrongTieError(f"a count of more children than {key} is shown")
    for terms, lower, upper, name in system.rows:
        value = sum(int(system.truth[variable]) * times for variable, times in terms)
        if not lower <= value <= upper:
            key = system.key[terms[0][0]]
            raise WrongTieError(f"the counts do not fit the tie {name} at {key}")
    if (negative := np.flatnonzero(system.truth < 0)).size:
        raise WrongTieError(f"a part is larger than its total: {system.key[negative[0]]}")
