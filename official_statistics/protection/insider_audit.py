"""The audit of insiders: what authorities and forces find out of others from all ties together.

An insider cannot exclude a point in which none of its own counts changes. So one point protects
counts from many insiders. First, half of the areas vary at a time, and the other half stay at their
true counts. The halves are chosen so that each area stays while each other area varies. Counts of
regions and the nation stay at first too, because such small programmes prove most of the counts.
What these points do not prove is then proved for one insider at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Floats,
    Integers,
)
from official_statistics.protection.insiders import Insider
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.suppression_audit import MIN_GAIN, AuditView, KnownEnds

# A smaller change is a rounding error of the solver.
LEAST_CHANGE = 1e-6


class InsiderAudit:
    """The insiders of one view of a release, and what the known points prove to each of them."""

    def __init__(
        self,
        system: ConstraintSystem,
        matrix: ConstraintMatrix,
        view: AuditView,
        insiders: Sequence[Insider],
    ) -> None:
        self._system, self._matrix = system, matrix
        self._members, self._items = view.programme.members, view.items
        self._min_values = view.ends.min_values
        self.insiders = [each for each in insiders if each.knows[self._members].any()]
        is_insider = np.any([each.knows for each in insiders], axis=0)
        self._lowest = self._members[is_insider[self._members]]
        self.ends = [KnownEnds(system.truth.astype(float), self._min_values) for _ in self.insiders]

    def search_points(self) -> None:
        """Move many counts of half of the areas at once, for every choice of halves."""
        areas = sorted(set().union(*(each.areas for each in self.insiders)))
        for members in (self._lowest, self._members):
            for bit in range((len(areas) - 1).bit_length()):
                for side in (0, 1):
                    still = {area for at, area in enumerate(areas) if (at >> bit) & 1 == side}
                    self._search_half(members, still)

    def _search_half(self, members: Integers, still: set[str]) -> None:
        """Move counts of others while some areas stay, where this is not proved yet to an area."""
        varies: Bools = ~np.isin(np.array(self._system.area), sorted(still))
        unproved = [
            self.list_unproved(number)
            for number, insider in enumerate(self.insiders)
            if insider.areas <= still
        ]
        items = np.unique(np.concatenate(unproved or [self._items[:0]]))
        items = items[varies[items]]
        if len(items) >= MIN_GAIN:
            ends = KnownEnds(self._system.truth.astype(float), self._min_values)
            self._build("half", members[varies[members]], items, ends).search_points(items)

    def list_unproved(self, number: int) -> Integers:
        """Return the counts of others that no known point protects from an insider.

        A difference of 0 needs no protection, because a count of 0 is shown.
        """
        items, system = self._items, self._system
        is_protected = system.audited[items] & (system.truth[items] > 0)
        is_protected &= self.insiders[number].is_protected[items]
        return self.ends[number].list_unproved(items[is_protected])

    def build_view(self, number: int) -> AuditView:
        """Return the view of one insider, whose own counts stay at their true values."""
        insider = self.insiders[number]
        varying = self._members[~insider.knows[self._members]]
        unproved = self.list_unproved(number)
        return self._build(insider.name, varying, unproved, self.ends[number])

    def _build(
        self, name: str, varying: Integers, items: Integers, ends: KnownEnds
    ) -> _InsiderView:
        programme = LinearProgramme(self._system, self._matrix, varying)
        return _InsiderView(name, programme, items, ends, self)


class _InsiderView(AuditView):
    """A view whose points are recorded for every insider that cannot exclude them."""

    def __init__(
        self,
        name: str,
        programme: LinearProgramme,
        items: Integers,
        ends: KnownEnds,
        audit: InsiderAudit,
    ) -> None:
        super().__init__(name, programme, items, ends)
        self._audit = audit

    def add_point(self, point: Floats) -> None:
        super().add_point(point)
        members = self.programme.members
        changed = members[np.abs(point - self.programme.truth) > LEAST_CHANGE]
        for insider, ends in zip(self._audit.insiders, self._audit.ends, strict=True):
            if ends is not self.ends and not insider.knows[changed].any():
                ends.add_point(members, point)
