"""The public files of the latest release of statistics, as two relations.

`released_figures` has one row for each figure of a data file. `released_screener_rules` has one row
for each file and rule of the platform's screener. `official_statistics` defines the figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from official_statistics import DataSet, Indicator, read_data_sets
from official_statistics.releases import latest_version
from official_statistics.screening import read_pairs, screen_pair
from register.settings import Settings

# The numbers of the rules of the publishing platform's screener (eesyscreener).
# `official_statistics.screening` applies them.
SCREENER_RULES = range(1, 15)
AREA_CODE_COLUMNS = {
    "National": "country_code",
    "Regional": "region_code",
    "Local authority": "old_la_code",
    "Police force area": "pfa_code",
}
ROUNDING_UNITS = {"National": 10, "Regional": 10, "Local authority": 5, "Police force area": 5}
FIGURES = pa.schema(
    [
        ("file", pa.string()),
        ("reporting_year", pa.int64()),
        ("geographic_level", pa.string()),
        ("area_code", pa.string()),
        ("filter_values", pa.string()),
        ("indicator", pa.string()),
        ("kind", pa.string()),
        ("figure", pa.string()),
        ("rounding_unit", pa.int64()),
    ]
)
RULES = pa.schema(
    [
        ("file", pa.string()),
        ("rule_number", pa.int64()),
        ("failure_count", pa.int64()),
        ("warning_count", pa.int64()),
    ]
)

RELEASED_RELATIONS = {"released_figures": FIGURES, "released_screener_rules": RULES}


def read_released_tables(settings: Settings) -> dict[str, pa.Table] | None:
    """Return `released_figures` and `released_screener_rules`; None if no release is published."""
    version = latest_version(settings)
    if version is None:
        return None
    return {
        "released_figures": pa.Table.from_pylist(list(_read_figures(version.data)), schema=FIGURES),
        "released_screener_rules": pa.Table.from_pylist(
            list(_count_screener_failures(version.data)), schema=RULES
        ),
    }


def _read_figures(folder: Path) -> Iterator[dict[str, Any]]:
    described = {data_set.name: data_set for data_set in read_data_sets()}
    for pair in read_pairs(folder):
        data_set = described[pair.name]
        names = [item.name for item in data_set.filters]
        for row in pair.rows:
            level = row["geographic_level"]
            values = ";".join(f"{name}={row[name]}" for name in names)
            for indicator in data_set.indicators:
                if indicator.name not in row:  # a release by an older version lacks it
                    continue
                yield {
                    "file": pair.name,
                    "reporting_year": int(row["time_period"]),
                    "geographic_level": level,
                    "area_code": row[AREA_CODE_COLUMNS[level]],
                    "filter_values": values,
                    "indicator": indicator.name,
                    "kind": _classify_figure(data_set, indicator),
                    "figure": row[indicator.name],
                    "rounding_unit": ROUNDING_UNITS[level],
                }


def _classify_figure(data_set: DataSet, indicator: Indicator) -> str:
    """Return the kind of a figure: `count`, `other_count` or `made`.

    A `count` is of children or episodes in the base table. An `other_count` is any other count. A
    figure that is derived is `made`.
    """
    if not indicator.is_count:
        return "made"
    return "count" if data_set.counted_on == "base" else "other_count"


def _count_screener_failures(folder: Path) -> Iterator[Mapping[str, Any]]:
    for pair in read_pairs(folder):
        faults = Counter((fault.rule, fault.severity) for fault in screen_pair(pair))
        for rule in SCREENER_RULES:
            yield {
                "file": pair.name,
                "rule_number": rule,
                "failure_count": faults[(rule, "failure")],
                "warning_count": faults[(rule, "warning")],
            }
