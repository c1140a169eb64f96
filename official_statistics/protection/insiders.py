"""Insiders: authorities and forces that know their own counts exactly when they read a release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from official_statistics.protection.bound_propagation import Bounds
from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Hierarchies,
    Integers,
)
from official_statistics.protection.ties import FORCES, FORCES_OF_NATION, REGIONS


@dataclass(frozen=True)
class Insider:
    """One reader with its own counts, and the hidden counts that it must not find."""

    areas: frozenset[str]
    variables: Integers
    knows: Bools
    is_protected: Bools

    @property
    def name(self) -> str:
        """The codes of the insider's areas."""
        return " and ".join(sorted(self.areas))

    def add_knowledge(self, bounds: Bounds, truth: Integers) -> Bounds:
        """Return bounds with the insider's own counts at their true values."""
        new = bounds.copy()
        new.lower[self.variables] = new.upper[self.variables] = truth[self.variables]
        new.lower_round[self.variables] = new.upper_round[self.variables] = 0
        return new


def list_insiders(system: ConstraintSystem, areas: Hierarchies) -> list[Insider]:
    """Return each authority and force, and both authorities of each region that has only two.

    They must not find counts of other authorities and forces.
    """
    regions, forces = areas.parents[REGIONS], areas.parents[FORCES]
    area, parents = np.array(system.area), set(regions.values())
    authorities = sorted((regions.keys() & set(system.area)) - parents)
    force_codes = sorted(set(areas.parents[FORCES_OF_NATION]) & set(system.area))
    within: dict[str, list[str]] = defaultdict(list)
    for authority in authorities:
        within[regions[authority]].append(authority)
    pairs = [pair for _, pair in sorted(within.items()) if len(pair) == 2]
    is_lowest = np.isin(area, [*authorities, *force_codes])
    insiders = []
    for own in [[each] for each in (*authorities, *force_codes)] + pairs:
        knows: Bools = np.isin(area, own)
        # A force with one authority counts nobody else in its own area.
        known_forces = [force for force in force_codes if _is_covered(force, own, forces)]
        is_protected: Bools = is_lowest & ~np.isin(area, [*own, *known_forces])
        insiders.append(Insider(frozenset(own), np.flatnonzero(knows), knows, is_protected))
    return insiders


def _is_covered(force: str, authorities: list[str], forces: Mapping[str, str]) -> bool:
    return {each for each, other in forces.items() if other == force} <= set(authorities)
