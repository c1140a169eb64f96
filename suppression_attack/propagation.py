"""Bounds of unknowns from the rows of ties alone, one row after another, in whole numbers.

What follows is true of every set of counts that fits, so it proves that an unknown has few values.
It is quick, and not all that can be proved: `search.py` asks linear programmes for the rest.
"""

from __future__ import annotations

import numpy as np

from suppression_attack.attack_programme import Floats, Integers, System

# Counts that circle in a ring of rows would gain one at a time for ever; what is left is not lost.
ROUNDS = 200
TOLERANCE = 1e-6


def propagated(system: System) -> tuple[Floats, Floats]:
    """The least and the largest whole number of each unknown that every row allows by itself.

    A least above a largest means that no whole numbers fit.
    """
    lower = np.ceil(system.lower - TOLERANCE)
    upper = np.floor(system.upper + TOLERANCE)
    if not len(system.columns):
        return lower, upper
    owner = np.repeat(np.arange(len(system.row_lower)), np.diff(system.starts))
    for _ in range(ROUNDS):
        low, high = _round(system, owner, lower, upper)
        is_still = (low <= lower).all() and (high >= upper).all()
        lower, upper = np.maximum(lower, low), np.minimum(upper, high)
        if is_still or (lower > upper).any():
            break
    return lower, upper


def _round(system: System, owner: Integers, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Bounds of each unknown from its rows, given bounds of all others."""
    columns, values = system.columns, system.values
    ends = np.where(values > 0, lower[columns], upper[columns]) * values
    tops = np.where(values > 0, upper[columns], lower[columns]) * values
    least = system.row_lower[owner] - _of_others(tops, owner, np.inf)
    most = system.row_upper[owner] - _of_others(ends, owner, -np.inf)
    low = np.where(values > 0, least, most) / values
    high = np.where(values > 0, most, least) / values
    found = np.full(len(lower), -np.inf), np.full(len(lower), np.inf)
    np.maximum.at(found[0], columns, np.ceil(low - TOLERANCE))
    np.minimum.at(found[1], columns, np.floor(high + TOLERANCE))
    return found


def _of_others(terms: Floats, owner: Integers, infinity: float) -> Floats:
    """For each term of a row, the sum of its other terms; `infinity` if one of them is."""
    is_open = np.isinf(terms)
    finite = np.where(is_open, 0.0, terms)
    count = np.bincount(owner, is_open)
    sums = np.bincount(owner, finite)[owner] - finite
    found: Floats = np.where(count[owner] - is_open > 0, infinity, sums)
    return found
