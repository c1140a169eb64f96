"""Each published column that may place a child in time or in a file says how readers see it."""

from __future__ import annotations

import re
from typing import Any

from orchestration.dbt_manifest import list_coarse_levels
from register.publishing import coarsen_column
from register.serving import Column, Relation, is_about_a_child

SAME, MONTH, OMITTED = LEVELS = ("same", "month", "omitted")
DATES = ("date", "timestamp")
# Columns with these names may hold an age, a duration, a date as text or a position in a file.
NAMES = re.compile(
    r"(^|_)(age|days|hours|minutes|seconds|miles|postcode|birth|evidence)(_|$)"
    r"|^(file_name|row_number|line_number|rule_breach_id)$"
)
# Codes, names of codes and figures over several children.
OF_MANY = re.compile(r"_(code|name|count|share)(_|$)|_kappa|_id$")
# Dates and numbers about deliveries, areas, whole months and public files, and not about a child.
NOT_ABOUT_A_CHILD = {"start_month", "as_of_date"}


def _needs_level(name: str, data_type: str) -> bool:
    if data_type in DATES or name in {"file_name", "rule_breach_id"}:
        return True
    is_of_many = OF_MANY.search(name) is not None or data_type == "boolean"
    return NAMES.search(name) is not None and not is_of_many


def _published(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    published = list_coarse_levels(manifest)
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return [node for node in nodes if f"{node['schema']}.{node['name']}" in published]


def _relation(node: dict[str, Any]) -> Relation:
    columns = tuple(Column(name, "", True, "") for name in node["columns"])
    return Relation(node["schema"], node["name"], False, "", "", 0, columns, (), ())


def test_every_column_with_a_date_age_duration_or_position_declares_its_level(
    manifest: dict[str, Any],
) -> None:
    """Prevents a new column from showing an exact date to everybody who may read months."""
    levels = list_coarse_levels(manifest)
    assert len(_published(manifest)) > 50
    undeclared = [
        f"{node['schema']}.{node['name']}.{column['name']}"
        for node in _published(manifest)
        for column in node["columns"].values()
        if _needs_level(column["name"], column["data_type"])
        and column["name"] not in levels[f"{node['schema']}.{node['name']}"]
    ]
    assert undeclared == [], "declare `config: {meta: {coarse: month | omitted | same}}`"


def test_no_exact_date_about_a_child_is_in_the_coarse_form(manifest: dict[str, Any]) -> None:
    """Prevents a declaration that a date about a child may be seen as it is."""
    exact = [
        f"{node['name']}.{column['name']}"
        for node in _published(manifest)
        if is_about_a_child(_relation(node))
        for column in node["columns"].values()
        if _needs_level(column["name"], column["data_type"])
        and column["name"] not in NOT_ABOUT_A_CHILD
        and column["config"].get("meta", {}).get("coarse", SAME) == SAME
    ]
    assert exact == []


def test_every_declared_level_exists_and_suits_its_column(manifest: dict[str, Any]) -> None:
    """Prevents a misspelt level, or a month of a text, from stopping a load at its publication."""
    found = set()
    for node in _published(manifest):
        levels = list_coarse_levels(manifest)[f"{node['schema']}.{node['name']}"]
        for name, level in levels.items():
            assert level in LEVELS, (node["name"], name)
            data_type = node["columns"][name]["data_type"].upper()
            coarsen_column(node["name"], levels, name, data_type, True, "")
            found.add(level)
    assert found == {SAME, MONTH, OMITTED}
