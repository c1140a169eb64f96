"""Groups of unknowns that the search varies together: an area, its parts and sibling areas.

If all other areas were fixed, sums that include them would be fixed too. So one part of each
sibling area varies as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from suppression_attack.attack_programme import Floats, Integers
from suppression_attack.table import Table


def find_groups(table: Table, members: Integers, lower: Floats) -> list[Integers]:
    """Return a group of unknowns for each area that has parts, except groups with all members.

    The table's first hierarchy says which area contains which. `lower` are bounds of the unknowns.
    """
    parents = next(iter(table.hierarchies.values()), {})
    containing: dict[str, set[str]] = defaultdict(set)
    for hierarchy in table.hierarchies.values():
        for area, parent in hierarchy.items():
            containing[area].add(parent)
    not_lowest = set().union(*containing.values())
    lowest = {area: parent for area, parent in parents.items() if area not in not_lowest}
    largest = _find_largest_parts(table, lowest, lower)
    moving_by_area: dict[str, set[str]] = defaultdict(set)
    for area, parent in lowest.items():
        moving_by_area[parent] |= _find_containing(area, containing)
    groups = []
    for area in sorted(moving_by_area):
        moving = moving_by_area[area]
        for other, part in largest.items():
            is_sibling = parents.get(area) in parents and parents.get(other) == parents.get(area)
            if other != area and is_sibling:
                moving |= _find_containing(part, containing)
        group = [each for each in members if table.unknowns[each].areas & moving]
        if group and len(group) < len(members):
            groups.append(np.array(group))
    return groups


def _find_largest_parts(table: Table, lowest: Mapping[str, str], lower: Floats) -> dict[str, str]:
    """Return, for each area, its part with the largest counts (by lower bounds)."""
    size: dict[str, float] = defaultdict(float)
    for unknown, least in zip(table.unknowns, lower, strict=True):
        for area in unknown.areas & lowest.keys():
            size[area] += float(least)
    largest: dict[str, str] = {}
    for area in sorted(size, key=lambda area: (-size[area], area)):
        largest.setdefault(lowest[area], area)
    return largest


def _find_containing(area: str, containing: Mapping[str, set[str]]) -> set[str]:
    """Return an area and all areas that contain it."""
    closure, waiting = {area}, [area]
    while waiting:
        new = containing.get(waiting.pop(), set()) - closure
        closure |= new
        waiting += new
    return closure
