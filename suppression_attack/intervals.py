"""The least and the largest value that each hidden count can have, given all that is published.

Three steps, each for what the one before left open. Small systems: the unknowns of a group of
areas, all others fixed at a point that fits all ties; whatever is found there is possible in the
whole. The whole system, one problem after another from the last basis. Whole numbers, for cells
with hardly enough values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suppression_attack.programme import Floats, Integers, Programme, System
from suppression_attack.table import Table

TOLERANCE = 1e-6
# A linear interval with two numbers to spare is not looked at again in whole numbers.
SPARE = 2
SWEEPS = 6
# Of an unknown without a largest value, or one that no problem was solved for.
MANY = 1_000_000
# Seconds of a problem in whole numbers; what is proved by then counts.
PATIENCE = 20.0

Progress = Callable[[str], None]


@dataclass
class Intervals:
    """Least and largest value found of each unknown, and whether they are known to be the ends."""

    least: Floats
    largest: Floats
    is_exhausted: NDArray[np.bool_]

    def numbers(self, unknown: int) -> int:
        """How many whole numbers lie between."""
        if not np.isfinite(self.largest[unknown]) or not np.isfinite(self.least[unknown]):
            return MANY
        low = np.ceil(self.least[unknown] - TOLERANCE)
        return int(np.floor(self.largest[unknown] + TOLERANCE) - low) + 1


class Search:
    """Looks for the intervals of the audited unknowns of a table."""

    def __init__(self, table: Table, fewest: int, progress: Progress) -> None:
        self.table, self.fewest, self.progress = table, fewest, progress
        self.system = as_system(table)
        size = len(table.unknowns)
        self.found = Intervals(
            np.full(size, np.inf), np.full(size, -np.inf), np.zeros(size, dtype=bool)
        )
        self.audited = np.array([each.is_audited for each in table.unknowns], dtype=bool)
        # The ends that points of whole numbers reach: these need no proof in whole numbers.
        self.whole_least, self.whole_largest = self.found.least.copy(), self.found.largest.copy()
        self.impossible: list[Integers] = []

    def run(self) -> Intervals:
        """Find the intervals, one connected part of the table (a year) after another."""
        for number, members in enumerate(self._components(), start=1):
            if len(members) == 1:
                self._alone(int(members[0]))
                continue
            self.progress(f"part {number}: {len(members)} counts")
            point = self._inner_point(members)
            if point is None:
                self.impossible.append(members)
                self.found.is_exhausted[members] = True
                continue
            self._see(members, point)
            whole = np.zeros(len(self.system.lower))
            whole[members] = point
            self._small_systems(members, whole)
            self._whole_system(members)
            self._whole_numbers(members)
        return self.found

    def _alone(self, unknown: int) -> None:
        """Take the bounds of an unknown that nothing is tied to."""
        lower, upper = self.system.lower[unknown], self.system.upper[unknown]
        self.found.least[unknown], self.found.largest[unknown] = lower, upper
        self.found.is_exhausted[unknown] = True
        if lower > upper:
            self.impossible.append(np.array([unknown]))

    def _components(self) -> list[Integers]:
        parent = np.arange(len(self.system.lower))

        def root(each: int) -> int:
            while parent[each] != each:
                parent[each] = parent[parent[each]]
                each = parent[each]
            return each

        for start, end in zip(self.system.starts, self.system.starts[1:], strict=False):
            first = root(self.system.columns[start])
            for other in self.system.columns[start + 1 : end]:
                parent[root(other)] = first
        groups: dict[int, list[int]] = defaultdict(list)
        for each in range(len(parent)):
            groups[root(each)].append(each)
        return [np.array(group) for _, group in sorted(groups.items())]

    def _inner_point(self, members: Integers) -> Floats | None:
        lower, upper = self.system.lower[members], self.system.upper[members]
        if (lower > upper).any():
            return None
        return Programme(self.system.part(members, np.zeros(len(self.system.lower)))).feasible()

    def _see(self, members: Integers, point: Floats, *, is_all: bool = False) -> None:
        """Remember what a point that fits all ties says of its unknowns.

        `is_all` says that the point is of a whole part, with nothing fixed at fractions.
        """
        self.found.least[members] = np.minimum(self.found.least[members], point)
        self.found.largest[members] = np.maximum(self.found.largest[members], point)
        if is_all and (np.abs(point - np.round(point)) < TOLERANCE).all():
            self.whole_least[members] = np.minimum(self.whole_least[members], np.round(point))
            self.whole_largest[members] = np.maximum(self.whole_largest[members], np.round(point))

    def _open(self, members: Integers, spare: int = SPARE) -> Integers:
        """Audited unknowns of which too few values were found so far."""
        least, largest = self.found.least[members], self.found.largest[members]
        enough = np.floor(largest + TOLERANCE) - np.ceil(least - TOLERANCE) + 1
        wanting = (enough < self.fewest + spare) & ~self.found.is_exhausted[members]
        return np.flatnonzero(self.audited[members] & wanting)

    def _small_systems(self, members: Integers, point: Floats) -> None:
        for group in self._groups(members):
            if not len(self._open(group)):
                continue
            programme = Programme(self.system.part(group, point))
            self._sweep(programme, group)
            for each in self._open(group):
                for sign in (1.0, -1.0):
                    if not len(self._open(group[[each]])):
                        continue
                    found = programme.solve(np.array([each]), np.array([sign]))
                    if found is not None:
                        self._see(group, found)

    def _sweep(self, programme: Programme, group: Integers) -> None:
        """Move many unknowns at once: all up, all down, then halves of them by chance."""
        chance = np.random.default_rng(len(group))
        for sweep in range(SWEEPS):
            still = self._open(group)
            if len(still) < SWEEPS:
                return
            signs = chance.choice([-1.0, 1.0], len(still)) if sweep > 1 else np.ones(len(still))
            found = programme.solve(still, signs if sweep != 1 else -signs)
            if found is None:
                return
            self._see(group, found)

    def _groups(self, members: Integers) -> list[Integers]:
        """Unknowns of the areas within each area, with those of the areas around them."""
        above: dict[str, set[str]] = defaultdict(set)
        for parents in self.table.hierarchies.values():
            for part, whole in parents.items():
                above[part].add(whole)
        wholes = {whole for each in above.values() for whole in each}
        around: dict[str, set[str]] = defaultdict(set)
        for parents in list(self.table.hierarchies.values())[:1]:
            for part, whole in parents.items():
                if part not in wholes:
                    around[whole] |= _closure(part, above)
        taken = []
        for _, areas in sorted(around.items()):
            group = [each for each in members if self.table.unknowns[each].areas & areas]
            if group and len(group) < len(members):
                taken.append(np.array(group))
        return taken

    def _whole_system(self, members: Integers) -> None:
        still = self._open(members)
        if not len(still):
            return
        self.progress(f"{len(still)} hidden counts are left to the whole system")
        programme = Programme(self.system.part(members, np.zeros(len(self.system.lower))))
        for each in still:
            for sign in (1.0, -1.0):
                found = programme.solve(np.array([each]), np.array([sign]))
                if found is not None:
                    self._see(members, found, is_all=True)
                elif sign < 0:
                    self.found.largest[members[each]] = np.inf
            self.found.is_exhausted[members[each]] = True

    def _close(self, members: Integers) -> list[int]:
        """Unknowns with hardly enough numbers, and no points of whole numbers that reach them."""
        reach = self.whole_largest[members] - self.whole_least[members]
        return [
            int(each)
            for each in np.flatnonzero(self.audited[members] & ~(reach >= self.fewest - 1))
            if self.fewest <= self.found.numbers(int(members[each])) < self.fewest + SPARE
        ]

    def _whole_numbers(self, members: Integers) -> None:
        """Prove in whole numbers what the linear interval leaves two numbers or fewer to spare."""
        close = self._close(members)
        if not close:
            return
        self.progress(f"{len(close)} hidden counts are looked at in whole numbers")
        system = self.system.part(members, np.zeros(len(self.system.lower)))
        programme = Programme(system, is_integer=True, seconds=PATIENCE)
        chance = np.random.default_rng(len(close))
        for sweep in range(SWEEPS):
            signs = chance.choice([-1.0, 1.0], len(close)) if sweep > 1 else np.ones(len(close))
            found = programme.solve(np.array(close), signs if sweep != 1 else -signs)
            if found is not None:
                self._see(members, found, is_all=True)
            before, close = close, self._close(members)
            if not close or (sweep > 1 and len(before) - len(close) < 2):
                break
        for each in close:
            at = members[each]
            self.found.least[at] = max(self.found.least[at], programme.bound(int(each), 1.0))
            self.found.largest[at] = min(self.found.largest[at], -programme.bound(int(each), -1.0))


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


def breaches(system: System, members: Integers) -> list[tuple[int, float]]:
    """The rows that cannot all hold, with by how much, when as little as possible is broken."""
    part = system.part(members, np.zeros(len(system.lower)))
    rows = system.rows_of(np.isin(np.arange(len(system.lower)), members))
    size, count = len(members), len(rows)
    lengths = np.diff(part.starts)
    order = np.concatenate([np.full(length, at) for at, length in enumerate(lengths)]).astype(int)
    slack = np.arange(size, size + 2 * count)
    columns = np.concatenate([part.columns, slack])
    values = np.concatenate([part.values, np.ones(count), -np.ones(count)])
    owner = np.concatenate([order, np.arange(count), np.arange(count)])
    sort = np.argsort(owner, kind="stable")
    crossed = part.lower > part.upper
    elastic = System(
        np.concatenate([np.where(crossed, part.upper, part.lower), np.zeros(2 * count)]),
        np.concatenate([np.where(crossed, part.lower, part.upper), np.full(2 * count, np.inf)]),
        np.concatenate([[0], np.cumsum(lengths + 2)]),
        columns[sort],
        values[sort],
        part.row_lower,
        part.row_upper,
    )
    if not count:
        return []
    point = Programme(elastic).solve(slack, np.ones(2 * count))
    if point is None:
        return []
    broken = point[size : size + count] + point[size + count :]
    return [(int(rows[each]), float(broken[each])) for each in np.flatnonzero(broken > TOLERANCE)]
