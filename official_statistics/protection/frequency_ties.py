"""Ties between counts of children with many episodes, in parts of the children and in all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from official_statistics.data_sets import TOTAL, DataSet, Filter
from official_statistics.protection.tie_patterns import Pattern, Tie


def tie_frequent_children(data_set: DataSet, part: Filter, regions: str) -> Iterator[Tie]:
    """Tie counts of frequent episodes to those of a filter's item, and of areas inside the area.

    A child with so many episodes in an item or a region has at least as many in the total.
    `regions` names the hierarchy of regions.
    """
    frequencies = [item.name for item in part.items if item.episodes]
    for indicator in data_set.counts:
        for other in data_set.filters:
            if other is part or not other.divides:
                continue
            names = [item.name for item in other.items if item.name != TOTAL]
            for start, name in product(range(1, len(frequencies)), names):
                total, inside = (
                    tuple(
                        Pattern(data_set.name, indicator.name, {other.name: item, part.name: each})
                        for each in frequencies[start:]
                    )
                    for item in (TOTAL, name)
                )
                label = f"{data_set.name}: from {frequencies[start]} in {name}"
                yield Tie(label, "at_least", total, inside)
        often = Pattern(data_set.name, indicator.name, {part.name: frequencies[-1]})
        yield Tie(f"{data_set.name}: areas of {frequencies[-1]}", "within", (often,), over=regions)
