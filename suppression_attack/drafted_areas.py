"""Which area contains which, as far as the columns and the numbers of a table show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from suppression_attack.attack_programme import Floats
from suppression_attack.drafted_columns import DraftTable, Series

# How many areas may form another area of the same level, such as London and its two parts.
MAX_PARTS_OF_SAME_LEVEL = 3
MIN_TESTS = 5
# Without columns that say more, an area whose sum differs by less may be the total of all others.
MAX_TOTAL_DIFFERENCE = 0.02


@dataclass(frozen=True)
class AreaGap:
    """By how much the counts of an area exceed those of its parts, and how much rounding allows."""

    parent: str
    gaps: Floats
    slack: float

    def count_exceeded(self) -> int:
        """Return how often the parts count more than the area."""
        return int((self.gaps < -self.slack).sum())

    def exceeds(self) -> bool:
        """Return whether the area somewhere counts more than its parts."""
        return bool((self.gaps > self.slack).any())


def draft_parents(
    table: DraftTable, counted: Sequence[Series], rounding: Mapping[str, int]
) -> dict[str, str]:
    """Return the parent of each area that columns name or sums show."""
    values = _collect_values(table, counted)
    if table.is_standard:
        parents = _read_parents(table)
    elif table.parent_column:
        parents = _read_named_parents(table)
    else:
        parents = _find_top(values)
    level_of = {place.area: place.level for place in table.places}
    for parent, parts in _list_parts(parents, values).items():
        units = [rounding.get(level_of[area], 1) for area in (parent, *parts)]
        parents |= _find_nested(parts, values, float(sum(unit // 2 for unit in units)))
    return parents


def list_area_gaps(
    table: DraftTable,
    parents: Mapping[str, str],
    counted: Sequence[Series],
    rounding: Mapping[str, int],
) -> list[AreaGap]:
    """Return the differences between each area and its parts, where all are printed."""
    values = _collect_values(table, counted)
    level_of = {place.area: place.level for place in table.places}
    gaps = []
    for parent, parts in sorted(_list_parts(parents, values).items()):
        gap = values[parent] - sum(values[area] for area in parts)
        units = [rounding.get(level_of[area], 1) for area in (parent, *parts)]
        gaps.append(AreaGap(parent, gap[~np.isnan(gap)], float(sum(unit // 2 for unit in units))))
    return gaps


def _list_parts(parents: Mapping[str, str], values: Mapping[str, Floats]) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    for area, parent in parents.items():
        if area in values and parent in values:
            parts[parent].append(area)
    return parts


def _collect_values(table: DraftTable, counted: Sequence[Series]) -> dict[str, Floats]:
    """Return all counts of each area, by year and series; what is not printed is no number."""
    years = {year: number for number, year in enumerate(sorted({p.year for p in table.places}))}
    values: dict[str, Floats] = defaultdict(lambda: np.full((len(years), len(counted)), np.nan))
    for position, place in enumerate(table.places):
        for number, series in enumerate(counted):
            values[place.area][years[place.year], number] = table.series[series][position]
    return dict(values)


def _read_parents(table: DraftTable) -> dict[str, str]:
    """Return the parents that the columns of Explore Education Statistics name."""
    parents = {}
    for line in table.lines:
        level = line[table.level]
        region, country = line.get("region_code", ""), line.get("country_code", "")
        area = line[table.area_columns[level]] if level in table.area_columns else ""
        if level == "Regional" and country:
            parents[area] = country
        elif level == "Local authority" and region:
            parents[area] = region
    parents.pop("", None)
    return parents


def _read_named_parents(table: DraftTable) -> dict[str, str]:
    """Return the parents that a column of the table names."""
    column = table.area_columns[""]
    pairs = ((line[column], line[table.parent_column]) for line in table.lines)
    return {area: parent for area, parent in pairs if parent}


def _find_top(values: Mapping[str, Floats]) -> dict[str, str]:
    """Return the one area with the largest counts as the parent of all others, if they add up."""
    areas = [area for area in values if not np.isnan(values[area]).all()]
    if len(areas) < 3:
        return {}
    top = max(areas, key=lambda area: float(np.nansum(values[area])))
    gap = values[top] - sum(values[area] for area in areas if area != top)
    tested = gap[~np.isnan(gap)]
    allowed = MAX_TOTAL_DIFFERENCE * np.nanmax(values[top])
    is_sum = len(tested) and (np.abs(tested) <= allowed).all()
    return dict.fromkeys(sorted(values.keys() - {top}), top) if is_sum else {}


def _find_nested(
    areas: Sequence[str], values: Mapping[str, Floats], slack: float
) -> dict[str, str]:
    """Return areas that together form another area beside them, with this area."""
    for outer in sorted(areas):
        others = [area for area in sorted(areas) if area != outer]
        for size in range(2, MAX_PARTS_OF_SAME_LEVEL + 1):
            for parts in combinations(others, size):
                gap = values[outer] - sum(values[area] for area in parts)
                tested = gap[~np.isnan(gap)]
                if len(tested) >= MIN_TESTS and (np.abs(tested) <= slack).all():
                    return dict.fromkeys(parts, outer)
    return {}
