"""The adapter package: what dbt finds by the type of the target, and what it builds with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from register.settings import PROJECT_ROOT, Settings
from tests.dbt.runs import dbt_target, next_folder, run_dbt


def _type_of_target() -> str:
    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    return str(yaml.safe_load(profile)["register"]["outputs"]["spark"]["type"])


def test_the_target_names_the_package() -> None:
    """Prevents a target whose type nothing in this repository provides."""
    package = PROJECT_ROOT / "engines" / "spark" / "dbt_adapter" / "dbt"
    assert (package / "adapters" / _type_of_target() / "__init__.py").exists()
    assert (package / "include" / _type_of_target() / "dbt_project.yml").exists()


@pytest.fixture
def plugin() -> Any:
    """The plugin of the target's type, as dbt's own factory finds it."""
    pytest.importorskip("dbt.adapters.registerspark", reason="`make setup-spark` installs it")
    from dbt.adapters.factory import FACTORY

    FACTORY.load_plugin(_type_of_target())
    return FACTORY.get_plugin_by_name(_type_of_target())


def test_macros_for_spark_hold_for_the_adapter(plugin: Any) -> None:
    """Prevents a build on Spark by dbt's default macros, or in the words of another engine."""
    from dbt.adapters.factory import FACTORY

    assert FACTORY.get_adapter_type_names(plugin.adapter.type()) == [_type_of_target(), "spark"]


def test_a_session_has_the_settings_of_the_target(
    plugin: Any, spark_parameters: dict[str, Any]
) -> None:
    """Prevents a profile that says otherwise than Spark does: dbt-spark sets some by itself."""
    target = {"schema": "main", "server_side_parameters": spark_parameters}
    credentials = plugin.credentials.from_dict(target)
    assert credentials.type == _type_of_target()
    assert credentials.server_side_parameters == spark_parameters


@pytest.mark.drill
def test_dbt_builds_a_mart_on_spark(
    spark_runs: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an adapter that dbt loads and cannot build a seed, a table and its tests with."""
    monkeypatch.setenv("REGISTER_SPARK_CODE", "NO_CODEGEN")
    folder = next_folder(settings, "spark")
    arguments = ("--target", "spark", "--select", "+dim_legal_statuses")
    only_its_tests = ("--indirect-selection", "cautious")
    outcome = run_dbt(settings, folder, "build", *arguments, *only_its_tests)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    results = json.loads((dbt_target(settings) / "run_results.json").read_text(encoding="utf-8"))
    kinds = {result["unique_id"].split(".")[0]: result["status"] for result in results["results"]}
    assert kinds.items() >= {"seed": "success", "model": "success", "test": "pass"}.items()
    assert list((settings.warehouse / "spark").glob("*.db/dim_legal_statuses/*.parquet"))
