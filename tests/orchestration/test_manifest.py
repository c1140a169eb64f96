"""Every dbt test is somebody's: it shows as a check of one asset."""

from __future__ import annotations

from typing import Any

from orchestration.manifest import attach_tests


def _node(kind: str, name: str, layer: str, parents: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "resource_type": kind,
        "name": name,
        "fqn": ["national_register", layer, name],
        "config": {},
        "depends_on": {"nodes": list(parents)},
    }


def test_a_test_over_several_models_belongs_to_the_most_downstream() -> None:
    """Prevents dbt tests that run and are shown nowhere."""
    manifest: dict[str, Any] = {
        "nodes": {
            "one": _node("model", "stg_police_reports__reports", "staging"),
            "two": _node("model", "fct_reports", "marts"),
            "three": _node("model", "fct_episodes", "marts"),
            "test": _node("test", "assert_nothing_is_lost", "tests", ("one", "two", "three")),
            "alone": _node("test", "assert_one_thing", "tests", ("one",)),
        }
    }
    attach_tests(manifest)
    config = manifest["nodes"]["test"]["config"]
    assert config["meta"]["dagster"]["ref"] == {"name": "fct_episodes"}
    assert manifest["nodes"]["alone"]["config"] == {}
