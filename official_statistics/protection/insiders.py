"""Insiders: authorities and forces that know their own counts exactly when they read a release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Floats,
    Hierarchies,
    Integers,
)
from official_statistics.protection.ties import FORCES, REGIONS


@dataclass(frozen=True)
class Insider:
    """One reader with its own counts, and the hidden counts that it must not find."""

    name: str
    variables: Integers
    knows: Bools
    is_protected: Bools

    def add_knowledge(
        self, bounds: tuple[Floats, Floats], truth: Integers
    ) -> tuple[Floats, Floats]:
        """Return bounds with the insider's own counts at their true values."""
        lower, upper = (end.copy() for end in bounds)
        lower[self.variables] = upper[self.variables] = truth[self.variables]
        return lower, upper


def list_insiders(system: ConstraintSystem, areas: Hierarchies) -> list[Insider]:
    """Return each authority and force, and both authorities of a region that has only two.

    A wider area that contains no other authority is as good as known to the insider.
    """
    regions, forces = areas.parents[REGIONS], areas.parents[FORCES]
    present = set(system.area)
    members: dict[str, set[str]] = defaultdict(set)
    for hierarchy in (regions, forces):
        parents = set(hierarchy.values())
        for area in sorted((hierarchy.keys() & present) - parents):
            wider: str | None = area
            while (wider := hierarchy.get(wider)) is not None:
                members[wider].add(area)
    authorities = sorted(set().union(*members.values()))
    coalitions: list[tuple[str, ...]] = [(area,) for area in authorities]
    coalitions += [(force,) for force in sorted(set(forces.values()) & present)]
    coalitions += sorted({tuple(sorted(within)) for within in members.values() if len(within) == 2})
    return [_build_insider(system, own, members) for own in coalitions]


def _build_insider(
    system: ConstraintSystem, own: Collection[str], members: dict[str, set[str]]
) -> Insider:
    known_areas = {*own, *(wider for wider, within in members.items() if within <= set(own))}
    area = np.array(system.area)
    knows: Bools = np.isin(area, list(own))
    is_protected: Bools = ~np.isin(area, sorted(known_areas))
    return Insider(" and ".join(own), np.flatnonzero(knows), knows, is_protected)
