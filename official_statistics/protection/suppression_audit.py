"""The audit of suppression, which finds hidden counts that a reader could determine too closely.

A view is what one reader could vary: some variables move within their bounds and the ties, and all
others stay at their true values. A feasible point shows that a hidden count may have another value.
Counts are only ever hidden after the first programme, so known points stay feasible.
"""

from __future__ import annotations

import numpy as np

from official_statistics.protection.constraint_system import Bools, Floats, Integers
from official_statistics.protection.linear_programme import LinearProgramme, is_integer_point

# A sweep solves one problem for many open counts: first for all, then for random shares of them.
# Sweeps stop when the last three settled fewer counts than this.
MIN_GAIN, PATIENCE, MOVING_SHARE = 15, 3, 0.5
REDUCED_COST_TOLERANCE = 1e-6
TOLERANCE = 1e-5
# If an interval of the linear relaxation has this many values more than required, no integer proof
# is needed.
SPARE_VALUES = 2


class KnownEnds:
    """The smallest and the largest value of each count at all known points.

    Each hidden count needs at least `min_values` possible values.
    """

    def __init__(self, truth: Floats, min_values: int) -> None:
        self.min_values = min_values
        self._least, self._most = truth.copy(), truth.copy()
        # The ends at the points of whole numbers.
        self._whole_least, self._whole_most = truth.copy(), truth.copy()

    def add_point(self, members: Integers, point: Floats) -> None:
        """Record the values of some variables at a point; all others keep their true values."""
        self._least[members] = np.minimum(self._least[members], point)
        self._most[members] = np.maximum(self._most[members], point)
        if is_integer_point(point):
            self._whole_least[members] = np.minimum(self._whole_least[members], point)
            self._whole_most[members] = np.maximum(self._whole_most[members], point)

    def read_ends(self, item: int) -> tuple[float, float]:
        """Return the smallest and the largest value of a count at all known points."""
        return float(self._least[item]), float(self._most[item])

    def list_unproved(self, items: Integers) -> Integers:
        """Return the counts that the known points do not prove protected.

        Sums of counts usually have whole numbers at the ends of their intervals. Near a fractional
        end no whole number may be possible, so `SPARE_VALUES` are required there.
        """
        least, most = self._least[items], self._most[items]
        is_whole = np.abs(np.stack([least, most]) - np.round([least, most])) < TOLERANCE
        is_proved = self._has_enough(least, most, SPARE_VALUES)
        is_proved |= self._has_enough(least, most, 0) & is_whole.all(axis=0)
        is_proved |= self._has_enough(self._whole_least[items], self._whole_most[items], 0)
        return items[~is_proved]

    def _has_enough(self, least: Floats, most: Floats, spare: int) -> Bools:
        count = np.floor(most + TOLERANCE) - np.ceil(least - TOLERANCE) + 1
        is_enough: Bools = count >= self.min_values + spare
        return is_enough


class AuditView:
    """The variables that one reader can vary, the counts to protect, and the known points.

    `ends` are what the points prove; they may be shared with other views.
    """

    def __init__(
        self, name: str, programme: LinearProgramme, items: Integers, ends: KnownEnds
    ) -> None:
        self.name, self.programme, self.items, self.ends = name, programme, items, ends

    def add_point(self, point: Floats) -> None:
        """Record a point of the programme."""
        self.ends.add_point(self.programme.members, point)

    def search_points(self, items: Integers) -> Integers:
        """Move many counts at once, as long as this proves some; return the unproved counts."""
        random = np.random.default_rng(len(self.programme.members))
        open_counts = [len(items) + MIN_GAIN * PATIENCE] * PATIENCE
        unproved = self.ends.list_unproved(items) if len(items) else items
        while open_counts[-PATIENCE] - len(unproved) >= MIN_GAIN:
            sweep = len(open_counts) - PATIENCE
            open_counts.append(len(unproved))
            moving, signs = unproved, np.full(len(unproved), -1.0 if sweep % 2 else 1.0)
            if sweep > 1:
                moving = unproved[random.random(len(unproved)) < MOVING_SHARE]
                signs = random.choice([-1.0, 1.0], len(moving))
            self._find_extreme_point(moving, signs)
            unproved = self.ends.list_unproved(unproved)
        return unproved

    def find_limits(self, item: int) -> tuple[Integers, bool] | None:
        """Return the variables whose bounds leave a count too few values; None if it has enough.

        The second result is true if the count is a complement that can only be 0. Such a complement
        needs no protection, just as a shown 0 needs none.
        """
        one = np.array([item])
        is_limiting = np.zeros(len(self.programme.members), dtype=bool)
        for sign in (-1.0, 1.0):
            if not len(self.ends.list_unproved(one)):
                return None
            optimum = self._find_extreme_point(one, np.array([sign]))
            if optimum is not None:
                point, reduced_costs = optimum
                is_limiting |= np.abs(reduced_costs) > REDUCED_COST_TOLERANCE
                column = self.programme.column[item]
                if sign < 0 and self.programme.truth[column] == 0 and point[column] < 0.5:
                    return self.programme.members[is_limiting], True
        if not len(self.ends.list_unproved(one)):
            return None
        return self.programme.members[is_limiting], False

    def find_positive_counts(self, items: Integers) -> Integers:
        """Return the counts that can be more than 0, of counts whose true value is 0."""
        positive: list[int] = []
        while len(items):
            optimum = self._find_extreme_point(items, np.full(len(items), -1.0))
            if optimum is None:
                return np.union1d(positive, items).astype(np.int64)
            is_positive = optimum[0][self.programme.column[items]] >= 0.5
            if not is_positive.any():
                break
            positive += items[is_positive].tolist()
            items = items[~is_positive]
        return np.array(sorted(positive), dtype=np.int64)

    def _find_extreme_point(self, items: Integers, signs: Floats) -> tuple[Floats, Floats] | None:
        optimum = self.programme.minimise_cost(items, signs)
        if optimum is not None:
            self.add_point(optimum[0])
        return optimum
