"""What is known of each unknown: the values that it takes in points, and the ends that are proved.

A *point* is a set of whole numbers that fits everything published. Points are witnesses: a reader
cannot rule them out. What no point can pass is proved from rows and linear programmes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from suppression_attack.attack_programme import Bools, Floats, Integers

TOLERANCE = 1e-6


@dataclass
class Intervals:
    """Least and largest value seen in points, and the ends beyond which there is none."""

    least: Floats
    largest: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def between(cls, lower: Floats, upper: Floats) -> Intervals:
        """Nothing seen yet, and proved ends."""
        size = len(lower)
        return cls(np.full(size, np.inf), np.full(size, -np.inf), lower.copy(), upper.copy())

    def see(self, members: Integers, point: Floats) -> None:
        """Remember a point of whole numbers that fits all ties."""
        self.least[members] = np.minimum(self.least[members], point)
        self.largest[members] = np.maximum(self.largest[members], point)

    def prove(self, unknown: int, lower: float, upper: float) -> None:
        """Narrow the proved ends of an unknown, to whole numbers."""
        self.lower[unknown] = max(self.lower[unknown], np.ceil(lower - TOLERANCE))
        self.upper[unknown] = min(self.upper[unknown], np.floor(upper + TOLERANCE))

    def is_wide(self, fewest: int) -> Bools:
        """Say of which unknowns points were seen that lie `fewest` numbers apart, ends included."""
        found: Bools = self.largest - self.least + 1 >= fewest
        return found

    def is_narrow(self, fewest: int) -> Bools:
        """Say of which unknowns it is proved that fewer whole numbers are left."""
        found: Bools = self.upper - self.lower + 1 < fewest
        return found

    def is_settled(self, fewest: int) -> Bools:
        """Say what needs no more work: wide, or with all that is left seen in points."""
        found: Bools = (self.least <= self.lower) & (self.largest >= self.upper)
        return found | self.is_wide(fewest)
