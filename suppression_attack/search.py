"""Looks for points that give each hidden count enough values, and proves what no point gives.

Four steps, each for what the one before left open. Rows prove ends one by one. Small systems, the
unknowns of a group of areas with all others at a point of whole numbers, give points of the whole,
and many counts move in one. So does the whole system. Linear programmes, and programmes in whole
numbers, then take the few counts that are left one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from suppression_attack.intervals import TOLERANCE, Intervals
from suppression_attack.programme import Floats, Integers, Programme, System
from suppression_attack.propagation import propagated
from suppression_attack.table import Table

# Counts move so far from the point around which others are looked for: enough for all, and bounded.
REACH = 8.0
# Problems for many counts at once, as long as each settles some.
SWEEPS, TURNS = 12, 12
FEW = 4
# Of a problem for many counts: near the best is as good.
GAP = 0.05
# Of the counts left after the first turn, the share that moves at once; a few move each alone.
SOME, ALONE = 0.2, 40
# Seconds of a problem in whole numbers; what is found and proved by then counts.
PATIENCE, LAST_PATIENCE = 60.0, 300.0
# Corners that are tried for a first point, and rings of ties around the fractions of each.
ATTEMPTS, RINGS = 4, 5

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
        groups = self._groups(members)
        for turn in range(TURNS):
            before = len(self._open(members))
            if turn:
                # All as low as can be at once, or as high: from there each can move by itself.
                # The first group is too large for that.
                for group in groups[1:]:
                    sign = 1.0 if turn % 2 else -1.0
                    whole[group] = self._extreme(tightened.part(group, whole), group, whole, sign)
            for group in groups:
                self._sweep(tightened.part(group, whole), group, whole[group], is_first=not turn)
            still = len(self._open(members))
            self.progress(f"turn {turn + 1}: {still} hidden counts are open")
            if not still or (turn > 2 and before - still < FEW):
                break
        self._one_by_one(part, members, is_integer=False)
        self._one_by_one(part, members, is_integer=True)

    def _whole_point(self, part: System, centre: Floats) -> tuple[Floats | None, bool]:
        """Some point of whole numbers, near a centre if there is one, and whether there is any."""
        chance = np.random.default_rng(len(centre))
        nearby = part.around(centre, REACH)
        for _ in range(ATTEMPTS):
            costs = chance.choice([-1.0, 1.0], len(centre))
            corner = Programme(nearby, presolve=True).solve(np.arange(len(centre)), costs)
            if corner is not None and (point := _mended(nearby, corner, costs)) is not None:
                return point, True
        programme = Programme(part, is_integer=True, seconds=LAST_PATIENCE)
        point = programme.solve(np.zeros(0, dtype=np.int64), np.zeros(0))
        return (None if point is None else np.round(point)), not programme.is_impossible()

    def _open(self, members: Integers) -> Integers:
        """The places of audited unknowns of which nothing is settled."""
        settled = self.found.is_settled(self.fewest)
        return np.flatnonzero(self.audited[members] & ~settled[members])

    def _extreme(self, part: System, group: Integers, whole: Floats, sign: float) -> Floats:
        """The open counts of a group as low (1) or as high (-1) as all can be at once."""
        near, still = whole[group], self._open(group)
        if not len(still):
            return near
        nearby = part.around(near, REACH)
        programme = Programme(nearby, is_integer=True, seconds=PATIENCE, gap=GAP)
        programme.start_from(near)
        point = programme.solve(still, np.full(len(still), sign))
        if point is None:
            return near
        self.found.see(group, np.round(point))
        return np.round(point)

    def _sweep(self, part: System, members: Integers, near: Floats, *, is_first: bool) -> None:
        """Move many unknowns of a small system at once from a point, as long as it settles some.

        At first by chance up or down, and each the other way after that; later some by chance, or
        each alone, away from the end of what was seen that the point is nearer to.
        """
        self.found.see(members, near)
        still = self._open(members)
        if not len(still):
            return
        nearby = part.around(near, REACH)
        programme = Programme(nearby, is_integer=True, seconds=PATIENCE, gap=GAP)
        chance = np.random.default_rng(len(members) + len(still))
        signs = np.ones(len(members))
        gained = []
        alone = [] if is_first or len(still) > ALONE else list(still)
        for sweep in range(len(alone) or SWEEPS):
            if is_first:
                signs = -signs if sweep % 2 else chance.choice([-1.0, 1.0], len(members))
                chosen = still
            else:
                some = still[chance.random(len(still)) < SOME]
                chosen = np.intersect1d(still, alone[sweep]) if alone else some
                least, largest = self.found.least[members], self.found.largest[members]
                signs = np.where(2 * near > least + largest, 1.0, -1.0)
            if len(chosen):
                programme.start_from(near)
                point = programme.solve(chosen, signs[chosen])
                if point is not None:
                    self.found.see(members, np.round(point))
            before, still = len(still), self._open(members)
            gained.append(before - len(still))
            if not len(still) or (sweep > 2 and sum(gained[-3:]) < FEW and not alone):
                return

    def _groups(self, members: Integers) -> list[Integers]:
        """Unknowns that move together: of wider areas, and of each with those in and around it.

        Sums of fixed parts would be fixed too, so one part of each wider area moves with it: in the
        first group one of each, in the group of an area one of each other part of what holds it.
        """
        above: dict[str, set[str]] = defaultdict(set)
        for parents in self.table.hierarchies.values():
            for part, whole in parents.items():
                above[part].add(whole)
        wholes = {whole for each in above.values() for whole in each}
        around: dict[str, set[str]] = defaultdict(set)
        first = next(iter(self.table.hierarchies.values()), {})
        lowest = {part: whole for part, whole in first.items() if part not in wholes}
        for part, whole in lowest.items():
            around[whole] |= _closure(part, above)
        largest = self._largest(members, lowest)
        for area, within in around.items():
            for other, part in largest.items():
                # A nation holds too many parts for that: the first group is for those.
                is_beside = first.get(other) == first.get(area) and first.get(area) in first
                if other != area and is_beside:
                    within.update(_closure(part, above))
        across = wholes.union(*(_closure(part, above) for part in largest.values()))
        taken = []
        for areas in (across, *(areas for _, areas in sorted(around.items()))):
            group = [each for each in members if self.table.unknowns[each].areas & areas]
            if group and len(group) < len(members):
                taken.append(np.array(group))
        return taken

    def _largest(self, members: Integers, lowest: Mapping[str, str]) -> dict[str, str]:
        """By area: its part with the largest counts, as far as they are shown."""
        size: dict[str, float] = defaultdict(float)
        for each in members:
            for area in self.table.unknowns[each].areas & lowest.keys():
                size[area] += float(self.found.lower[each])
        found: dict[str, str] = {}
        for area in sorted(size, key=lambda each: (-size[each], each)):
            found.setdefault(lowest[area], area)
        return found

    def _one_by_one(self, part: System, members: Integers, *, is_integer: bool) -> None:
        """Prove the ends of what is left, a programme each; whole numbers at an end are a point."""
        still = self._open(members)
        if not len(still):
            return
        words = "in whole numbers" if is_integer else "one by one"
        self.progress(f"{len(still)} hidden counts are looked at {words}")
        programme = Programme(
            part, is_integer=is_integer, presolve=len(still) < ALONE, seconds=LAST_PATIENCE
        )
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
                if point is not None:
                    self.found.see(members, np.round(point))


def _mended(part: System, corner: Floats, costs: Floats) -> Floats | None:
    """A point of whole numbers that differs from a corner only near its fractions, if there is one.

    Nearly all of a corner is whole as a rule.
    """
    owner = np.repeat(np.arange(len(part.row_lower)), np.diff(part.starts))
    near = np.abs(corner - np.round(corner)) > TOLERANCE
    for _ in range(RINGS):
        free = np.flatnonzero(near)
        if not len(free):
            return np.round(corner)
        small = part.part(free, np.round(corner))
        programme = Programme(small, is_integer=True, seconds=PATIENCE, gap=GAP)
        point = programme.solve(np.arange(len(free)), costs[free])
        if point is not None:
            whole = np.round(corner)
            whole[free] = np.round(point)
            return whole
        rows = np.zeros(len(part.row_lower), dtype=bool)
        rows[owner[near[part.columns]]] = True
        near[part.columns[rows[owner]]] = True
    return None


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


def _closure(part: str, above: dict[str, set[str]]) -> set[str]:
    found, waiting = {part}, [part]
    while waiting:
        for whole in above.get(waiting.pop(), ()):
            if whole not in found:
                found.add(whole)
                waiting.append(whole)
    return found


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
