"""The invented year has what the files of a release have."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.publication.nation_of_episodes import national_year
from official_statistics import DataSet, read_data_sets

COUNTED = [each for each in read_data_sets() if each.counted_on == "base" and each.counts]


@pytest.fixture(scope="module")
def episodes() -> Counter[tuple[str, str, str]]:
    """The national count of each file, combination of items and indicator."""
    cells = national_year(3, children=600, authorities=("390", "391", "815"))
    found: Counter[tuple[str, str, str]] = Counter()
    for each in cells.to_pylist():
        if each["geographic_level"] == "National":
            found[each["dataset"], each["filter_values"], each["measure"]] += each["value"]
    return found


@pytest.mark.parametrize("data_set", COUNTED, ids=lambda each: each.name)
def test_the_invented_year_has_every_count_of_a_file(
    data_set: DataSet, episodes: Counter[tuple[str, str, str]]
) -> None:
    """Prevents a figure that is released from being left out of the attack, or always 0 there."""
    described = {
        (data_set.name, each.filter_values, count.name)
        for each in data_set.combinations()
        for count in data_set.counts
        if count.exists_on(each.values)
    }
    assert {key for key in episodes if key[0] == data_set.name} == described
    of_items: Counter[tuple[str, str]] = Counter()
    for name, items, measure in described:
        for item in items.split(";"):
            of_items[item, "item"] += episodes[name, items, measure]
        of_items[measure, "indicator"] += episodes[name, items, measure]
    assert [key for key, count in of_items.items() if not count] == []
