"""Facts from the dbt manifest: the asset that each test checks, names of rules, and keys.

Parsing the project belongs in `orchestration.dbt`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from orchestration.data_dictionary import REFERENCE, find_primary_key
from orchestration.dbt import prepare_manifest
from register.serving import ForeignKey
from register.settings import Settings

# The name of the generic test in `macros/generic_tests/rules.sql`.
RULES_TEST = "rules"
# The name of the published file's database in dbt.
PUBLISHED_DATABASE = "national_register"


def load_manifest(settings: Settings) -> dict[str, Any]:
    """Return the current manifest of the project, in which every test is attached to one model.

    While the file is unchanged, the same object is returned, so callers must not change it.
    """
    path = prepare_manifest(settings)
    return _load_attached(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _load_attached(path: Path, _: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    attach_tests(manifest)
    return manifest


def attach_tests(manifest: dict[str, Any]) -> None:
    """Attach each test of several models to one of them, so that Dagster shows it as a check.

    The model furthest downstream is chosen; among equals, the first by name.
    """
    nodes = manifest["nodes"]

    @cache
    def count_levels(name: str) -> int:
        """Return the number of models on the longest path from a source to this model."""
        parents = nodes[name]["depends_on"].get("nodes", [])
        return 1 + max((count_levels(parent) for parent in parents if parent in nodes), default=0)

    for node in nodes.values():
        if node["resource_type"] != "test" or node.get("attached_node"):
            continue
        parents = [name for name in node["depends_on"]["nodes"] if name in nodes]
        if len(parents) < 2:
            continue
        asset = nodes[min(parents, key=lambda name: (-count_levels(name), nodes[name]["name"]))]
        meta = node["config"].setdefault("meta", {})
        meta.setdefault("dagster", {}).setdefault("ref", {"name": asset["name"]})


def is_rules_test(node: Mapping[str, Any]) -> bool:
    """Return whether a manifest node is a test `rules`, which checks one relation."""
    metadata = node.get("test_metadata") or {}
    return node["resource_type"] == "test" and metadata.get("name") == RULES_TEST


def list_rule_names(arguments: Mapping[str, Any]) -> list[str]:
    """Return the names of the rules in a test `rules`, given the test's arguments."""
    names = [
        f"{kind}_{column}"
        for kind in ("not_null", "unique", "accepted_values")
        for column in arguments.get(kind) or ()
    ]
    names += arguments.get("expressions") or ()
    names += [
        re.sub(r"\W+", "_", f"unique_combination {' '.join(columns)}").strip("_")
        for columns in arguments.get("unique_combination") or ()
    ]
    names += [f"relationships_{column}" for column in arguments.get("relationships") or ()]
    ranges = arguments.get("mutually_exclusive_ranges")
    if ranges:
        names.append(f"mutually_exclusive_ranges_{ranges['lower_bound_column']}")
    return names


def list_primary_keys(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the columns of the primary key that each contract declares, by `schema.table`."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    keys = {f"{node['schema']}.{node['name']}": find_primary_key(node) for node in models}
    return {table: key for table, key in keys.items() if key}


def list_coarse_levels(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return how the coarse form shows columns, for each published `schema.table`.

    Columns without a declaration are left out.
    """
    return {
        f"{node['schema']}.{node['name']}": {
            column["name"]: column["config"]["meta"]["coarse"]
            for column in node["columns"].values()
            if "coarse" in column["config"].get("meta", {})
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["database"] == PUBLISHED_DATABASE
    }


def list_foreign_keys(manifest: Mapping[str, Any]) -> list[ForeignKey]:
    """Return the foreign keys that the contracts of published models declare."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    schemas = {node["name"]: node["schema"] for node in models}
    keys = []
    for node in models:
        for column in node["columns"].values():
            for constraint in column.get("constraints", []):
                if constraint["type"] == "foreign_key":
                    name = _extract_model(constraint["to"])
                    keys.append(
                        ForeignKey(
                            table=(node["schema"], node["name"]),
                            columns=(column["name"],),
                            to_table=(schemas[name], name),
                            to_columns=tuple(constraint["to_columns"]),
                        )
                    )
    return keys


def _extract_model(relation: str) -> str:
    """Return the name of the model that a constraint refers to, by `ref` or compiled name."""
    (name,) = REFERENCE.findall(relation) or [relation.rsplit(".", 1)[-1].strip('"')]
    return str(name)
