"""Shares of the published tables: null where nothing could be counted, and a number elsewhere."""

from __future__ import annotations

import fnmatch
from typing import Any

import duckdb
import pytest

from tests.end_to_end.conftest import Nation

pytestmark = pytest.mark.slow

SHARE_NAMES = ("*_share", "*_share_shrunk", "*_share_possible", "*_agreement", "*_per_child")
# By column, of any table: what it is a share of, over the columns of its row. A share of agreement
# has it in its YAML (`denominator`).
WHOLES = {
    "both_share_shrunk": "total_count",
    "both_when_expected_share_shrunk": "both_expected_count",
    "positive_agreement": "both_expected_count",
    "missing_agreement": "missing_by_both_count + missing_by_police_count"
    " + missing_by_authority_count",
    "away_agreement": "missing_by_neither_count + missing_by_police_count"
    " + missing_by_authority_count",
    "corrected_both_share": "corrected_total_count",
    # What the police alone hold is corrected for children in care alone.
    "corrected_police_only_share": "case when population_code in ('looked_after', 'out_of_area')"
    " then corrected_total_count end",
    "corrected_authority_only_share": "corrected_total_count",
    "police_known_share": "corrected_absence_estimate",
    "authority_known_share": "corrected_absence_estimate",
    "episode_share": "episode_count",
    "missing_episodes_per_child": "missing_children_count",
    "away_episodes_per_child": "away_children_count",
    "missing_children_share": "looked_after_children_count",
    "repeat_children_share": "children_count",
    "third_children_share": "children_count",
    "episodes_per_child": "children_count",
    "top_episode_share": "episode_count",
    "offered_share": "recorded_count",
    "offered_recorded_share": "recorded_count",
    "accepted_share": "offered_count",
    "held_share": "recorded_count",
    "held_recorded_share": "recorded_count",
    "within_72_hours_share": "within_72_hours_count + not_within_72_hours_count",
    "within_72_hours_share_possible": "held_count",
    "equal_share": "compared_count",
    "valid_share": "row_count",
    "churn_share": "known_mention_count",
    "right_share": "known_count",
    "true_listed_share": "listed_count",
    "baseline_share": "candidate_count",
    "primary_right_share": "known_count",
    "always_home_right_share": "known_count",
    "five_lines_right_share": "known_count",
    "stated_share": "case when value_code = 'unknown' then 0 else stated_episode_count end",
    # Of the pairs of one child, where the list was made.
    "review_share": "case when linkage_code = 'central' and scope_code = 'all'"
    " then true_count + missed_count end",
    "unlisted_share": "case when linkage_code = 'central' and scope_code = 'all'"
    " then true_count + missed_count end",
    # Of children in care, where an error rate of the home gives an estimate.
    "corrected_both_when_expected_share": "case when correction_code = 'estimate'"
    " and population_code in ('looked_after', 'out_of_area') then both_expected_count end",
}
# What these are a share of is no column of their row.
OF_OTHER_ROWS = {
    "true_share", "vanished_share", "counted_share", "corrected_share", "true_reason_share",
    "match_share",
}  # fmt: skip


@pytest.fixture(scope="module")
def register(nation: Nation) -> duckdb.DuckDBPyConnection:
    """The published file of the shared nation."""
    path = nation.built / "national_register.duckdb"
    return duckdb.connect(str(path), read_only=True)


@pytest.fixture(scope="module")
def wholes(manifest: dict[str, Any]) -> dict[str, str]:
    """What each share is a share of, by its name."""
    described = {
        name: column["meta"]["denominator"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
        if "denominator" in column["meta"]
    }
    assert not described.keys() & WHOLES.keys(), "said twice"
    return WHOLES | described


def _columns(register: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return register.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where data_type = 'DOUBLE' order by 1, 2"
    ).fetchall()


def _shares(register: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [
        (table, column)
        for table, column in _columns(register)
        if ".agg_" in table and any(fnmatch.fnmatch(column, name) for name in SHARE_NAMES)
    ]


def test_every_share_says_what_it_is_a_share_of(
    register: duckdb.DuckDBPyConnection, wholes: dict[str, str]
) -> None:
    """Prevents a new share from being published as 0.00 where nothing was expected."""
    named = {column for _, column in _shares(register)}
    assert named - set(wholes) - OF_OTHER_ROWS == set()
    assert len(named) > 30


def test_a_share_of_nothing_is_null(
    register: duckdb.DuckDBPyConnection, wholes: dict[str, str]
) -> None:
    """Prevents "0.00 agreement" of a place where nobody was expected to record anything."""
    wrong, empty = {}, 0
    for table, column in _shares(register):
        if column in OF_OTHER_ROWS:
            continue
        whole = f"coalesce({wholes[column]}, 0)"
        of_nothing, published, lacking = register.execute(
            f"select count(case when {whole} = 0 then 1 end),"
            f" count(case when {whole} = 0 then {column} end),"
            f" count(case when {whole} > 0 and {column} is null then 1 end) from {table}"
        ).fetchall()[0]
        empty += of_nothing
        if published or lacking:
            wrong[f"{table}.{column}"] = (published, lacking)
    assert wrong == {}
    assert empty > 0, "a nation in which every place expects everything tries nothing"


def test_every_published_number_is_one(register: duckdb.DuckDBPyConnection) -> None:
    """Prevents a division by 0 that is published as infinite, or as no number."""
    wrong = {
        f"{table}.{column}"
        for table, column in _columns(register)
        if register.execute(
            f"select count(*) from {table} where isnan({column}) or isinf({column})"
        ).fetchall()[0][0]
    }
    assert wrong == set()
