"""The views of a release in which its hidden counts are proved protected.

A view of a region keeps all other regions at their true counts. Then the nation beyond the region
can vary only by the rounding of two counts. A wider view also lets one authority of each of a few
other regions vary. It proves nearly all that the whole system proves, in a fraction of the time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from official_statistics.protection.constraint_system import (
    Bools,
    ConstraintSystem,
    Hierarchies,
    Integers,
)
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.suppression_audit import AuditView, KnownEnds
from official_statistics.protection.ties import REGIONS

# To the region of a view, a wider view adds one authority from each of this many other regions.
OTHER_REGION_COUNT = 6
# A system with at most this many variables that are not known is proved as a whole.
MAX_WHOLE_SIZE = 8_000


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


class ReaderViews:
    """The views in which hidden counts are proved: the whole system, or a view of each region.

    A small system has one view. In a large one, a wider view of each region is built when a count
    is not proved in the region's own view.
    """

    def __init__(
        self,
        system: ConstraintSystem,
        matrix: ConstraintMatrix,
        areas: Hierarchies,
        is_fixed: Bools,
        min_values: int,
    ) -> None:
        self._system, self._matrix, self._areas = system, matrix, areas
        self._is_fixed, self._min_values = is_fixed, min_values
        self._containing = _index_containing(areas)
        self._wider: dict[str, AuditView | None] = {}
        self._full_view: AuditView | None = None
        everything = np.arange(len(system.truth))
        self.is_whole = bool((~is_fixed).sum() <= MAX_WHOLE_SIZE)
        if self.is_whole:
            self._full_view = self._build("whole", everything, everything)
            self.views = [self._full_view]
            return
        self.views = []
        is_national = np.array(system.level) == "National"
        is_assigned = is_national.copy()
        siblings = find_sibling_variables(system, areas)
        for name, own in find_regional_variables(system, areas).items():
            members = np.union1d(own, siblings[name])
            self.views.append(self._build(name, members, own[~is_assigned[own]]))
            is_assigned[own] = True
        # A region alone can hardly move a count of the nation.
        wider = self.get_wider(self.views[0]) or self.get_full_view()
        wider.items = np.flatnonzero(is_national & ~is_fixed)
        if not is_assigned.all():
            full = self.get_full_view()
            full.items = np.union1d(full.items, everything[~is_assigned & ~is_fixed])

    def _build(self, name: str, members: Integers, items: Integers) -> AuditView:
        free, own = members[~self._is_fixed[members]], items[~self._is_fixed[items]]
        programme = LinearProgramme(self._system, self._matrix, free)
        ends = KnownEnds(self._system.truth.astype(float), self._min_values)
        return AuditView(name, programme, own, ends)

    def list_views(self) -> list[AuditView]:
        """Return all views that have been built."""
        built = [*self.views, *self._wider.values(), self._full_view]
        return list(dict.fromkeys(view for view in built if view is not None))

    def get_wider(self, view: AuditView) -> AuditView | None:
        """Return the wider view of a region's view; for other views, return None."""
        if view is self._full_view or view in self._wider.values():
            return None
        if view.name not in self._wider:
            self._wider[view.name] = self._build_wider(view)
        return self._wider[view.name]

    def get_full_view(self) -> AuditView:
        """Return the view of the whole system."""
        if self._full_view is None:
            everything = np.arange(len(self._system.truth))
            self._full_view = self._build("whole", everything, everything[:0])
        return self._full_view

    def _build_wider(self, view: AuditView) -> AuditView | None:
        members = view.programme.members
        own = {self._system.area[variable] for variable in members}
        moving_authorities = choose_moving_authorities(self._system, self._areas)
        others = [area for area in moving_authorities if area not in own][:OTHER_REGION_COUNT]
        moving = set().union(*(_find_containing(area, self._containing) for area in others))
        wider = np.union1d(members, select_variables(self._system, moving))
        if len(wider) == len(members):
            return None
        return self._build(f"{view.name}, wider", wider, members[:0])
