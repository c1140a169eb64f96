"""Unknowns that move together: those of an area, of all in it and of all that it lies in.

Sums of fixed parts would be fixed too: one part of each area beside it, within the same, moves too.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from suppression_attack.attack_programme import Floats, Integers
from suppression_attack.table import Table


class Groups:
    """The groups of a table whose first hierarchy says which areas lie in which."""

    def __init__(self, table: Table, lower: Floats) -> None:
        self.table = table
        self.above: dict[str, set[str]] = defaultdict(set)
        for parents in table.hierarchies.values():
            for part, whole in parents.items():
                self.above[part].add(whole)
        wholes = {whole for each in self.above.values() for whole in each}
        self.first = next(iter(table.hierarchies.values()), {})
        self.lowest = {part: whole for part, whole in self.first.items() if part not in wholes}
        self.largest = self._largest(lower)

    def of(self, members: Integers) -> list[Integers]:
        """A group an area with parts in it; none that is all members."""
        around: dict[str, set[str]] = defaultdict(set)
        for part, whole in self.lowest.items():
            around[whole] |= self._closure(part)
        taken = []
        for area, within in sorted(around.items()):
            moved = within.union(*(self._closure(part) for part in self._beside(area)))
            group = [each for each in members if self.table.unknowns[each].areas & moved]
            if group and len(group) < len(members):
                taken.append(np.array(group))
        return taken

    def _beside(self, area: str) -> list[str]:
        """A part of each other area within what holds this one, if that lies in something too."""
        whole = self.first.get(area)
        return [
            part
            for other, part in self.largest.items()
            if other != area and whole in self.first and self.first.get(other) == whole
        ]

    def _largest(self, lower: Floats) -> dict[str, str]:
        """By area: its part with the largest counts, as far as they are shown."""
        size: dict[str, float] = defaultdict(float)
        for unknown, least in zip(self.table.unknowns, lower, strict=True):
            for area in unknown.areas & self.lowest.keys():
                size[area] += float(least)
        found: dict[str, str] = {}
        for area in sorted(size, key=lambda each: (-size[each], each)):
            found.setdefault(self.lowest[area], area)
        return found

    def _closure(self, part: str) -> set[str]:
        found, waiting = {part}, [part]
        while waiting:
            for whole in self.above.get(waiting.pop(), ()):
                if whole not in found:
                    found.add(whole)
                    waiting.append(whole)
        return found
