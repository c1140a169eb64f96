"""Small pairs of public files, right as they are, for tests that break them."""

from __future__ import annotations

from official_statistics import DataSet, data_set_named
from official_statistics.data_files import Release, build_data_table, build_meta_table
from official_statistics.data_sets import TOTAL
from official_statistics.public_figures import Area, ShownCounts
from official_statistics.screening import Pair

NATION = Area(2026, "National", "E92000001", "England", "E92000001")
REGION = Area(2026, "Regional", "E12000003", "Yorkshire and The Humber", "E12000003")
AUTHORITY = Area(
    2026,
    "Local authority",
    "815",
    "North Yorkshire",
    "E06000065",
    "E12000003",
    "Yorkshire and The Humber",
)
FORCE = Area(2026, "Police force area", "E23000009", "North Yorkshire Police", "E23000009")
PLACES = (NATION, REGION, FORCE, AUTHORITY)


def small_release(data_set: DataSet) -> Release:
    """Places with a count of 100 on rows of Total alone, and 50 on all others."""
    cells = [
        {
            "dataset": data_set.name,
            "reporting_year": area.reporting_year,
            "geographic_level": area.level,
            "area_code": area.code,
            "filter_values": combination.filter_values,
            "measure": indicator.name,
            "shown": 100 if set(combination.values.values()) == {TOTAL} else 50,
            "symbol": None,
        }
        for area in PLACES
        for combination in data_set.combinations()
        for indicator in data_set.counts
        if indicator.exists_on(combination.values)
    ]
    return Release(PLACES, ShownCounts(cells), low_denominator=20)


def small_pair(name: str) -> Pair:
    """The pair of a data set at four places."""
    data_set = data_set_named(name)
    return Pair(
        name, build_data_table(data_set, small_release(data_set)), build_meta_table(data_set)
    )
