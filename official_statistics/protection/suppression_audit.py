"""The audit of suppression, which finds hidden counts that a reader could determine too closely.

A view is what one reader could vary: some variables move within their bounds and the ties, and all
others stay at their true values. A feasible point shows that a hidden count may have another value.
Points are stored, so that a later change is first tested against known points.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Floats,
    Integers,
)
from official_statistics.protection.linear_programme import (
    ConstraintMatrix,
    LinearProgramme,
    is_integer_point,
)

MAX_SWEEPS = 40
# A sweep solves one problem for all open counts. If fewer counts than this are open, or if a sweep
# after the first three settles fewer, each open count gets problems of its own.
MIN_GAIN = 4
REDUCED_COST_TOLERANCE = 1e-6
TOLERANCE = 1e-5
# If an interval of the linear relaxation has this many values more than required, no integer proof
# is needed.
SPARE_VALUES = 2


class AuditView:
    """The variables that one reader can vary, the counts to protect, and the known feasible points.

    If the reader is an authority that knows its own counts, `insider` is this authority; in most
    views it is empty.
    """

    def __init__(
        self, name: str, programme: LinearProgramme, items: Integers, insider: str = ""
    ) -> None:
        self.name, self.programme, self.items, self.insider = name, programme, items, insider
        # The view starts with the linear relaxation, whose intervals are at least as wide as the
        # integer ones.
        self.is_relaxed = True
        self._size = 1
        self._points = programme.truth[None, :].copy()
        # A point that contradicts the printed counts is only marked: when a count is hidden, the
        # point may fit again.
        self._is_integer, self._is_feasible = np.array([True]), np.array([True])

    def add_point(self, point: Floats, *, is_integer: bool) -> None:
        """Store a feasible point, which shows a possible value of each variable in the view."""
        if self._size == len(self._points):
            room = np.zeros_like(self._points)
            self._points = np.concatenate([self._points, room])
            self._is_integer = np.concatenate([self._is_integer, np.zeros(len(room), dtype=bool)])
            self._is_feasible = np.concatenate([self._is_feasible, np.zeros(len(room), dtype=bool)])
        self._points[self._size] = point
        self._is_integer[self._size], self._is_feasible[self._size] = is_integer, True
        self._size += 1

    def read_values(self, variables: Integers, *, is_integer_only: bool = False) -> Floats:
        """Return the values of some variables, with a row for each feasible point."""
        chosen = self._is_feasible[: self._size]
        if is_integer_only:
            chosen = chosen & self._is_integer[: self._size]
        values: Floats = self._points[
            np.ix_(np.flatnonzero(chosen), self.programme.column[variables])
        ]
        return values

    def copy_feasibility(self) -> Bools:
        """Return which points are feasible, so that `restore_feasibility` can restore this."""
        return self._is_feasible[: self._size].copy()

    def restore_feasibility(self, is_feasible: Bools) -> None:
        """Restore which points were feasible. Points added since then keep their state."""
        self._is_feasible[: len(is_feasible)] = is_feasible

    def drop_points_outside(self, variable: int, lower: float, upper: float) -> None:
        """Mark points as infeasible at which a variable is outside its bounds."""
        values = self._points[: self._size, self.programme.column[variable]]
        is_inside = (values >= lower - TOLERANCE) & (values <= upper + TOLERANCE)
        self._is_feasible[: self._size] &= is_inside


class SuppressionAudit:
    """The evidence about the hidden counts of one year, over all views.

    Each hidden count needs at least `min_values` possible values.
    """

    def __init__(self, system: ConstraintSystem, matrix: ConstraintMatrix, min_values: int) -> None:
        self.system, self.matrix, self.min_values = system, matrix, min_values
        # For each unprotected count in a view: the variables whose bounds limit it.
        self._limiting: dict[tuple[str, int], Integers] = {}
        # Counts known to have too few possible values. They are tested again when a bound that
        # limits them is widened.
        self._too_narrow: set[tuple[str, int]] = set()
        self._too_narrow_by_variable: dict[int, set[tuple[str, int]]] = defaultdict(set)

    def list_unproved(self, view: AuditView, items: Integers) -> Integers:
        """Return the counts that the known points of a view do not yet prove protected."""
        if not len(items):
            return items
        values = view.read_values(items)
        if view.is_relaxed:
            return items[~self._has_enough_values(values, 0)]
        integer_values = view.read_values(items, is_integer_only=True)
        is_proved = self._has_enough_values(integer_values, 0)
        is_proved |= self._has_enough_values(values, SPARE_VALUES)
        is_proved |= self._has_enough_values(values, 0) & _has_integer_ends(values)
        return items[~is_proved]

    def _has_enough_values(self, values: Floats, spare: int) -> Bools:
        if not len(values):
            return np.zeros(values.shape[1], dtype=bool)
        low = np.ceil(values.min(axis=0) - TOLERANCE)
        high = np.floor(values.max(axis=0) + TOLERANCE)
        is_enough: Bools = high - low + 1 >= self.min_values + spare
        return is_enough

    def prove_protected(self, view: AuditView, items: Integers) -> Integers:
        """Search for points that prove counts protected, and return the counts that stay unproved.

        Many counts are tried together, and afterwards each by itself. A count that certainly has
        too few values is not tried again until a bound that limits it is widened.
        """
        keys = [(view.name, int(item)) for item in items]
        is_too_narrow = np.array([key in self._too_narrow for key in keys], dtype=bool)
        unproved = self._search_points(view, items[~is_too_narrow])
        return np.union1d(items[is_too_narrow], unproved).astype(np.int64)

    def note_wider_bounds(self, variable: int) -> None:
        """Allow another search for counts that had too few values, now that a bound was widened."""
        self._too_narrow -= self._too_narrow_by_variable.pop(variable, set())

    def _search_points(self, view: AuditView, items: Integers) -> Integers:
        random = np.random.default_rng(len(view.programme.members))
        previous_count = len(items) + MIN_GAIN
        for sweep in range(MAX_SWEEPS):
            unproved = self.list_unproved(view, items)
            gain = previous_count - len(unproved)
            if len(unproved) < MIN_GAIN or (sweep > 3 and gain < MIN_GAIN):
                break
            previous_count = len(unproved)
            signs = np.full(len(unproved), -1.0 if sweep % 2 else 1.0)
            if sweep > 1:
                signs = random.choice([-1.0, 1.0], len(unproved))
            self._add_extreme_point(view, unproved, signs)
        return self._search_one_by_one(view, self.list_unproved(view, items))

    def _search_one_by_one(self, view: AuditView, items: Integers) -> Integers:
        unproved = []
        for item in items:
            one = np.array([item])
            is_limiting = np.zeros(len(view.programme.members), dtype=bool)
            solved_ends = 0
            for sign in (-1.0, 1.0):
                if len(self.list_unproved(view, one)):
                    reduced_costs = self._add_extreme_point(view, one, np.array([sign]))
                    if reduced_costs is not None:
                        is_limiting |= np.abs(reduced_costs) > REDUCED_COST_TOLERANCE
                        solved_ends += 1
            if len(self.list_unproved(view, one)):
                self._limiting[view.name, int(item)] = view.programme.members[is_limiting]
                unproved.append(item)
                if view.is_relaxed and solved_ends == 2:
                    self._record_too_narrow(view, int(item))
        return np.array(unproved, dtype=np.int64)

    def _record_too_narrow(self, view: AuditView, item: int) -> None:
        """Record that a count certainly has too few values: both ends of its interval are known.

        By linear duality, this holds until a bound with a non-zero reduced cost is widened.
        """
        key = (view.name, item)
        self._too_narrow.add(key)
        for variable in self._limiting[key]:
            self._too_narrow_by_variable[int(variable)].add(key)

    def _add_extreme_point(self, view: AuditView, items: Integers, signs: Floats) -> Floats | None:
        optimum = view.programme.minimise_cost(items, signs)
        if optimum is None:
            return None
        point, reduced_costs = optimum
        view.add_point(point, is_integer=is_integer_point(point))
        return reduced_costs

    def find_limiting_variables(self, view: AuditView, item: int) -> Integers:
        """Return variables whose printed bounds leave an unproved count with too few values."""
        return self._limiting[view.name, int(item)]

    def find_positive_complements(self, view: AuditView, items: Integers) -> Integers:
        """Return the complements that can be more than 0 in a view."""
        remaining, positive = items, np.zeros(0, dtype=np.int64)
        while len(remaining):
            optimum = view.programme.minimise_cost(remaining, np.full(len(remaining), -1.0))
            if optimum is None:
                return np.union1d(positive, remaining).astype(np.int64)
            values = optimum[0][view.programme.column[remaining]]
            if values.sum() < 0.5:
                break
            is_positive = values >= 0.5
            if not is_positive.any():
                can_be_positive = [not self.can_only_be_zero(view, item) for item in remaining]
                return np.union1d(positive, remaining[np.array(can_be_positive)]).astype(np.int64)
            positive = np.union1d(positive, remaining[is_positive]).astype(np.int64)
            remaining = remaining[~is_positive]
        return positive

    def can_only_be_zero(self, view: AuditView, item: int) -> bool:
        """Return whether 0 is the only possible value of a complement.

        A complement that is certainly 0 needs no protection, just as a shown 0 needs none.
        """
        if self.system.truth[item] != 0:
            return False
        optimum = view.programme.minimise_cost(np.array([item]), np.array([-1.0]))
        return optimum is not None and optimum[0][view.programme.column[item]] < 0.5


def _has_integer_ends(values: Floats) -> Bools:
    """Return, for each column, whether its smallest and largest values are whole numbers.

    Sums of counts usually have whole ends. Near a fractional end, no whole number may be possible,
    so `SPARE_VALUES` are required there.
    """
    ends = np.stack([values.min(axis=0), values.max(axis=0)])
    is_integer: Bools = (np.abs(ends - np.round(ends)) < TOLERANCE).all(axis=0)
    return is_integer
