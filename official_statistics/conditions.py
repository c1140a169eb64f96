"""Conditions that select the base table's rows for each count, as tables for dbt to join.

Counts of the same rows have the same condition in all files, so dbt counts them only once. The
counting itself is in `dbt_project/models/statistics`.
"""

from __future__ import annotations

from itertools import product

import pyarrow as pa

from official_statistics.data_sets import (
    Combination,
    Conditions,
    DataSet,
    Indicator,
    join_conditions,
    list_counts,
    read_data_sets,
)

# The columns of the base table that a condition can restrict.
CONDITION_COLUMNS = (
    "care_status",
    "absence_category",
    "source_status",
    "is_expected_both",
    "age_group",
    "sex",
    "ethnicity_major",
    "placement",
    "boundary",
    "duration_band",
    "reason_code",
    "category_police",
    "category_authority",
    "police_risk_level",
    "same_area",
    "interview_offered",
    "interview_accepted",
    "interview_held",
    "interview_within_72_hours",
    "hours_band",
    "over_24_hours_lower",
    "over_24_hours_upper",
    "start_month",
    "outcome",
    "legal_status",
    "unaccompanied",
    "trafficking_risk",
)
ROW_SCHEMA = pa.schema(
    [
        ("data_set", pa.string()),
        ("geographic_level", pa.string()),
        ("filter_values", pa.string()),
        ("measure", pa.string()),
        ("unit", pa.string()),
        ("counted_on", pa.string()),
        ("condition_id", pa.string()),
        ("episodes_least", pa.int32()),
        ("episodes_most", pa.int32()),
        ("linkage_code", pa.string()),
        ("source_status", pa.string()),
        ("item_codes", pa.string()),
    ]
)
EVERY_ROW = "every row"
MAX_EPISODES = 1_000_000


def condition_table() -> pa.Table:
    """Return a row for each alternative of each condition; null allows any code of a column.

    A row of the base table meets a condition if, for one alternative, it has the same code in every
    column that is not null. No row meets two alternatives of a condition.
    """
    conditions = {}
    for _, indicator, combination in list_counts(read_data_sets()):
        where = _check_conditions(indicator, combination)
        conditions[_name_condition(where)] = where
    rows = [
        {"condition_id": name, **dict(zip(where, codes, strict=True))}
        for name, where in sorted(conditions.items())
        for codes in product(*where.values())
    ]
    schema = pa.schema([(name, pa.string()) for name in ("condition_id", *CONDITION_COLUMNS)])
    return pa.Table.from_pylist(rows, schema=schema)


def row_table() -> pa.Table:
    """Return a row for each count of each file and geographic level, with the count's condition."""
    rows = []
    for data_set, indicator, combination in list_counts(read_data_sets()):
        row = _describe_count(data_set, indicator, combination)
        rows += [{**row, "geographic_level": level} for level in data_set.levels]
    return pa.Table.from_pylist(rows, schema=ROW_SCHEMA)


def _name_condition(where: Conditions) -> str:
    """Return the name of a condition. Conditions that select the same rows have the same name."""
    parts = [f"{column}={'|'.join(sorted(codes))}" for column, codes in sorted(where.items())]
    return ";".join(parts) or EVERY_ROW


def _check_conditions(indicator: Indicator, combination: Combination) -> Conditions:
    """Return the conditions of a count. Raises `ValueError` if the base lacks a column of them."""
    where = join_conditions(indicator, combination)
    if unknown := set(where) - set(CONDITION_COLUMNS):
        raise ValueError(f"the base has no column {sorted(unknown)}")
    return where


def _describe_count(
    data_set: DataSet, indicator: Indicator, combination: Combination
) -> dict[str, object]:
    episodes = next((item.episodes for item in combination.items if item.episodes), None)
    linkage = next((item.linkage for item in combination.items if item.linkage), None)
    codes = sorted(code for item in combination.items for code in item.codes)
    status = combination.where.get("source_status")
    counted_on = "links" if linkage else data_set.counted_on
    return {
        "data_set": data_set.name,
        "filter_values": combination.filter_values,
        "measure": indicator.name,
        "unit": indicator.of,
        # The base table uses the central linkage, so counts at this linkage are made on it.
        "counted_on": "base" if linkage == "central" else counted_on,
        "condition_id": _name_condition(join_conditions(indicator, combination)),
        "episodes_least": episodes[0] if episodes else 1,
        "episodes_most": (episodes[1] if episodes else None) or MAX_EPISODES,
        "linkage_code": linkage,
        "source_status": status[0] if linkage and status else None,
        "item_codes": "|".join(codes) or None,
    }
