"""Wider views of the audit: those of a region in which authorities of other regions move too.

A view of a region has all other regions at their true counts. What is left of the nation without
them then moves no further than the rounding of two counts, and what the nation changed between two
releases no further than the region did. With the largest authority of a few other regions both
move; nearly all that the whole system proves is proved so, in a small part of its time.
"""

from __future__ import annotations

import numpy as np

from official_statistics.protection.hidden_counts import View
from official_statistics.protection.programme import Matrix, Programme
from official_statistics.protection.system import Hierarchies, Tables
from official_statistics.protection.views import closure_of, largest_changed, variables_of

# Of how many other regions an authority moves, from one wider view to the next.
OTHERS = (3, 6)


class Widening:
    """The wider views of each view, opened when they are first asked."""

    def __init__(self, tables: Tables, matrix: Matrix, areas: Hierarchies) -> None:
        self.views: list[View] = []
        self._tables, self._matrix, self._areas = tables, matrix, areas
        self._largest = largest_changed(tables, areas)
        # By name: the view that it widens, and how often.
        self._narrowest: dict[str, tuple[View, int]] = {}
        self._opened: dict[str, View] = {}

    def of(self, view: View) -> View | None:
        """The next wider view; None for the widest, and for the whole system."""
        first, step = self._narrowest.get(view.name, (view, 0))
        name = f"{first.name}, wider {step + 1}"
        if name not in self._opened and step < len(OTHERS):
            self._open(name, view, first, step)
        return self._opened.get(name)

    def _open(self, name: str, view: View, first: View, step: int) -> None:
        tables, members = self._tables, first.programme.members
        own = {tables.area[variable] for variable in members} | {first.insider}
        others = [area for area in self._largest if area not in own]
        chosen = others[: OTHERS[step]]
        moved = set().union(*(closure_of(area, self._areas) for area in chosen))
        wider = np.union1d(members, variables_of(tables, moved))
        if len(wider) == len(view.programme.members):
            return
        programme = Programme(tables, self._matrix, wider, is_large=True)
        opened = View(name, programme, np.zeros(0, dtype=np.int64), first.insider)
        opened.is_linear = first.is_linear
        self._narrowest[name], self._opened[name] = (first, step + 1), opened
        self.views.append(opened)
