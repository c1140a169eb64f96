"""Bounds that single ties prove: what readers learn of a count without solving a programme.

Each row of the constraints bounds each of its counts, given the bounds of the others. Repeating
this proves most of the counts that have too few possible values, in milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from official_statistics.protection.constraint_system import Floats, Integers
from official_statistics.protection.linear_programme import ConstraintMatrix

TOLERANCE = 1e-6
# Rows that form a cycle might tighten bounds by 1 without end. Stopping early only proves less.
MAX_ROUNDS = 200


class Bounds(NamedTuple):
    """Bounds of all counts, and the round of propagation that proved each; 0 if readers know it."""

    lower: Floats
    upper: Floats
    lower_round: Integers
    upper_round: Integers

    @classmethod
    def from_known(cls, lower: Floats, upper: Floats) -> Bounds:
        """Return bounds that readers know from printed counts and rules."""
        return cls(lower, upper, *np.zeros((2, len(lower)), dtype=np.int64))

    def copy(self) -> Bounds:
        """Return a copy that can be changed."""
        return Bounds(
            self.lower.copy(), self.upper.copy(), self.lower_round.copy(), self.upper_round.copy()
        )


class BoundPropagation:
    """The rows of a constraint system, with the rows of each variable."""

    def __init__(self, matrix: ConstraintMatrix, size: int) -> None:
        self.matrix = matrix
        self._lengths = np.diff(matrix.starts)
        row_of_term = np.repeat(np.arange(len(self._lengths)), self._lengths)
        order = np.argsort(matrix.columns, kind="stable")
        self._rows = row_of_term[order]
        self._first_row = np.searchsorted(matrix.columns[order], np.arange(size + 1))

    def tighten(self, new: Bounds, changed: Integers | None = None) -> Bounds:
        """Tighten bounds in place to the tightest whole numbers that the rows prove; return them.

        If all other bounds are known to be as tight as the rows prove, `changed` has the variables
        whose bounds became tighter since.
        """
        first_round = int(max(new.lower_round.max(), new.upper_round.max())) + 1
        rows = np.arange(len(self._lengths)) if changed is None else self._find_rows(changed)
        for number in range(first_round, first_round + MAX_ROUNDS):
            if not len(rows):
                break
            columns, low, high = self._bound_terms(rows, new)
            is_raised, is_lowered = low > new.lower[columns], high < new.upper[columns]
            new.lower_round[columns[is_raised]] = number
            new.upper_round[columns[is_lowered]] = number
            np.maximum.at(new.lower, columns, low)
            np.minimum.at(new.upper, columns, high)
            rows = self._find_rows(np.unique(columns[is_raised | is_lowered]))
        return new

    def find_limits(self, variable: int, bounds: Bounds) -> list[int]:
        """Return the counts whose known bounds together give a count its tightened bounds."""
        limits, waiting = set(), [(int(variable), 0), (int(variable), 1)]
        visited = set(waiting)
        while waiting:
            each, end = waiting.pop()
            if bounds[2 + end][each] == 0:
                limits.add(each)
                continue
            reasons = set(self._find_reasons(each, end, bounds)) - visited
            visited |= reasons
            waiting += sorted(reasons)
        return sorted(limits)

    def _find_rows(self, variables: Integers) -> Integers:
        starts, ends = self._first_row[variables], self._first_row[variables + 1]
        return np.unique(self._rows[_concatenate_ranges(starts, ends - starts)])

    def _bound_terms(self, rows: Integers, bounds: Bounds) -> tuple[Integers, Floats, Floats]:
        """Return the variables of some rows, and the bounds that each row proves for each."""
        lower, upper = bounds.lower, bounds.upper
        matrix, lengths = self.matrix, self._lengths[rows]
        terms = _concatenate_ranges(matrix.starts[rows], lengths)
        columns, values = matrix.columns[terms], matrix.values[terms]
        row = np.repeat(np.arange(len(rows)), lengths)
        is_positive = values > 0
        least = np.where(is_positive, lower[columns], upper[columns]) * values
        most = np.where(is_positive, upper[columns], lower[columns]) * values
        smallest = matrix.lower[rows][row] - _sum_other_terms(most, row, np.inf)
        largest = matrix.upper[rows][row] - _sum_other_terms(least, row, -np.inf)
        low = np.where(is_positive, smallest, largest) / values
        high = np.where(is_positive, largest, smallest) / values
        return columns, np.ceil(low - TOLERANCE), np.floor(high + TOLERANCE)

    def _find_reasons(self, variable: int, end: int, bounds: Bounds) -> list[tuple[int, int]]:
        """Return the other counts (and which of their bounds) of a row that proves one bound.

        A row whose other bounds were all proved earlier is preferred, so that two bounds do not
        prove each other.
        """
        reasons: list[tuple[int, int]] = []
        for row in self._find_rows(np.array([variable])):
            columns, *proved = self._bound_terms(np.array([row]), bounds)
            if proved[end][columns == variable][0] != bounds[end][variable]:
                continue
            terms = slice(self.matrix.starts[row], self.matrix.starts[row + 1])
            is_positive = self.matrix.values[terms] > 0
            is_same_sign = is_positive == is_positive[columns == variable][0]
            others = [
                (int(other), 1 - end if is_same else end)
                for other, is_same in zip(columns, is_same_sign, strict=True)
                if other != variable
            ]
            reasons = reasons or others
            if all(bounds[2 + e][each] < bounds[2 + end][variable] for each, e in others):
                return others
        return reasons


def _concatenate_ranges(starts: Integers, lengths: Integers) -> Integers:
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    positions: Integers = np.arange(lengths.sum()) + offsets
    return positions


def _sum_other_terms(terms: Floats, row: Integers, infinity: float) -> Floats:
    """Return, for each term, the sum of its row's other terms; `infinity` if one is infinite."""
    is_infinite = np.isinf(terms)
    finite = np.where(is_infinite, 0.0, terms)
    others_infinite = np.bincount(row, is_infinite)[row] - is_infinite > 0
    sums: Floats = np.where(others_infinite, infinity, np.bincount(row, finite)[row] - finite)
    return sums
