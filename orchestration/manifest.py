"""The dbt manifest as Dagster needs it: every dbt test belongs to one asset, every rule is a test.

Parsing belongs in `orchestration.dbt`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from orchestration.dbt import prepare_manifest
from orchestration.rules import split_rules
from register.settings import Settings

LAYERS = ("staging", "intermediate", "identity", "marts")


def load_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now, with every test and rule attached to one model."""
    manifest = read_manifest(settings)
    attach_tests(manifest)
    split_rules(manifest)
    return manifest


def read_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the project as it is now, as dbt writes it."""
    manifest: dict[str, Any] = json.loads(prepare_manifest(settings).read_text(encoding="utf-8"))
    return manifest


def attach_tests(manifest: dict[str, Any]) -> None:
    """Name the asset of each test over several models, so that Dagster shows it as a check.

    It is the most downstream of them (then the first by name), as dbt's own `meta` would say.
    """
    nodes = manifest["nodes"]
    for node in nodes.values():
        if node["resource_type"] != "test" or node.get("attached_node"):
            continue
        parents = [nodes[name] for name in node["depends_on"]["nodes"] if name in nodes]
        if len(parents) < 2:
            continue
        chosen = min(parents, key=lambda parent: (-_depth(parent), parent["name"]))
        meta = node["config"].setdefault("meta", {})
        meta.setdefault("dagster", {}).setdefault("ref", {"name": chosen["name"]})


def _depth(node: Mapping[str, Any]) -> int:
    layer = node["fqn"][1]
    return LAYERS.index(layer) if layer in LAYERS else -1
