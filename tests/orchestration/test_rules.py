"""Rules in Dagster: each is a check, and a broken one fails alone, by name and count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.dagster_home import dagster_instance
from orchestration.definitions import defs
from orchestration.rules import event_count, split_rules
from tests.orchestration.conftest import Place
from tests.orchestration.small_project import (
    RULES,
    break_own_rule,
    break_relationship,
    break_two_rules,
)

CHECKS = {
    "not_null_report_id_register",
    "not_null_episode_id_register",
    "relationships_child_id_register",
    "a_file_has_lines",
}
OWN_CHECKS = {"not_null_child_id_register", "unique_child_id_register"}
CHILDREN = dg.AssetKey(["register", "dim_children"])
EPISODES = dg.AssetKey(["register", "fct_episodes"])
REPORTS = dg.AssetKey(["register", "fct_reports"])


def _node(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "resource_type": kind, "config": {}, **more}


def _manifest() -> dict[str, Any]:
    test = _node(
        "rules_of_fct_reports",
        "test",
        unique_id="test.rules",
        attached_node="model.fct_reports",
        depends_on={"nodes": ["model.dim_children", "model.fct_reports"], "macros": []},
        test_metadata={"name": "rules", "kwargs": RULES},
    )
    return {
        "nodes": {
            "model.fct_reports": _node("fct_reports", "model"),
            "model.dim_children": _node("dim_children", "model"),
            "test.rules": test,
        },
        "parent_map": {"test.rules": ["model.dim_children", "model.fct_reports"]},
        "child_map": {
            "model.fct_reports": ["test.rules"],
            "model.dim_children": ["test.rules"],
            "test.rules": [],
        },
    }


def test_each_rule_is_a_test_of_its_own_with_its_own_parents() -> None:
    """Prevents a rule that is not shown, or one that waits for relations it does not read."""
    manifest = _manifest()
    split_rules(manifest)
    parents = {
        node["name"]: node["depends_on"]["nodes"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
    }
    assert set(parents) == CHECKS
    assert parents.pop("relationships_child_id_register") == [
        "model.dim_children",
        "model.fct_reports",
    ]
    assert set(map(tuple, parents.values())) == {("model.fct_reports",)}
    assert manifest["child_map"]["model.dim_children"] == [
        "test.rules#relationships_child_id_register"
    ]


def test_progress_counts_every_rule_and_no_model_that_is_part_of_another() -> None:
    """Prevents a progress bar that runs over its end or stops short of it."""
    nodes = _manifest()["nodes"].values()
    assert sum(event_count(node) for node in nodes) == 2 + len(CHECKS)
    part = _node("d08", "model") | {"config": {"materialized": "ephemeral"}}
    assert event_count(part) == 0


def _checks(
    place: Place, asset: dg.AssetKey = REPORTS, names: Iterable[str] = CHECKS
) -> dict[str, tuple[bool, Any]]:
    keys = [dg.AssetCheckKey(asset, name) for name in sorted(names)]
    found = {}
    with dagster_instance(place.settings) as instance:
        for key in keys:
            records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
            event: Any = records[0].event
            evaluation = event.dagster_event.asset_check_evaluation_data
            rows = evaluation.metadata["dagster_dbt/failed_row_count"].value
            found[key.name] = (evaluation.passed, rows)
    return found


@pytest.mark.usefixtures("place")
def test_every_rule_is_a_check_of_its_relation() -> None:
    """Prevents rules that the UI does not show."""
    keys = defs().resolve_asset_graph().asset_check_keys
    names = {key.name for key in keys if key.asset_key == REPORTS}
    assert names >= CHECKS
    assert "rules_of_fct_reports" not in names


@pytest.mark.slow
def test_a_broken_rule_fails_by_name_and_the_others_pass(loaded: Place) -> None:
    """Prevents a failed audit that does not say which column is wrong, or shows a value of it."""
    assert _checks(loaded) == dict.fromkeys(CHECKS, (True, 0))
    break_two_rules(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    whose = "of police_reports-E23000099-2026-10-0123456789ab"
    assert f"fct_reports.not_null_episode_id_register is broken by 1 row, {whose}" in said
    assert "register deliveries withdraw <delivery> --by" in said
    assert "fct_reports.relationships_child_id_register is broken by 1 row" in said
    assert "C2" not in said
    assert _checks(loaded) == {
        "a_file_has_lines": (True, 0),
        "not_null_report_id_register": (True, 0),
        "not_null_episode_id_register": (False, 1),
        "relationships_child_id_register": (False, 1),
    }


@pytest.mark.slow
def test_a_table_checks_its_own_rules_before_anything_reads_it(loaded: Place) -> None:
    """Prevents rules without a test node in a load from being shown as kept, or from not being run.

    What reads the table is not made, and the message says as much as that of a test.
    """
    assert _checks(loaded, CHILDREN, OWN_CHECKS) == dict.fromkeys(OWN_CHECKS, (True, 0))
    build = loaded.settings.warehouse / "dbt_target" / "build" / "run_results.json"
    ran = {result["unique_id"] for result in json.loads(build.read_text())["results"]}
    assert not any("rules_of_dim_children" in name for name in ran)
    assert any("rules_of_fct_reports" in name for name in ran)

    break_own_rule(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "dim_children.unique_child_id_register is broken by 1 row" in said
    assert _checks(loaded, CHILDREN, OWN_CHECKS) == {
        "not_null_child_id_register": (True, 0),
        "unique_child_id_register": (False, 1),
    }


@pytest.mark.slow
def test_a_table_checks_what_leads_to_a_relation_made_before(loaded: Place) -> None:
    """Prevents rows that lead to nothing from being published, for no test node looks for them."""
    name = "relationships_episode_id_register"
    assert _checks(loaded, EPISODES, {name}) == {name: (True, 0)}
    break_relationship(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert f"fct_episodes.{name} is broken by 1 row" in said
    assert "E9" not in said
    assert _checks(loaded, EPISODES, {name}) == {name: (False, 1)}
