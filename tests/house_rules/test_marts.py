"""Every mart has a contract, a primary key, a description of its row and a test on every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from register.settings import PROJECT_ROOT

# Folders of ephemeral rules, each with the model that runs them all.
FAMILIES = ("reasons", "rules")
MODELS = PROJECT_ROOT / "dbt_project" / "models"
NAME = re.compile(
    r"^(stg_[a-z_]+__[a-z0-9_]+|int_[a-z0-9_]+|dim_[a-z_]+|fct_[a-z_]+|bridge_[a-z_]+_[a-z_]+"
    r"|agg_[a-z_]+_by_[a-z_]+|agg_linkage_(quality|curve)"
    r"|agg_reason_(confusion|accuracy)|case_list_[a-z_]+"
    r"|golden_record_[a-z_]+|review_[a-z_]+)$"
)


def _models(manifest: dict[str, Any], layer: str | None = None) -> list[dict[str, Any]]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and (layer is None or node["fqn"][1] == layer)
    ]


def test_every_mart_has_an_enforced_contract_and_a_primary_key(manifest: dict[str, Any]) -> None:
    """Prevents a mart whose columns change, or whose rows repeat, without anybody deciding it."""
    marts = _models(manifest, "marts")
    assert len(marts) > 10
    lacking = set()
    for mart in marts:
        kinds = [item["type"] for item in mart["constraints"]] + [
            item["type"] for column in mart["columns"].values() for item in column["constraints"]
        ]
        if not mart["contract"]["enforced"] or kinds.count("primary_key") != 1:
            lacking.add(mart["name"])
    assert lacking == set()


def test_every_model_says_first_what_a_row_is(manifest: dict[str, Any]) -> None:
    """Prevents counting rows of a table without knowing what they are."""
    silent = {
        model["name"]
        for model in _models(manifest)
        if not model["description"].strip().startswith("One row per ")
    }
    assert silent == set()


def test_every_column_of_a_mart_is_described(manifest: dict[str, Any]) -> None:
    """Prevents a published column that only its author understands."""
    silent = {
        f"{mart['name']}.{name}"
        for mart in _models(manifest, "marts")
        for name, column in mart["columns"].items()
        if not column["description"].strip()
    }
    assert silent == set()


def _tested_columns(manifest: dict[str, Any]) -> set[tuple[str, str]]:
    """Each relation and column that a test, a rule or a primary key checks."""
    found = set()
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            found |= {(node["unique_id"], name) for name in _primary_key(node)}
        elif node["resource_type"] == "test" and node.get("test_metadata"):
            relation, arguments = node["attached_node"], node["test_metadata"]["kwargs"]
            found.add((relation, node["column_name"]))
            for kind in ("not_null", "unique", "accepted_values", "relationships"):
                found |= {(relation, name) for name in arguments.get(kind) or ()}
            for names in arguments.get("unique_combination") or ():
                found |= {(relation, name) for name in names}
            for expression in (arguments.get("expressions") or {}).values():
                found |= {(relation, name) for name in re.findall(r"\w+", expression)}
    return found


def _primary_key(model: dict[str, Any]) -> set[str]:
    of_columns = {
        name
        for name, column in model["columns"].items()
        if any(item["type"] == "primary_key" for item in column["constraints"])
    }
    of_the_whole = {
        name
        for item in model["constraints"]
        if item["type"] == "primary_key"
        for name in item["columns"]
    }
    return of_columns | of_the_whole


def test_every_key_of_a_mart_is_tested(manifest: dict[str, Any]) -> None:
    """Prevents a foreign key that points nowhere."""
    tested = _tested_columns(manifest)
    untested = {
        f"{mart['name']}.{name}"
        for mart in _models(manifest, "marts")
        for name in mart["columns"]
        if name.endswith("_id_register") and (mart["unique_id"], name) not in tested
    }
    assert untested == set()


def test_model_names_follow_one_grammar(manifest: dict[str, Any]) -> None:
    """Prevents names from which the layer and the grain cannot be read."""
    assert {model["name"] for model in _models(manifest) if not NAME.match(model["name"])} == set()


def test_every_model_has_a_yaml_of_its_own_stem(manifest: dict[str, Any]) -> None:
    """Prevents descriptions that hide in another model's file; a family of rules has one YAML."""
    lacking = set()
    for model in _models(manifest):
        described = Path(str(model["patch_path"]).split("://")[-1])
        family = described.parent.name
        if described.stem != model["name"] and (family not in FAMILIES or described.stem != family):
            lacking.add(model["name"])
    assert lacking == set()


def test_tests_are_named_as_sentences(manifest: dict[str, Any]) -> None:
    """Prevents a failing test that does not say what failed."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    singular = [node["name"] for node in nodes if "test_metadata" not in node]
    assert singular
    assert [name for name in singular if not name.startswith("assert_")] == []
    unit_tests = list(manifest["unit_tests"].values())
    assert unit_tests
    wrong = [
        unit["name"] for unit in unit_tests if not unit["name"].startswith(f"{unit['model']}__")
    ]
    assert wrong == []
