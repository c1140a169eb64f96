"""Dependencies run one way, and a source is known by name in four places only."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from register.settings import PROJECT_ROOT

PACKAGES = ("register", "orchestration", "expectations")
MAY_IMPORT = {
    "register": {"register"},
    "expectations": {"register", "expectations"},
    "orchestration": {"register", "expectations", "orchestration"},
}
FOREIGN = {
    "register": {"dagster", "dagster_dbt", "dbt", "great_expectations"},
    "expectations": {"dagster", "dagster_dbt", "dbt"},
    "orchestration": set(),
}
LAYERS_BELOW = {
    "staging": {"staging", "seeds"},
    "intermediate": {"staging", "intermediate", "identity", "seeds"},
    "identity": {"intermediate", "identity", "seeds"},
    "marts": {"intermediate", "identity", "marts", "seeds", "staging"},
}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    """Prevents a cycle in which the register's methods need the tools that run them."""
    files = sorted((PROJECT_ROOT / package).rglob("*.py"))
    assert files, f"{package} holds no Python"
    forbidden = (set(PACKAGES) - MAY_IMPORT[package]) | FOREIGN[package]
    wrong = {
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in files
        for name in _imports(path) & forbidden
    }
    assert wrong == set()


def test_the_environment_is_read_in_one_place() -> None:
    """Prevents settings that only some parts obey."""
    readers = {
        str(path.relative_to(PROJECT_ROOT))
        for package in PACKAGES
        for path in (PROJECT_ROOT / package).rglob("*.py")
        if "os.environ.get(" in path.read_text(encoding="utf-8")
        or "os.getenv(" in path.read_text(encoding="utf-8")
    }
    assert readers == set()


def _layer(node: dict[str, Any]) -> str:
    return "seeds" if node["resource_type"] == "seed" else str(node["fqn"][1])


def test_models_depend_only_on_layers_below(manifest: dict[str, Any]) -> None:
    """Prevents a staging model that knows the register, or identity that reads a mart."""
    nodes = manifest["nodes"]
    models = [node for node in nodes.values() if node["resource_type"] == "model"]
    assert models
    wrong = {
        f"{model['name']} ({_layer(model)}) reads {nodes[parent]['name']} ({_layer(nodes[parent])})"
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent in nodes and _layer(nodes[parent]) not in LAYERS_BELOW[_layer(model)]
    }
    assert wrong == set()


def test_only_staging_reads_a_source(manifest: dict[str, Any]) -> None:
    """Prevents a mart that reads a delivered file behind staging's back."""
    wrong = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and _layer(node) != "staging"
        and any(parent.startswith("source.") for parent in node["depends_on"]["nodes"])
    }
    assert wrong == set()


def test_marts_read_no_feed_directly(manifest: dict[str, Any]) -> None:
    """From intermediate on a source is a value in a column: only the ledger is read as it is."""
    nodes = manifest["nodes"]
    allowed = ("stg_ledger__", "stg_decisions__")
    wrong = {
        f"{model['name']} reads {nodes[parent]['name']}"
        for model in nodes.values()
        if model["resource_type"] == "model" and _layer(model) == "marts"
        for parent in model["depends_on"]["nodes"]
        if parent in nodes
        and _layer(nodes[parent]) == "staging"
        and not nodes[parent]["name"].startswith(allowed)
    }
    assert wrong == set()
