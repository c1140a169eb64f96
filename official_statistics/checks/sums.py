"""Shown counts that should add up do so within their rounding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from official_statistics.checks.recomputation import read_cells
from official_statistics.data_sets import TOTAL, DataSet, Filter, read_data_sets
from official_statistics.releases import Version

SMALL_LEVELS = ("Local authority", "Police force area")
Cells = Mapping[tuple[Any, ...], int]


def broken_sums(version: Version, units: Mapping[str, int]) -> Iterator[str]:
    """Yield the sums of shown counts that rounding alone cannot explain."""
    for data_set in read_data_sets():
        if data_set.counted_on != "base":
            continue
        cells = list(read_cells(version, data_set))
        for indicator in data_set.counts:
            if indicator.of not in ("episodes", "children"):
                continue
            shown = {
                (
                    cell["reporting_year"],
                    cell["geographic_level"],
                    cell["area_code"],
                    cell["filter_values"],
                ): cell["shown"]
                for cell in cells
                if cell["measure"] == indicator.name
            }
            adding = [one for one in data_set.filters if _adds_up(one, str(indicator.of))]
            for one in adding:
                for place, count, parts in _sums(data_set, one, shown):
                    unit = units["authority" if place[1] in SMALL_LEVELS else "area"]
                    if abs(count - sum(parts)) > (len(parts) + 1) * unit / 2:
                        yield (
                            f"{data_set.name}: {indicator.name} over {one.name} at"
                            f" {place[0]} {place[1]} {place[2]} is not the sum of its items"
                        )


def _adds_up(one: Filter, unit: str) -> bool:
    has_total = TOTAL in one.item_names and one.groups is None
    return has_total and one.divides and (unit == "episodes" or one.one_a_child)


def _sums(
    data_set: DataSet, one: Filter, shown: Mapping[tuple[Any, ...], Any]
) -> Iterator[tuple[tuple[Any, ...], int, list[int]]]:
    """The place, the Total and its items, wherever all of them are shown.

    Where another filter is counted in its cell (how often a child was missing in this care status),
    a child is under different items of it in a part and in the Total: only its Total adds up.
    """
    in_cell = [other.name for other in data_set.filters if other.in_cell and other.name != one.name]
    groups: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for combination in data_set.combinations():
        if any(combination.values[name] != TOTAL for name in in_cell):
            continue
        others = tuple(
            (name, item) for name, item in combination.values.items() if name != one.name
        )
        for key, value in _at(shown, combination.filter_values):
            groups[*key, others][combination.values[one.name]] = value
    for key, items in groups.items():
        total = items.pop(TOTAL, None)
        if total is not None and items and all(value is not None for value in items.values()):
            yield key, total, list(items.values())


def _at(shown: Mapping[tuple[Any, ...], Any], values: str) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for (year, level, area, filter_values), value in shown.items():
        if filter_values == values:
            yield (year, level, area), value
