"""Looks for points that give each hidden count enough values, and proves what no point gives.

Each step is for what the one before left open. Rows prove ends one by one. Small systems, the
unknowns of an area with all others at a point of whole numbers, give points of the whole, and many
counts move in one. So does the whole system. Linear programmes, and programmes in whole numbers,
then take the few counts that are left one by one. Corners of linear programmes are nearly whole:
only what is around their fractions is solved in whole numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from suppression_attack.attack_programme import Floats, Integers, Nearest, Programme, System
from suppression_attack.groups import Groups
from suppression_attack.intervals import TOLERANCE, Intervals
from suppression_attack.propagation import propagated
from suppression_attack.table import Table

# Counts move so far from the point around which others are looked for: enough for all, and bounded.
REACH = 8.0
# From how many points others are looked for; pairs of problems for all open counts from each.
TURNS, PAIRS = 6, 2
# Problems for some counts at once are asked as long as so many of them settle so few.
PATIENT, FEW = 3, 4
# Of a problem for many counts: near the best is as good.
GAP = 0.05
# Of the counts left after the first problems, the share that moves at once.
SOME = 0.3
# Whole numbers differ by more.
HALF = 0.5
# Seconds of a problem in whole numbers; what is found and proved by then counts.
PATIENCE, FIRST_PATIENCE, LAST_PATIENCE = 3.0, 10.0, 300.0
# Rings of ties around the fractions of a corner, within which it is mended.
RINGS = 5

Progress = Callable[[str], None]


class Search:
    """Looks for the intervals of the audited unknowns of a table."""

    def __init__(self, table: Table, fewest: int, progress: Progress) -> None:
        self.table, self.fewest, self.progress = table, fewest, progress
        self.system = as_system(table)
        lower, upper = propagated(self.system)
        self.is_crossed = lower > upper
        self.found = Intervals.between(lower, upper)
        self.audited = np.array([each.is_audited for each in table.unknowns], dtype=bool)
        self.impossible: list[Integers] = []

    def rows(self) -> Intervals:
        """The intervals by rows one by one: their ends are proved, and nothing is seen."""
        return self.found

    def run(self) -> Intervals:
        """Find the intervals, one connected part of the table (a year) after another."""
        for number, members in enumerate(components(self.system), start=1):
            if self.is_crossed[members].any():
                self._contradicted(members)
            elif len(members) == 1:
                self.found.see(members, self.found.lower[members])
                self.found.see(members, self.found.upper[members])
            else:
                self.progress(f"part {number}: {len(members)} counts")
                self._look(members)
        return self.found

    def _contradicted(self, members: Integers) -> None:
        """Note a part that no counts fit; of its intervals nothing can be said."""
        self.impossible.append(members)
        self.found.lower[members], self.found.upper[members] = -np.inf, np.inf
        self.found.least[members], self.found.largest[members] = -np.inf, np.inf

    def _look(self, members: Integers) -> None:
        tightened = self.system.between(self.found.lower, self.found.upper)
        part = tightened.part(members, np.zeros(len(self.system.lower)))
        centre = Programme(part).feasible()
        point, is_possible = (None, False) if centre is None else self._whole_point(part, centre)
        if not is_possible:
            self._contradicted(members)
        if point is None:
            return
        whole = np.zeros(len(self.system.lower))
        whole[members] = point
        self.found.see(members, point)
        groups = Groups(self.table, self.found.lower)
        within = groups.of(members)
        self._turns(tightened, within, members, whole.copy())
        self._alone(part, members, point)
        self._one_by_one(part, members, is_integer=False)
        self._one_by_one(part, members, is_integer=True)

    def _turns(
        self, system: System, groups: list[Integers], members: Integers, whole: Floats
    ) -> None:
        """Look from one point, then from others where all is as low as can be, or as high."""
        for turn in range(TURNS):
            before = len(self._open(members))
            for group in groups:
                if len(self._open(group)):
                    self._sweep(system.part(group, whole), group, whole, turn)
            still = len(self._open(members))
            self.progress(f"turn {turn + 1}: {still} hidden counts are open")
            if before - still < max(FEW, SOME * before):
                break

    def _whole_point(self, part: System, centre: Floats) -> tuple[Floats | None, bool]:
        """Some point of whole numbers, near a centre if there is one, and whether there is any."""
        nearby, nothing = part.around(centre, REACH), np.zeros(len(centre))
        corner = Programme(nearby, presolve=True).solve(np.arange(len(centre)), nothing)
        if corner is not None:
            point = _mended(nearby, corner, nothing, FIRST_PATIENCE)
            if point is not None:
                return point, True
        programme = Programme(part, is_integer=True, seconds=LAST_PATIENCE)
        point = programme.solve(np.zeros(0, dtype=np.int64), np.zeros(0))
        found = None if point is None else _fitting(part, np.round(point))
        return found, not programme.is_impossible()

    def _open(self, members: Integers) -> Integers:
        """The places of audited unknowns of which nothing is settled."""
        settled = self.found.is_settled(self.fewest)
        return np.flatnonzero(self.audited[members] & ~settled[members])

    def _sweep(self, part: System, group: Integers, whole: Floats, turn: int) -> None:
        """Move many unknowns of a group at once from a point, as long as it settles some.

        From the second turn on the point itself is moved before.
        """
        if turn:
            signs = np.full(len(group), 1.0 if turn % 2 else -1.0)
            nearby = part.around(whole[group], REACH)
            point = self._corner(nearby, Programme(nearby), group, self._open(group), signs)
            whole[group] = whole[group] if point is None else point
        nearby = part.around(whole[group], REACH)
        programme = Programme(nearby)
        chance = np.random.default_rng(len(group) + turn)
        for _ in range(PAIRS):
            signs = chance.choice([-1.0, 1.0], len(group))
            self._corner(nearby, programme, group, self._open(group), signs)
            self._corner(nearby, programme, group, self._open(group), -signs)
        self._several(nearby, programme, group, whole[group])

    def _several(self, part: System, programme: Programme, group: Integers, near: Floats) -> None:
        """Move some of the open unknowns at once, away from the nearer end of what was seen."""
        chance = np.random.default_rng(len(group))
        gained = [FEW] * PATIENT
        while len(still := self._open(group)) and sum(gained[-PATIENT:]) >= FEW:
            chosen = still[chance.random(len(still)) < SOME]
            self._corner(part, programme, group, chosen, self._away(group, near))
            gained.append(len(still) - len(self._open(group)))

    def _alone(self, part: System, members: Integers, near: Floats) -> None:
        """Move each open unknown by itself, as far as it has to and others as little as can be."""
        nearest, costs = Nearest(part, near), np.zeros(len(near))
        for each in self._open(members):
            for is_up in (True, False):
                if not len(self._open(members[[each]])):
                    break
                least, largest = self.found.least[members[each]], self.found.largest[members[each]]
                end = least + self.fewest - 1 if is_up else largest - self.fewest + 1
                moved = nearest.moved(int(each), float(end - near[each]))
                costs[each] = -1.0 if is_up else 1.0
                point = None if moved is None else _mended(part, moved, costs)
                costs[each] = 0.0
                if point is not None:
                    self.found.see(members, point)
        self.progress(f"each alone: {len(self._open(members))} hidden counts are open")

    def _away(self, group: Integers, near: Floats) -> Floats:
        least, largest = self.found.least[group], self.found.largest[group]
        found: Floats = np.where(2 * near > least + largest, 1.0, -1.0)
        return found

    def _is_news(self, unknowns: Integers, values: Floats) -> bool:
        """Say whether some value is beyond all that was seen."""
        least, largest = self.found.least[unknowns], self.found.largest[unknowns]
        return bool(((values < least - HALF) | (values > largest + HALF)).any())

    def _corner(
        self,
        part: System,
        programme: Programme,
        group: Integers,
        chosen: Integers,
        signs: Floats,
    ) -> Floats | None:
        """Move some unknowns of a group as far as they go, in whole numbers; see the point."""
        if not len(chosen):
            return None
        corner = programme.solve(chosen, signs[chosen])
        if corner is None or not self._is_news(group[chosen], corner[chosen]):
            return None
        costs = np.zeros(len(group))
        costs[chosen] = signs[chosen]
        point = _mended(part, corner, costs)
        if point is not None:
            self.found.see(group, point)
        return point

    def _one_by_one(self, part: System, members: Integers, *, is_integer: bool) -> None:
        """Prove the ends of what is left, a programme each; whole numbers at an end are a point."""
        still = self._open(members)
        if not len(still):
            return
        words = "in whole numbers" if is_integer else "one by one"
        self.progress(f"{len(still)} hidden counts are looked at {words}")
        programme = Programme(part, is_integer=is_integer, presolve=True, seconds=LAST_PATIENCE)
        for each in still:
            for sign in (1.0, -1.0):
                if not len(self._open(members[[each]])):
                    break
                end, point = programme.end(int(each), sign)
                bounds = (end, np.inf) if sign > 0 else (-np.inf, -end)
                self.found.prove(int(members[each]), *bounds)
                if point is not None and not is_integer:
                    costs = np.zeros(len(members))
                    costs[each] = sign
                    point = _mended(part, point, costs)
                found = None if point is None else _fitting(part, np.round(point))
                if found is not None:
                    self.found.see(members, found)


def _mended(
    part: System, corner: Floats, costs: Floats, seconds: float = PATIENCE
) -> Floats | None:
    """A point of whole numbers that differs from a corner only near its fractions, if there is one.

    Nearly all of a corner is whole as a rule.
    """
    owner = np.repeat(np.arange(len(part.row_lower)), np.diff(part.starts))
    near = np.abs(corner - np.round(corner)) > TOLERANCE
    for _ in range(RINGS):
        free = np.flatnonzero(near)
        if not len(free):
            return _fitting(part, np.round(corner))
        small = part.part(free, np.round(corner))
        programme = Programme(small, is_integer=True, seconds=seconds, gap=GAP)
        point = programme.solve(np.arange(len(free)), costs[free])
        if point is not None:
            whole = np.round(corner)
            whole[free] = np.round(point)
            return _fitting(part, whole)
        rows = np.zeros(len(part.row_lower), dtype=bool)
        rows[owner[near[part.columns]]] = True
        near[part.columns[rows[owner]]] = True
    return None


def _fitting(part: System, point: Floats) -> Floats | None:
    """A point of whole numbers as it is, if it fits every row and bound; a solver's may not quite.

    What is said to be wide enough rests on such points.
    """
    return point if part.is_fit(point) else None


def components(system: System) -> list[Integers]:
    """The connected parts of a system: unknowns that rows lead to from one to the next."""
    parent = np.arange(len(system.lower))

    def root(each: int) -> int:
        while parent[each] != each:
            parent[each] = parent[parent[each]]
            each = parent[each]
        return each

    for start, end in zip(system.starts, system.starts[1:], strict=False):
        first = root(system.columns[start])
        for other in system.columns[start + 1 : end]:
            parent[root(other)] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for each in range(len(parent)):
        groups[root(each)].append(each)
    return [np.array(group) for _, group in sorted(groups.items())]


def as_system(table: Table) -> System:
    """The unknowns and rows of a table as arrays."""
    counts = [len(row.terms) for row in table.rows]
    terms = [term for row in table.rows for term in row.terms]
    return System(
        np.array([each.lower for each in table.unknowns]),
        np.array([each.upper for each in table.unknowns]),
        np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        np.array([column for column, _ in terms], dtype=np.int64),
        np.array([value for _, value in terms]),
        np.array([row.lower for row in table.rows]),
        np.array([row.upper for row in table.rows]),
    )
