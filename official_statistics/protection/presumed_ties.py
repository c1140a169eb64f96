"""Ties that readers may presume, because of what counts mean, though records may contradict them.

`ties` derives the ties that always hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from official_statistics.data_sets import DataSet
from official_statistics.protection.tie_patterns import Pattern, Tie


def presume_ties(data_sets: Iterable[DataSet]) -> Iterator[Tie]:
    """Yield the ties that readers may presume. Counts are hidden as if readers knew them.

    They are not in `ties.yaml`, which would tell readers where they are true.
    """
    by_name = {each.name: each for each in data_sets}
    for data_set in by_name.values():
        for rule in data_set.presumed:
            if any(name not in by_name for name, _ in (rule.total, *rule.parts)):
                continue
            for unit in ("episodes", "children"):
                total, *parts = (
                    (name, by_name[name].find_count(unit), items)
                    for name, items in (rule.total, *rule.parts)
                )
                # A child may be in several parts, so counts of children do not add up.
                if unit == "children" and (rule.is_sum or len(parts) > 1):
                    continue
                sides = [
                    Pattern(name, count, items) for name, count, items in (total, *parts) if count
                ]
                if len(sides) == 1 + len(parts):
                    yield Tie(
                        f"{data_set.name}: {unit} as readers may presume",
                        "add" if rule.is_sum else "at_least",
                        (sides[0],),
                        tuple(sides[1:]),
                        is_presumed=True,
                    )
