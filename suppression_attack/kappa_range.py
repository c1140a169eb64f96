"""The range of Cohen's kappa that follows from the printed counts of a table of two by two.

The totals are enumerated: of the first row, of the first column, and of all. For given totals,
kappa increases with the first cell, so only the ends of this cell matter.
"""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

# A range from more combinations of totals than this is not computed.
MOST_TOTALS = 20_000_000
SIZE = 9
Bounds = tuple[float, float]
Numbers = NDArray[np.float64]


def compute_kappa_range(bounds: list[Bounds]) -> Bounds | None:
    """Return the smallest and largest kappa, or None if kappa is not defined for any table.

    `bounds` has the least and the most that each count can be, row by row with the totals last.
    Raises `ValueError` if the totals have no bounds, or too many values.
    """
    first, second, first_row, third, fourth, second_row, first_column, second_column, size = bounds
    first = _cap_cell(first, first_row, first_column, size)
    second = _cap_cell(second, first_row, second_column, size)
    third = _cap_cell(third, second_row, first_column, size)
    fourth = _cap_cell(fourth, second_row, second_column, size)
    cells = (first, second, third, fourth)
    row = _intersect(first_row, _add(first, second))
    column = _intersect(first_column, _add(first, third))
    size = _intersect(size, _add(row, _intersect(second_row, _add(third, fourth))))
    size = _intersect(size, _add(column, _intersect(second_column, _add(second, fourth))))
    row = _intersect(row, (size[0] - second_row[1], size[1] - second_row[0]))
    column = _intersect(column, (size[0] - second_column[1], size[1] - second_column[0]))
    sides = [_list_numbers(total) for total in (row, column)]
    sizes = _list_numbers(size)
    if len(sizes) * len(sides[0]) * len(sides[1]) > MOST_TOTALS:
        raise ValueError("the totals have too many values")
    rows, columns = np.meshgrid(*sides, indexing="ij")
    ends: list[Bounds] = []
    for number in sizes:
        is_possible = _lies_in(number - rows, second_row) & _lies_in(
            number - columns, second_column
        )
        pair = _find_ends(rows[is_possible], columns[is_possible], float(number), cells)
        if pair is not None:
            ends.append(pair)
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def _find_ends(
    rows: Numbers, columns: Numbers, size: float, cells: tuple[Bounds, ...]
) -> Bounds | None:
    """Return the smallest and largest kappa of the tables of one size with these totals."""
    first, second, third, fourth = cells
    rest = size - rows - columns
    lows = np.maximum.reduce(
        [np.full_like(rows, first[0]), rows - second[1], columns - third[1], fourth[0] - rest]
    )
    highs = np.minimum.reduce(
        [np.full_like(rows, first[1]), rows - second[0], columns - third[0], fourth[1] - rest]
    )
    chance = rows * columns + (size - rows) * (size - columns)
    is_possible = (lows <= highs) & (chance < size * size)
    if not is_possible.any():
        return None
    low, high = (
        ((2 * ends + rest) * size - chance)[is_possible] / (size * size - chance)[is_possible]
        for ends in (lows, highs)
    )
    return float(low.min()), float(high.max())


def _cap_cell(cell: Bounds, *totals: Bounds) -> Bounds:
    """Return the bounds of a cell, which is not above any total that includes it."""
    return cell[0], min(cell[1], *(high for _, high in totals))


def _add(one: Bounds, other: Bounds) -> Bounds:
    return one[0] + other[0], one[1] + other[1]


def _intersect(one: Bounds, other: Bounds) -> Bounds:
    return max(one[0], other[0]), min(one[1], other[1])


def _lies_in(numbers: Numbers, bounds: Bounds) -> NDArray[np.bool_]:
    return (numbers >= bounds[0]) & (numbers <= bounds[1])


def _list_numbers(bounds: Bounds) -> Numbers:
    if bounds[1] == inf or bounds[1] - bounds[0] > MOST_TOTALS:
        raise ValueError("a total has no bounds")
    return np.arange(bounds[0], bounds[1] + 1)
