"""Every dbt test is somebody's: it shows as a check of one asset."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from orchestration.dbt_manifest import attach_tests, load_manifest
from register.settings import Settings


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


def test_a_manifest_is_read_once_and_again_when_it_is_another(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents definitions of models that are no more, in a process that outlives a change."""
    path = tmp_path / "manifest.json"
    nodes: dict[str, Any] = {}
    path.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    monkeypatch.setattr("orchestration.dbt_manifest.prepare_manifest", lambda _: path)
    first = load_manifest(settings)
    assert load_manifest(settings) is first
    nodes["one"] = _node("model", "fct_reports", "marts")
    path.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert load_manifest(settings)["nodes"] == nodes
