"""The audit: which hidden counts have too few values left, in every view of a reader.

A view is a set of variables that may move, all others at their true values: a region with the areas
around it, the same as an authority sees it that has its own counts, the whole. Points found in a
view are witnesses; they are kept, and so a later change is tested against them first.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from official_statistics.protection.programme import Matrix, Programme, is_whole
from official_statistics.protection.system import Bools, Floats, Integers, Tables

SWEEPS = 40
GAIN = 4
EDGE = 1e-6
SLACK = 1e-5
# A linear interval with so many numbers to spare needs no proof in whole numbers.
SPARE = 2


class View:
    """The variables that may move, those to prove, and the points found so far.

    A point is `alive` while it fits what is printed. `insider` is the authority as which a reader
    looks, who has its own counts; nobody's in most views.
    """

    def __init__(self, name: str, programme: Programme, items: Integers, insider: str = "") -> None:
        self.name, self.programme, self.items, self.insider = name, programme, items, insider
        # Linear intervals are the wider ones; what they prove is proved in whole numbers later.
        self.is_linear = True
        self.size = 1
        self._points = programme.truth[None, :].copy()
        self._whole, self._alive = np.array([True]), np.array([True])

    def add(self, point: Floats, *, whole: bool) -> None:
        """Keep a point; `whole` says that it holds whole numbers alone."""
        if self.size == len(self._points):
            more = np.zeros_like(self._points)
            self._points = np.concatenate([self._points, more])
            self._whole = np.concatenate([self._whole, np.zeros(len(more), dtype=bool)])
            self._alive = np.concatenate([self._alive, np.zeros(len(more), dtype=bool)])
        self._points[self.size] = point
        self._whole[self.size], self._alive[self.size] = whole, True
        self.size += 1

    def values(self, variables: Integers, *, whole: bool = False) -> Floats:
        """What some variables are in the points that are alive."""
        chosen = self._alive[: self.size]
        if whole:
            chosen = chosen & self._whole[: self.size]
        found: Floats = self._points[
            np.ix_(np.flatnonzero(chosen), self.programme.place[variables])
        ]
        return found

    def alive(self) -> Bools:
        """Which points fit what is printed, to be handed to `revive` later."""
        return self._alive[: self.size].copy()

    def retire(self, variable: int, lower: float, upper: float) -> None:
        """Put aside the points in which a variable is not within its bounds."""
        values = self._points[: self.size, self.programme.place[variable]]
        self._alive[: self.size] &= (values >= lower - SLACK) & (values <= upper + SLACK)

    def revive(self, alive: Bools) -> None:
        """Take back the points that were alive; those found since stay."""
        self._alive[: len(alive)] = alive


class Audit:
    """Views of one year, and what is proved in them."""

    def __init__(self, tables: Tables, matrix: Matrix, fewest: int) -> None:
        self.tables, self.matrix, self.fewest = tables, matrix, fewest
        # Of the counts left unproved last, the variables that held them.
        self.held: dict[tuple[str, int], Integers] = {}
        # Of these, the ones whose interval was found: no wider while no bound that held it is.
        self._narrow: set[tuple[str, int]] = set()
        self._narrow_by: dict[int, set[tuple[str, int]]] = defaultdict(set)

    def unproved(self, view: View, items: Integers) -> Integers:
        """Those of some items that the points of a view leave unproved."""
        if not len(items):
            return items
        if view.is_linear:
            return items[~self._enough(view.values(items), 0)]
        proved = self._enough(view.values(items, whole=True), 0)
        values = view.values(items)
        proved |= self._enough(values, SPARE)
        proved |= self._enough(values, 0) & _ends_are_whole(values)
        return items[~proved]

    def _enough(self, values: Floats, spare: int) -> Bools:
        if not len(values):
            return np.zeros(values.shape[1], dtype=bool)
        low, high = np.ceil(values.min(axis=0) - SLACK), np.floor(values.max(axis=0) + SLACK)
        found: Bools = high - low + 1 >= self.fewest + spare
        return found

    def prove(self, view: View, items: Integers) -> Integers:
        """Look for points that prove items, many at once and then one by one; return the rest.

        A count that was found too narrow is not looked at again before `widen`.
        """
        known = np.array([(view.name, int(item)) in self._narrow for item in items], dtype=bool)
        left = self._look(view, items[~known])
        return np.union1d(items[known], left).astype(np.int64)

    def widen(self, variable: int) -> None:
        """Say that a variable has wider bounds: what it held may be proved now."""
        self._narrow -= self._narrow_by.pop(variable, set())

    def _look(self, view: View, items: Integers) -> Integers:
        chance = np.random.default_rng(len(view.programme.members))
        before = len(items) + GAIN
        for sweep in range(SWEEPS):
            still = self.unproved(view, items)
            # A problem that proves few of them at once is dearer than two for each.
            if len(still) < GAIN or (sweep > 3 and before - len(still) < GAIN):
                break
            before = len(still)
            signs = np.full(len(still), -1.0 if sweep % 2 else 1.0)
            if sweep > 1:
                signs = chance.choice([-1.0, 1.0], len(still))
            self._move(view, still, signs)
        return self._one_by_one(view, self.unproved(view, items))

    def _one_by_one(self, view: View, items: Integers) -> Integers:
        left = []
        for item in items:
            one = np.array([item])
            held = np.zeros(len(view.programme.members), dtype=bool)
            ends = 0
            for sign in (-1.0, 1.0):
                if len(self.unproved(view, one)):
                    costs = self._move(view, one, np.array([sign]))
                    if costs is not None:
                        held |= np.abs(costs) > EDGE
                        ends += 1
            if len(self.unproved(view, one)):
                self.held[view.name, int(item)] = view.programme.members[held]
                left.append(item)
                if view.is_linear and ends == 2:
                    self._note_narrow(view, int(item))
        return np.array(left, dtype=np.int64)

    def _note_narrow(self, view: View, item: int) -> None:
        """Keep that both ends of an interval were found and are too near each other.

        By duality no point is beyond them while the bounds with reduced costs stay as they are or
        become narrower, whatever else changes.
        """
        key = (view.name, item)
        self._narrow.add(key)
        for variable in self.held[key]:
            self._narrow_by[int(variable)].add(key)

    def _move(self, view: View, items: Integers, signs: Floats) -> Floats | None:
        found = view.programme.solve(items, signs)
        if found is None:
            return None
        view.add(found[0], whole=is_whole(found[0]))
        return found[1]

    def holders(self, view: View, item: int) -> Integers:
        """The variables whose printed bounds hold an unproved item: non-zero reduced costs."""
        return self.held[view.name, int(item)]

    def more_than_zero(self, view: View, items: Integers) -> Integers:
        """Those of some complements that can be more than 0 in a view."""
        left, found = items, np.zeros(0, dtype=np.int64)
        while len(left):
            solved = view.programme.solve(left, np.full(len(left), -1.0))
            if solved is None:
                return np.union1d(found, left).astype(np.int64)
            values = solved[0][view.programme.place[left]]
            if values.sum() < 0.5:
                break
            more = values >= 0.5
            if not more.any():
                more = np.array([not self.is_only_zero(view, each) for each in left])
                return np.union1d(found, left[more]).astype(np.int64)
            found, left = np.union1d(found, left[more]).astype(np.int64), left[~more]
        return found

    def is_only_zero(self, view: View, item: int) -> bool:
        """Say whether a complement can be 0 alone, which is no more protected than a shown 0."""
        if self.tables.truth[item] != 0:
            return False
        found = view.programme.solve(np.array([item]), np.array([-1.0]))
        return found is not None and found[0][view.programme.place[item]] < 0.5


def _ends_are_whole(values: Floats) -> Bools:
    """Say of which columns the least and the largest value are whole numbers.

    Sums of counts have whole ends as a rule; where an end is a fraction, the numbers near it may
    not be possible, and numbers to spare are asked for.
    """
    ends = np.stack([values.min(axis=0), values.max(axis=0)])
    found: Bools = (np.abs(ends - np.round(ends)) < SLACK).all(axis=0)
    return found
