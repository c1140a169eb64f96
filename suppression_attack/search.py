"""The search for points that give each hidden count enough values, or for proof that none exist.

A *point* is a set of whole numbers, one for each unknown, that fits everything published. So a
reader cannot rule it out. Each step treats the counts that the last step left open:

1. Rows, one by one, prove bounds.

2. Small systems (one area's unknowns, all others fixed) give points in which many counts differ.

3. Linear programmes over the whole part give such points too.

4. Linear programmes, then integer programmes, treat the last counts one by one.

Solutions of linear programmes (corners) are nearly integer, so only their fractions need an integer
programme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from suppression_attack.attack_programme import (
    TOLERANCE,
    Bools,
    Floats,
    Integers,
    NearestPoints,
    Programme,
    System,
    propagate_bounds,
)
from suppression_attack.groups import find_groups
from suppression_attack.table import Table

# A search for other points changes each count by at most this much from the point where it starts.
MAX_STEP = 8.0
# Maximum number of points from which a search of a group starts.
MAX_STARTS = 6
# Counts are moved together until the last three problems settle fewer than four counts.
PATIENCE, MIN_SETTLED = 3, 4
# In each problem, an open count's priority is a random number to this power. So a few counts come
# first, and these few are others in each problem.
PRIORITY_POWER = 4
# When many counts move together, a solution within 5 % of the optimum is good enough.
RELATIVE_GAP = 0.05
# If a start settles a smaller share of the open counts, or fewer than four, no other start follows.
MIN_SHARE = 0.3
# A value is new if it is further than this outside the values found so far. Smaller differences
# disappear in rounding to whole numbers.
HALF = 0.5
# Limits of integer problems, in nodes of branch and bound: to round a point, to round the first
# point, and to solve a whole part of the table. At its limit, a problem gives the best point so
# far and, for a whole part, the bounds proved so far.
NODES, FIRST_NODES, LAST_NODES = 50, 200, 1_000
# How many times an integer point is searched for, each time with more free counts: those that share
# a tie with the counts that are free already.
MAX_RINGS = 5

Progress = Callable[[str], None]


@dataclass
class Intervals:
    """For each unknown, the smallest and largest value in known points, and the proved bounds."""

    least_seen: Floats
    largest_seen: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def from_bounds(cls, lower: Floats, upper: Floats) -> Intervals:
        """Return intervals with proved bounds and no known point."""
        size = len(lower)
        return cls(np.full(size, np.inf), np.full(size, -np.inf), lower.copy(), upper.copy())

    def add_point(self, members: Integers, point: Floats) -> None:
        """Record a point of whole numbers that fits all ties."""
        self.least_seen[members] = np.minimum(self.least_seen[members], point)
        self.largest_seen[members] = np.maximum(self.largest_seen[members], point)

    def tighten_bounds(self, unknown: int, lower: float, upper: float) -> None:
        """Narrow the proved bounds of an unknown, rounded inwards to whole numbers."""
        self.lower[unknown] = max(self.lower[unknown], np.ceil(lower - TOLERANCE))
        self.upper[unknown] = min(self.upper[unknown], np.floor(upper + TOLERANCE))

    def is_wide(self, min_values: int) -> Bools:
        """Return which unknowns have known values that span at least `min_values` whole numbers."""
        is_wide: Bools = self.largest_seen - self.least_seen + 1 >= min_values
        return is_wide

    def is_narrow(self, min_values: int) -> Bools:
        """Return which unknowns have fewer than `min_values` numbers within their proved bounds."""
        is_narrow: Bools = self.upper - self.lower + 1 < min_values
        return is_narrow

    def is_settled(self, min_values: int) -> Bools:
        """Return which unknowns are wide, or reach both of their proved bounds in known points."""
        is_exhausted: Bools = (self.least_seen <= self.lower) & (self.largest_seen >= self.upper)
        return is_exhausted | self.is_wide(min_values)


class Search:
    """The search for the intervals of the audited unknowns of a table.

    Before `run`, `intervals` has the bounds that single rows prove. After `run`, `impossible` lists
    the parts of the table that no counts fit.
    """

    def __init__(self, table: Table, min_values: int, progress: Progress) -> None:
        self.table, self.min_values, self.progress = table, min_values, progress
        self.system = build_system(table)
        lower, upper = propagate_bounds(self.system)
        self.is_crossed = lower > upper
        self.intervals = Intervals.from_bounds(lower, upper)
        self.audited = np.array([unknown.is_audited for unknown in table.unknowns], dtype=bool)
        self.impossible: list[Integers] = []

    def run(self) -> Intervals:
        """Find the intervals, one connected part of the table after another.

        A part is usually a year.
        """
        for number, members in enumerate(find_components(self.system), start=1):
            if self.is_crossed[members].any():
                self._record_impossible(members)
            elif len(members) == 1:
                self.intervals.add_point(members, self.intervals.lower[members])
                self.intervals.add_point(members, self.intervals.upper[members])
            else:
                self.progress(f"part {number}: {len(members)} counts")
                self._search_part(members)
        return self.intervals

    def _record_impossible(self, members: Integers) -> None:
        """Record a part of the table that no counts fit, so that its intervals mean nothing."""
        self.impossible.append(members)
        for lower in (self.intervals.lower, self.intervals.least_seen):
            lower[members] = -np.inf
        for upper in (self.intervals.upper, self.intervals.largest_seen):
            upper[members] = np.inf

    def _search_part(self, members: Integers) -> None:
        tightened = self.system.with_bounds(self.intervals.lower, self.intervals.upper)
        part = tightened.restrict_to(members, np.zeros(len(self.system.lower)))
        centre = Programme(part).find_interior_point()
        point, is_possible = None, False
        if centre is not None:
            point, is_possible = find_integer_point(part, centre)
        if not is_possible:
            self._record_impossible(members)
        if point is None:
            return
        full_point = np.zeros(len(self.system.lower))
        full_point[members] = point
        self.intervals.add_point(members, point)
        is_free = tightened.lower[members] < tightened.upper[members]
        free = members[is_free]
        groups = find_groups(self.table, free, self.intervals.lower)
        self._search_groups(tightened, groups, free, full_point.copy())
        self.search_whole(tightened.restrict_to(free, full_point), free, point[is_free])

    def search_whole(self, part: System, members: Integers, near: Floats) -> None:
        """Vary all open counts of a part together, then one by one, then prove their bounds."""
        part = part.drop_slack_rows()
        self._move_together(part, members, near)
        self._move_one_by_one(part, members, near)
        self._prove_one_by_one(part, members, is_integer=False)
        self._prove_one_by_one(part, members, is_integer=True)

    def _search_groups(
        self, system: System, groups: list[Integers], members: Integers, point: Floats
    ) -> None:
        """Search from one point, then from points where each group's open counts are low or high.

        Low and high starts alternate. The search stops when a start settles too few counts.
        """
        for start in range(MAX_STARTS):
            open_before = len(self.find_open(members))
            for group in groups:
                if len(self.find_open(group)):
                    self.search_group(system.restrict_to(group, point), group, point, start)
            still_open = len(self.find_open(members))
            self.progress(f"start {start + 1}: {still_open} hidden counts are open")
            if open_before - still_open < max(MIN_SETTLED, MIN_SHARE * open_before):
                break

    def find_open(self, members: Integers) -> Integers:
        """Return the positions of the audited members that are not settled."""
        is_settled = self.intervals.is_settled(self.min_values)
        return np.flatnonzero(self.audited[members] & ~is_settled[members])

    def search_group(self, part: System, group: Integers, point: Floats, start: int) -> None:
        """Vary many unknowns of a group at once around a point, as long as this settles some.

        From the second start on, the group's values in `point` are first moved to another point.
        """
        if start:
            signs = np.full(len(group), 1.0 if start % 2 else -1.0)
            nearby = part.limit_around(point[group], MAX_STEP)
            moved = self._move_to_corner(
                nearby, Programme(nearby), group, self.find_open(group), signs
            )
            point[group] = point[group] if moved is None else moved
        self._move_together(part, group, point[group])

    def _move_together(self, part: System, group: Integers, near: Floats) -> None:
        """Move all open unknowns of a group, in directions and with priorities drawn at random."""
        is_open, nearby = self.find_open(group), part.limit_around(near, MAX_STEP)
        # A longer move of an open unknown than it needs would leave less room for the others.
        reach = self.min_values - 1
        nearby.lower[is_open] = np.maximum(nearby.lower[is_open], near[is_open] - reach)
        nearby.upper[is_open] = np.minimum(nearby.upper[is_open], near[is_open] + reach)
        nearby = nearby.drop_slack_rows()
        programme = Programme(nearby, presolve=True)
        random = np.random.default_rng(len(group))
        gains = [MIN_SETTLED] * PATIENCE
        while len(is_open := self.find_open(group)) and sum(gains[-PATIENCE:]) >= MIN_SETTLED:
            signs = random.choice([-1.0, 1.0], len(group))
            # A count that can only be settled by one direction moves in that direction.
            can_fall = self.intervals.largest_seen[group] - reach >= nearby.lower
            can_rise = self.intervals.least_seen[group] + reach <= nearby.upper
            signs[can_rise & ~can_fall], signs[can_fall & ~can_rise] = -1.0, 1.0
            costs = signs * random.exponential(size=len(group)) ** PRIORITY_POWER
            self._move_to_corner(nearby, programme, group, is_open, costs)
            gains.append(len(is_open) - len(self.find_open(group)))

    def _move_to_corner(
        self,
        part: System,
        programme: Programme,
        group: Integers,
        chosen: Integers,
        signs: Floats,
    ) -> Floats | None:
        """Move some unknowns of a group as far as possible; record and return an integer point.

        Returns None if this gives no new values or no integer point.
        """
        if not len(chosen):
            return None
        corner = programme.minimise_cost(chosen, signs[chosen])
        if corner is None:
            return None
        least = self.intervals.least_seen[group[chosen]] - HALF
        largest = self.intervals.largest_seen[group[chosen]] + HALF
        if not ((corner[chosen] < least) | (corner[chosen] > largest)).any():
            return None
        costs = np.zeros(len(group))
        costs[chosen] = signs[chosen]
        point = round_corner(part, corner, costs)
        if point is not None:
            self.intervals.add_point(group, point)
        return point

    def _move_one_by_one(self, part: System, members: Integers, near: Floats) -> None:
        """Move each open unknown alone, as far as needed; change others as little as possible."""
        nearest, costs = NearestPoints(part, near), np.zeros(len(near))
        for position in self.find_open(members):
            member = members[position]
            for sign in (-1.0, 1.0):
                if not len(self.find_open(members[[position]])):
                    break
                target = self.intervals.least_seen[member] + self.min_values - 1
                if sign > 0:
                    target = self.intervals.largest_seen[member] - self.min_values + 1
                step = float(target - near[position])
                moved = nearest.move_unknown(int(position), step)
                costs[position] = sign
                point = None if moved is None else round_corner(part, moved, costs)
                costs[position] = 0.0
                if point is not None:
                    self.intervals.add_point(members, point)
        self.progress(f"moved one by one: {len(self.find_open(members))} hidden counts are open")

    def _prove_one_by_one(self, part: System, members: Integers, *, is_integer: bool) -> None:
        """Prove both bounds of each open count; an integer solution at a bound is a new point."""
        is_open = self.find_open(members)
        if not len(is_open):
            return
        kind = "integer" if is_integer else "linear"
        self.progress(f"{len(is_open)} hidden counts are solved one by one ({kind} programmes)")
        programme = Programme(part, is_integer=is_integer, presolve=True, nodes=LAST_NODES)
        for position in is_open:
            for sign in (1.0, -1.0):
                if not len(self.find_open(members[[position]])):
                    break
                bound, point = programme.prove_end(int(position), sign)
                bounds = (bound, np.inf) if sign > 0 else (-np.inf, -bound)
                self.intervals.tighten_bounds(int(members[position]), *bounds)
                if point is not None and not is_integer:
                    costs = np.zeros(len(members))
                    costs[position] = sign
                    point = round_corner(part, point, costs)
                checked = None if point is None else check_point(part, np.round(point))
                if checked is not None:
                    self.intervals.add_point(members, checked)


def find_integer_point(part: System, centre: Floats) -> tuple[Floats | None, bool]:
    """Return an integer point, near a centre if possible, and whether one may exist."""
    nearby, no_costs = part.limit_around(centre, MAX_STEP), np.zeros(len(centre))
    corner = Programme(nearby, presolve=True).minimise_cost(np.arange(len(centre)), no_costs)
    if corner is not None:
        point = round_corner(nearby, corner, no_costs, FIRST_NODES)
        if point is not None:
            return point, True
    programme = Programme(part, is_integer=True, nodes=LAST_NODES)
    point = programme.minimise_cost(np.zeros(0, dtype=np.int64), np.zeros(0))
    checked = None if point is None else check_point(part, np.round(point))
    return checked, not programme.is_proved_infeasible()


def round_corner(part: System, corner: Floats, costs: Floats, nodes: int = NODES) -> Floats | None:
    """Return an integer point that differs from a corner only near its fractions, or None.

    Nearly all values of a corner (a solution of a linear programme) are whole numbers already.
    """
    row = part.row_of_terms()
    is_free = np.abs(corner - np.round(corner)) > TOLERANCE
    for _ in range(MAX_RINGS):
        free = np.flatnonzero(is_free)
        if not len(free):
            return check_point(part, np.round(corner))
        small = part.restrict_to(free, np.round(corner))
        programme = Programme(small, is_integer=True, nodes=nodes, gap=RELATIVE_GAP)
        solved = programme.minimise_cost(np.arange(len(free)), costs[free])
        if solved is not None:
            point = np.round(corner)
            point[free] = np.round(solved)
            return check_point(part, point)
        is_touched = np.zeros(len(part.row_lower), dtype=bool)
        is_touched[row[is_free[part.columns]]] = True
        is_free[part.columns[is_touched[row]]] = True
    return None


def check_point(part: System, point: Floats) -> Floats | None:
    """Return an integer point if it is exactly feasible, or None.

    A solver's point may be feasible only within its tolerance. Every claim that a count has enough
    possible values relies on points that pass this check.
    """
    return point if part.is_feasible(point) else None


def find_components(system: System) -> list[Integers]:
    """Return the connected parts of a system: unknowns that share rows, directly or indirectly."""
    parent = np.arange(len(system.lower))

    def find_root(unknown: int) -> int:
        while parent[unknown] != unknown:
            parent[unknown] = parent[parent[unknown]]
            unknown = parent[unknown]
        return unknown

    for start, end in zip(system.starts, system.starts[1:], strict=False):
        first = find_root(system.columns[start])
        for other in system.columns[start + 1 : end]:
            parent[find_root(other)] = first
    components: dict[int, list[int]] = defaultdict(list)
    for unknown in range(len(parent)):
        components[find_root(unknown)].append(unknown)
    return [np.array(component) for _, component in sorted(components.items())]


def build_system(table: Table) -> System:
    """Return the unknowns and rows of a table as arrays."""
    lengths = [len(row.terms) for row in table.rows]
    terms = [term for row in table.rows for term in row.terms]
    return System(
        np.array([unknown.lower for unknown in table.unknowns]),
        np.array([unknown.upper for unknown in table.unknowns]),
        np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        np.array([column for column, _ in terms], dtype=np.int64),
        np.array([value for _, value in terms]),
        np.array([row.lower for row in table.rows]),
        np.array([row.upper for row in table.rows]),
    )
