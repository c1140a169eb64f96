"""Which area contains which, as far as the columns and the numbers of a table show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from suppression_attack.attack_programme import Floats
from suppression_attack.drafted_columns import DraftTable, Series

# How many areas may form another area of the same level, such as London and its two parts.
MAX_PARTS_OF_SAME_LEVEL = 3
MIN_TESTS = 5


def draft_parents(
    table: DraftTable,
    counted: Sequence[Series],
    rounding: Mapping[str, int],
    questions: list[str],
) -> tuple[dict[str, str], list[str]]:
    """Return the parent of each area, and the areas that count more than their parts together.

    Sums that do not hold become `questions`.
    """
    level_of = {place.area: place.level for place in table.places if place.area}
    values = _collect_values(table, counted)
    if table.is_standard:
        parents = _read_parents(table)
    elif table.parent_column:
        parents = _read_named_parents(table)
    else:
        parents = _find_top(level_of, values)
        if not parents and len(level_of) > 1:
            questions.append("which area contains which? Add `areas` and a tie over them")
    children: dict[str, list[str]] = defaultdict(list)
    for area, parent in parents.items():
        if area in values and parent in values:
            children[parent].append(area)
    incomplete = []
    for parent, parts in sorted(children.items()):
        units = [rounding.get(level_of[area], 1) for area in (parent, *parts)]
        slack = 0.5 * sum(units)
        nested = _find_nested(parts, values, slack)
        parents |= nested
        rest = [area for area in parts if area not in nested]
        gap = values[parent] - sum(values[area] for area in rest)
        tested = gap[~np.isnan(gap)]
        if len(tested) and (np.abs(tested) <= slack).all():
            continue
        if len(tested) and (tested >= -slack).all():
            incomplete.append(parent)
            questions.append(f"does {parent} count people of no known part? It exceeds their sum")
        elif len(tested):
            failed = int((np.abs(tested) > slack).sum())
            parents = {area: each for area, each in parents.items() if each != parent}
            questions.append(
                f"which areas form {parent}? The sum failed at {failed} of {len(tested)} figures"
            )
    return parents, incomplete


def _collect_values(table: DraftTable, counted: Sequence[Series]) -> dict[str, Floats]:
    """Return all counts of each area, by year and series; what is not printed is no number."""
    years = {year: number for number, year in enumerate(sorted({p.year for p in table.places}))}
    values: dict[str, Floats] = defaultdict(lambda: np.full((len(years), len(counted)), np.nan))
    for position, place in enumerate(table.places):
        for number, series in enumerate(counted):
            values[place.area][years[place.year], number] = table.series[series][position]
    return values


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


def _find_top(level_of: Mapping[str, str], values: Mapping[str, Floats]) -> dict[str, str]:
    """Return the one area with the largest counts as the parent of all others, if they add up."""
    areas = [area for area in level_of if not np.isnan(values[area]).all()]
    if len(areas) < 3:
        return {}
    top = max(areas, key=lambda area: float(np.nansum(values[area])))
    others = [area for area in areas if area != top]
    gap = values[top] - sum(values[area] for area in others)
    tested = gap[~np.isnan(gap)]
    is_sum = len(tested) and (np.abs(tested) <= 0.02 * np.nanmax(values[top])).all()
    return dict.fromkeys(sorted(level_of.keys() - {top}), top) if is_sum else {}


def _find_nested(
    areas: Sequence[str], values: Mapping[str, Floats], slack: float
) -> dict[str, str]:
    """Return areas that together form another area beside them, with this area."""
    for whole_area in sorted(areas):
        others = [area for area in sorted(areas) if area != whole_area]
        for size in range(2, MAX_PARTS_OF_SAME_LEVEL + 1):
            for parts in combinations(others, size):
                gap = values[whole_area] - sum(values[area] for area in parts)
                tested = gap[~np.isnan(gap)]
                if len(tested) >= MIN_TESTS and (np.abs(tested) <= slack).all():
                    return dict.fromkeys(parts, whole_area)
    return {}
