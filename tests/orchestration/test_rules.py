"""Rules in Dagster: one check for each relation, whose failure names the broken rules."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from orchestration.dagster_home import dagster_instance
from orchestration.dbt import build_target
from orchestration.definitions import defs
from tests.orchestration.conftest import Place
from tests.orchestration.small_project import break_own_rule, break_relationship, break_two_rules

NAMES = [
    "not_null_report_id_register",
    "not_null_episode_id_register",
    "a_file_has_lines",
    "relationships_child_id_register",
]
# Of the checks that Great Expectations makes.
TOLERANCE = "tolerance_"
CHILDREN = dg.AssetKey(["register", "dim_children"])
EPISODES = dg.AssetKey(["register", "fct_episodes"])
REPORTS = dg.AssetKey(["register", "fct_reports"])


def _check(place: Place, asset: dg.AssetKey) -> tuple[bool, Any]:
    """Whether the rules of a relation passed when they were last checked, and how many failed."""
    key = dg.AssetCheckKey(asset, f"rules_of_{asset.path[-1]}")
    with dagster_instance(place.settings) as instance:
        storage = instance.event_log_storage
        event: Any = storage.get_asset_check_execution_history(key, limit=1)[0].event
    evaluation = event.dagster_event.asset_check_evaluation_data
    return evaluation.passed, evaluation.metadata["dagster_dbt/failed_row_count"].value


@pytest.mark.usefixtures("place")
def test_the_rules_of_a_relation_are_one_check_that_lists_them() -> None:
    """Prevents rules that the UI does not show, and a check for each of a thousand."""
    graph = defs().resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys if key.asset_key == REPORTS}
    assert {name for name in names if not name.startswith(TOLERANCE)} == {"rules_of_fct_reports"}
    spec = graph.get_check_spec(dg.AssetCheckKey(REPORTS, "rules_of_fct_reports"))
    assert spec.metadata["rules"] == NAMES


@pytest.mark.slow
def test_broken_rules_are_named_and_the_check_fails(loaded: Place) -> None:
    """Prevents a failed audit that does not say which column is wrong, or shows a value of it."""
    assert _check(loaded, REPORTS) == (True, 0)
    break_two_rules(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    output = " ".join(result.output.split())
    whose = "of police_reports-E23000099-2026-10-0123456789ab"
    assert f"fct_reports.not_null_episode_id_register is broken by 1 row, {whose}" in output
    assert "register deliveries withdraw <delivery> --by" in output
    assert "fct_reports.relationships_child_id_register is broken by 1 row" in output
    assert "C2" not in output
    assert _check(loaded, REPORTS) == (False, 2)


@pytest.mark.slow
def test_the_results_of_a_build_hold_every_test_and_what_is_broken(loaded: Place) -> None:
    """Prevents rules that are checked where dbt's own results do not show them."""
    path = build_target(loaded.settings) / "run_results.json"
    relations = ("dim_children", "fct_episodes", "fct_reports")

    def results() -> dict[str, dict[str, Any]]:
        outcome = json.loads(path.read_text(encoding="utf-8"))["results"]
        return {result["unique_id"].split(".")[2]: result for result in outcome}

    before = results()
    assert [before[f"rules_of_{name}"]["status"] for name in relations] == ["pass"] * 3
    break_own_rule(loaded.project)
    assert CliRunner().invoke(app, ["load"]).exit_code == 1
    after = results()
    assert after["rules_of_dim_children"]["status"] == "fail"
    (message,) = (
        result["message"] for name, result in after.items() if name.endswith("on-run-end-0")
    )
    assert "dim_children.unique_child_id_register is broken by 1 row" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("break_it", "asset", "rule"),
    [
        (break_own_rule, CHILDREN, "dim_children.unique_child_id_register"),
        (break_relationship, EPISODES, "fct_episodes.relationships_episode_id_register"),
    ],
)
def test_a_relation_that_breaks_a_rule_is_not_published(
    loaded: Place, break_it: Any, asset: dg.AssetKey, rule: str
) -> None:
    """Prevents rows that are there twice or lead to nothing from reaching a reader."""
    assert _check(loaded, asset) == (True, 0)
    break_it(loaded.project)
    result = CliRunner().invoke(app, ["load"])
    assert result.exit_code == 1
    output = " ".join(result.output.split())
    assert f"{rule} is broken by 1 row" in output
    assert "E9" not in output
    assert _check(loaded, asset) == (False, 1)
