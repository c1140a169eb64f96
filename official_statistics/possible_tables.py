"""The smallest and largest kappa of all tables of two by two that fit rounded and hidden counts.

Readers of the counts can compute this range themselves, so it reveals nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

MAX_TABLES = 5_000_000
BLOCK_SIZE = 200_000
# An upper limit for counts without one. It is larger than any count, and sums of it fit in 64 bits.
UNLIMITED = 2**40
# The cells behind each of the nine counts of a table, row by row. Each row ends with its total, and
# the last row has the totals. Cells 0 and 3 are those in which both sources give the same answer.
CELLS = (0, 1, 3, 4)
MARGINS = {2: (0, 1), 5: (2, 3), 6: (0, 2), 7: (1, 3), 8: (0, 1, 2, 3)}


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest number that a count can be."""

    lower: int
    upper: int = UNLIMITED


@dataclass(frozen=True)
class KappaRange:
    """The smallest and the largest kappa that is possible."""

    minimum: Fraction
    maximum: Fraction


def limit_count(published: int | None, unit: int, smallest_shown: int) -> Limits:
    """Return the limits of a count that is shown rounded to a unit, or hidden (None)."""
    if published is None:
        return Limits(1)
    if published == 0:
        return Limits(0, 0)
    return Limits(max(smallest_shown, published - unit // 2), published + (unit - 1) // 2)


@dataclass(frozen=True)
class PossibleTables:
    """All tables that fit the limits of their nine counts, which are in the order of `MARGINS`."""

    cells: tuple[Limits, ...]
    margins: tuple[tuple[tuple[int, ...], Limits], ...]

    @property
    def solved(self) -> int:
        """The cell that is not enumerated: of those with the same answer, that with more values."""
        return max(0, 3, key=self._count_values)

    @property
    def enumerated(self) -> tuple[int, ...]:
        """The three cells of which all values are enumerated."""
        return tuple(cell for cell in range(4) if cell != self.solved)

    @property
    def size(self) -> int:
        """How many combinations of values the three enumerated cells have."""
        return prod(max(0, self._count_values(cell)) for cell in self.enumerated)

    def _count_values(self, cell: int) -> int:
        return self.cells[cell].upper - self.cells[cell].lower + 1

    def find_kappa_range(self) -> KappaRange | None:
        """Return the range of kappa, or None if kappa is not defined for any table.

        If the other three cells do not change, kappa as a function of a cell with the same answer
        is a ratio of linear functions. So it is largest and smallest at the ends of this cell.
        In the other two cells kappa can turn, so their values are all enumerated.
        """
        ends: list[Fraction] = []
        for above_chance, most in self._compute_kappas():
            if most.size:
                kappas = above_chance / most
                ends += (
                    Fraction(int(above_chance[place]), int(most[place]))
                    for place in (kappas.argmin(), kappas.argmax())
                )
        return KappaRange(min(ends), max(ends)) if ends else None

    def _compute_kappas(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        widths = [self._count_values(cell) for cell in self.enumerated]
        blocks = [*range(0, self.size, BLOCK_SIZE), self.size]
        for start, stop in pairwise(blocks):
            steps = np.unravel_index(np.arange(start, stop), widths)
            values = {
                cell: self.cells[cell].lower + step
                for cell, step in zip(self.enumerated, steps, strict=True)
            }
            lower, upper = self._limit_solved(values)
            is_possible = lower <= upper
            others = {cell: column[is_possible] for cell, column in values.items()}
            for end in (lower, upper):
                yield _compute_kappa(others | {self.solved: end[is_possible]})

    def _limit_solved(
        self, values: dict[int, NDArray[np.int64]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the ends of the solved cell for each combination of values of the others.

        The lower end is above the upper end if no table has these values.
        """
        own = self.cells[self.solved]
        shape = next(iter(values.values())).shape
        lower, upper = np.full(shape, own.lower), np.full(shape, own.upper)
        for cells, limits in self.margins:
            rest = sum((values[cell] for cell in cells if cell in values), np.zeros_like(lower))
            if self.solved in cells:
                lower = np.maximum(lower, limits.lower - rest)
                upper = np.minimum(upper, limits.upper - rest)
            else:
                upper = np.where((rest < limits.lower) | (rest > limits.upper), -1, upper)
        return lower, upper


@lru_cache(maxsize=256)
def list_possible_tables(counts: Sequence[Limits]) -> PossibleTables | None:
    """Return the tables that fit nine counts; None if there are over about `MAX_TABLES`."""
    margins = tuple((cells, counts[place]) for place, cells in MARGINS.items())
    tables = PossibleTables(_tighten([counts[place] for place in CELLS], margins), margins)
    has_limits = all(limits.upper < UNLIMITED // 2 for limits in tables.cells)
    return tables if has_limits and tables.size <= MAX_TABLES else None


def _tighten(
    cells: list[Limits], margins: Sequence[tuple[tuple[int, ...], Limits]]
) -> tuple[Limits, ...]:
    """Return the limits of the cells with those that follow from totals and the other cells."""
    before: list[Limits] = []
    while before != cells:
        before = list(cells)
        for members, total in margins:
            for cell in members:
                others = [cells[other] for other in members if other != cell]
                lower = total.lower - sum(other.upper for other in others)
                upper = total.upper - sum(other.lower for other in others)
                own = cells[cell]
                cells[cell] = Limits(max(own.lower, lower), min(own.upper, upper))
                if cells[cell].lower > cells[cell].upper:
                    return tuple(cells)
    return tuple(cells)


def _compute_kappa(
    cells: dict[int, NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return numerators and denominators of Cohen's kappa, of the tables for which it is defined.

    The numerator is agreement above chance, and the denominator the most that is possible.
    """
    both, first, second, neither = (cells[cell] for cell in range(4))
    above_chance = 2 * (both * neither - first * second)
    most = (both + first) * (first + neither) + (second + neither) * (both + second)
    is_defined = most > 0
    return above_chance[is_defined], most[is_defined]
