"""A production home knows no truth: its project has no model of evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from register.home import prepare_home
from register.settings import load_settings
from tests.dbt.runs import dbt_target, next_folder, run_dbt


@pytest.mark.drill
def test_nothing_in_a_production_project_descends_from_truth(tmp_path: Path) -> None:
    """Prevents a published figure of a real home that needs what only a simulation knows."""
    settings = load_settings(
        {
            "REGISTER_ENVIRONMENT": "production",
            "REGISTER_HOME": str(tmp_path / "home"),
            "REGISTER_PSEUDONYM_KEY": "vQ3v0m2hJ8kX1pR7sT5wY9zB4cD6fG_aLnEuHiOq-Mx",
            "REGISTER_DATA_KEYS": "k1 bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL",
        }
    )

    prepare_home(settings)
    settings.truth.mkdir()
    settings.simulation_declaration.touch()
    outcome = run_dbt(settings, next_folder(settings, "first"), "parse")
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    manifest = json.loads((dbt_target(settings) / "manifest.json").read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) > 150
    assert [node["name"] for node in models if node["fqn"][1] == "evaluation"] == []
    told = [
        node["name"]
        for node in manifest["nodes"].values()
        if any(".truth." in parent for parent in node["depends_on"].get("nodes", []))
    ]
    assert told == []
