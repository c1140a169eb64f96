"""The areas whose counts may vary in each view of the audit, and wider views with more areas.

A view of a region keeps all other regions at their true counts. Then the nation beyond the region
can vary only by the rounding of two counts. A wider view also lets one authority of each of a few
other regions vary (`OTHER_REGION_COUNTS`). It proves nearly all that the full system proves, in a
fraction of the time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from official_statistics.protection.constraint_system import (
    ConstraintSystem,
    Hierarchies,
    Integers,
)
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.suppression_audit import AuditView
from official_statistics.protection.ties import REGIONS

# To the region of a view, a wider view adds one authority from each of 3 other regions. The widest
# view adds one from each of 6.
OTHER_REGION_COUNTS = (3, 6)


def find_regional_variables(system: ConstraintSystem, areas: Hierarchies) -> dict[str, Integers]:
    """Return, for each region, variables of its authorities and of the areas that contain them."""
    containing, regions = _index_containing(areas), areas.parents[REGIONS]
    members: dict[str, set[str]] = defaultdict(set)
    for area, region in regions.items():
        if area not in set(regions.values()):
            members[region] |= _find_containing(area, containing)
    return {region: select_variables(system, members[region]) for region in sorted(members)}


def find_sibling_variables(system: ConstraintSystem, areas: Hierarchies) -> dict[str, Integers]:
    """Return, for each region, the variables of other regions that must vary together with it.

    These are the variables of each sibling region's largest authority, and of the areas that
    contain this authority. Only Inner and Outer London are siblings. If a sibling stayed at its
    true counts, the sum of the region itself would be known.
    """
    containing, regions = _index_containing(areas), areas.parents[REGIONS]
    largest = _find_largest_authorities(system, areas)
    variables = {}
    parents = set(regions.values())
    for region in sorted({parent for area, parent in regions.items() if area not in parents}):
        moving: set[str] = set()
        parent = regions.get(region)
        for other, area in largest.items():
            is_sibling = parent in regions and regions.get(other) == parent
            if other != region and is_sibling:
                moving |= _find_containing(area, containing)
        variables[region] = select_variables(system, moving)
    return variables


def choose_moving_authorities(system: ConstraintSystem, areas: Hierarchies) -> list[str]:
    """Return one authority of each region; authorities with new counts are preferred.

    An authority that was taken over shares its variables with the earlier release, so they vary
    alike in both releases. Counts that only this release has can vary independently.
    """
    *earlier, last = system.variables_by_release
    before = np.concatenate([np.zeros(0, dtype=np.int64), *earlier])
    changed = _sort_by_size(system, areas, np.setdiff1d(last, before))
    chosen: dict[str, str] = {}
    for area in (*changed, *_find_largest_authorities(system, areas).values()):
        chosen.setdefault(areas.parents[REGIONS][area], area)
    return list(chosen.values())


def _find_largest_authorities(system: ConstraintSystem, areas: Hierarchies) -> dict[str, str]:
    """Return, for each region, the authority with the largest counts."""
    largest: dict[str, str] = {}
    for area in _sort_by_size(system, areas, range(len(system.truth))):
        largest.setdefault(areas.parents[REGIONS][area], area)
    return largest


def _sort_by_size(
    system: ConstraintSystem, areas: Hierarchies, variables: Iterable[int]
) -> list[str]:
    """Return the authorities to which some variables belong, largest counts first."""
    regions = areas.parents[REGIONS]
    parents = set(regions.values())
    size: Counter[str] = Counter()
    for variable in variables:
        area = system.area[variable]
        if area in regions and area not in parents:
            size[area] += int(system.truth[variable])
    return sorted(size, key=lambda area: (-size[area], area))


def select_variables(system: ConstraintSystem, areas: Collection[str]) -> Integers:
    """Return the variables of some areas."""
    chosen = [variable for variable, area in enumerate(system.area) if area in areas]
    return np.array(chosen, dtype=np.int64)


def _index_containing(areas: Hierarchies) -> dict[str, set[str]]:
    containing: dict[str, set[str]] = defaultdict(set)
    for parents in areas.parents.values():
        for area, parent in parents.items():
            containing[area].add(parent)
    return containing


def _find_containing(area: str, containing: dict[str, set[str]]) -> set[str]:
    """Return an area and all areas that contain it."""
    closure, waiting = {area}, [area]
    while waiting:
        new = containing.get(waiting.pop(), set()) - closure
        closure |= new
        waiting += new
    return closure


class WiderViews:
    """The wider views of each view, built when they are first needed."""

    def __init__(
        self, system: ConstraintSystem, matrix: ConstraintMatrix, areas: Hierarchies
    ) -> None:
        self.views: list[AuditView] = []
        self._system, self._matrix = system, matrix
        self._containing = _index_containing(areas)
        self._moving = choose_moving_authorities(system, areas)
        # For each wider view, by name: the view of a region or insider from which it was widened,
        # and the number of steps.
        self._origin: dict[str, tuple[AuditView, int]] = {}
        self._views_by_name: dict[str, AuditView] = {}

    def get_wider(self, view: AuditView) -> AuditView | None:
        """Return the next wider view. For the widest view and the full system, return None."""
        narrowest, step = self._origin.get(view.name, (view, 0))
        name = f"{narrowest.name}, wider {step + 1}"
        if name not in self._views_by_name and step < len(OTHER_REGION_COUNTS):
            self._build_wider(name, view, narrowest, step)
        return self._views_by_name.get(name)

    def _build_wider(self, name: str, view: AuditView, narrowest: AuditView, step: int) -> None:
        members = narrowest.programme.members
        own = {self._system.area[variable] for variable in members} | {narrowest.insider}
        others = [area for area in self._moving if area not in own][: OTHER_REGION_COUNTS[step]]
        moving = set().union(*(_find_containing(area, self._containing) for area in others))
        wider_members = np.union1d(members, select_variables(self._system, moving))
        if len(wider_members) == len(view.programme.members):
            return
        programme = LinearProgramme(self._system, self._matrix, wider_members, is_large=True)
        wider = AuditView(name, programme, np.zeros(0, dtype=np.int64), narrowest.insider)
        wider.is_relaxed = narrowest.is_relaxed
        self._origin[name], self._views_by_name[name] = (narrowest, step + 1), wider
        self.views.append(wider)
