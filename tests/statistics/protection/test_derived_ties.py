"""What `ties.yaml` says that a figure follows from is what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from official_statistics import DataSet, Indicator, data_set_named, read_data_sets
from official_statistics.derived_figures import LinkageRates, Place, derive_figure
from official_statistics.protection.ties_file import describe_derived
from official_statistics.public_figures import Figure
from register.intervals import Interval

Read = tuple[str, str, tuple[tuple[str, str], ...]]
RATES = LinkageRates(Interval(0.9, 0.8, 0.95), Interval(0.9, 0.8, 0.95))
MADE = [
    (data_set, indicator)
    for data_set in read_data_sets()
    for indicator in data_set.indicators
    if indicator.derivation and not indicator.is_open
]


def _read(data_set: DataSet, indicator: Indicator, values: Mapping[str, str]) -> set[Read]:
    """The shown counts that the figure of a row is made of."""
    used_counts: set[Read] = set()

    def find_count(name: str, items: Mapping[str, str], measure: str) -> Figure:
        used_counts.add((name, measure, tuple(sorted(items.items()))))
        return Figure(100)

    derive_figure(data_set, indicator, values, Place(find_count, 20, RATES))
    return used_counts


def _list_described(entry: Mapping[str, Any], values: Mapping[str, str]) -> set[Read]:
    """The shown counts that an entry of `ties.yaml` names for the figure of a row."""
    described = set()
    for source in entry["from"]:
        name = source.get("file", entry["file"])
        items = {one.name: values.get(one.name, "") for one in data_set_named(name).filters}
        items |= source.get("where", {})
        described.add((name, source["measure"], tuple(sorted(items.items()))))
    return described


@pytest.mark.parametrize(
    ("data_set", "indicator"), MADE, ids=[f"{one.name}-{each.name}" for one, each in MADE]
)
def test_a_figure_is_said_to_follow_from_what_it_is_made_of(
    data_set: DataSet, indicator: Indicator
) -> None:
    """Prevents an attack that looks at other counts than those a figure gives away."""
    entries = [
        one
        for one in describe_derived(data_set, read_data_sets())
        if one["measure"] == indicator.name
    ]
    compared = 0
    for combination in data_set.combinations():
        values = dict(combination.values)
        entry = next(
            (
                one
                for one in entries
                if all(values.get(name) == item for name, item in one.get("where", {}).items())
            ),
            None,
        )
        read = _read(data_set, indicator, values)
        if entry is None or not read:
            continue
        assert read <= _list_described(entry, values), values
        compared += 1
    assert compared
