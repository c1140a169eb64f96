"""Which variables may move together in a view of the audit, by the areas that they are of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from official_statistics.protection.system import Hierarchies, Integers, Tables


def regional_members(tables: Tables, areas: Hierarchies) -> dict[str, Integers]:
    """For each area with lowest areas in it: the variables of these and of all areas around."""
    above, regions = _above(areas), areas.parents["regions"]
    around: dict[str, set[str]] = defaultdict(set)
    for part, whole in regions.items():
        if part not in set(regions.values()):
            around[whole] |= _closure(part, above)
    return {each: variables_of(tables, around[each]) for each in sorted(around)}


def members_beside(tables: Tables, areas: Hierarchies) -> dict[str, Integers]:
    """For each of these areas: variables of the other parts of an area around, but for a nation.

    An area that lies in nothing, such as the nation of a release without authorities, has none
    beside it. So of Outer London beside Inner London, with one lowest area in it: at its true
    counts such a part would hold the sum of both.
    """
    above, regions = _above(areas), areas.parents["regions"]
    largest = largest_of(tables, areas)
    found = {}
    wholes = set(regions.values())
    for region in sorted({whole for part, whole in regions.items() if part not in wholes}):
        beside: set[str] = set()
        whole = regions.get(region)
        for other, area in largest.items():
            is_part = whole in regions and regions.get(other) == whole
            if other != region and is_part:
                beside |= _closure(area, above)
        found[region] = variables_of(tables, beside)
    return found


def largest_of(tables: Tables, areas: Hierarchies) -> dict[str, str]:
    """By area with lowest areas in it: the one of these with the largest counts."""
    found: dict[str, str] = {}
    for area in _by_size(tables, areas, range(len(tables.truth))):
        found.setdefault(areas.parents["regions"][area], area)
    return found


def largest_changed(tables: Tables, areas: Hierarchies) -> list[str]:
    """One lowest area of each area around, those first that have counts of the last release alone.

    An area that was carried over is one variable in both releases, so it moves both alike.
    """
    *earlier, last = tables.variable_of
    before = np.concatenate([np.zeros(0, dtype=np.int64), *earlier])
    changed = _by_size(tables, areas, np.setdiff1d(last, before))
    found: dict[str, str] = {}
    for area in (*changed, *largest_of(tables, areas).values()):
        found.setdefault(areas.parents["regions"][area], area)
    return list(found.values())


def _by_size(tables: Tables, areas: Hierarchies, variables: Iterable[int]) -> list[str]:
    """The lowest areas that some variables are of, from that with the largest counts on."""
    regions = areas.parents["regions"]
    wholes = set(regions.values())
    size: Counter[str] = Counter()
    for variable in variables:
        area = tables.area[variable]
        if area in regions and area not in wholes:
            size[area] += int(tables.truth[variable])
    return sorted(size, key=lambda each: (-size[each], each))


def variables_of(tables: Tables, areas: Collection[str]) -> Integers:
    """The variables of some areas."""
    chosen = [variable for variable, area in enumerate(tables.area) if area in areas]
    return np.array(chosen, dtype=np.int64)


def closure_of(part: str, areas: Hierarchies) -> set[str]:
    """An area and all that it lies in."""
    return _closure(part, _above(areas))


def _above(areas: Hierarchies) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for parents in areas.parents.values():
        for part, whole in parents.items():
            found[part].add(whole)
    return found


def _closure(part: str, above: dict[str, set[str]]) -> set[str]:
    found, waiting = {part}, [part]
    while waiting:
        for whole in above.get(waiting.pop(), ()):
            if whole not in found:
                found.add(whole)
                waiting.append(whole)
    return found
