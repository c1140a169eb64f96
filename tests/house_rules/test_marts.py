"""Every mart has a contract, a primary key, a description of its row and a test on every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from register.settings import PROJECT_ROOT

# Folders of ephemeral rules, each with the model that runs them all.
FAMILIES = ("reasons", "rules")
# The YAML of the relations that share the measures of agreement (docs/how-to/add-a-measure.md).
SHARED_YAML = "agreement_measures"
SHARING = {
    "agg_agreement_by_authority_force_month",
    "agg_agreement_by_authority_year",
    "agg_agreement_by_area_year",
    "agg_agreement_by_linkage",
    "agreement_by_area_year",
}
MODELS = PROJECT_ROOT / "dbt_project" / "models"
NAME = re.compile(
    r"^(stg_[a-z_]+__[a-z0-9_]+|int_[a-z0-9_]+|dim_[a-z_]+|fct_[a-z_]+|bridge_[a-z_]+_[a-z_]+"
    r"|agg_[a-z_]+_by_[a-z_]+|agg_linkage_(quality|curve)"
    r"|agg_reason_(confusion|accuracy)|case_list_[a-z_]+"
    r"|golden_record_[a-z_]+|review_[a-z_]+)$"
)
# Relations of the `bi` schema are named for analysts, by what they count and by what.
BI_NAME = re.compile(r"^[a-z]+(_through)?(_by_[a-z_]+)?$")


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
        # A view declares no constraints: its key is only in a rule.
        has_key = kinds.count("primary_key") == 1 or (
            mart["config"]["materialized"] == "view"
            and (_unique_columns(manifest, mart) or _unique_combinations(manifest, mart))
        )
        if not mart["contract"]["enforced"] or not has_key:
            lacking.add(mart["name"])
    assert lacking == set()


def test_every_primary_key_is_unique_by_a_rule_and_never_null(manifest: dict[str, Any]) -> None:
    """Prevents a key that is declared and repeated: no index of the published file refuses it."""
    keyed = [model for model in _models(manifest) if _primary_key(model)]
    assert len(keyed) > 50
    unproved = {
        model["name"]
        for model in keyed
        if not any(
            set(names) == _primary_key(model)
            for names in (
                *({name} for name in _unique_columns(manifest, model)),
                *_unique_combinations(manifest, model),
            )
        )
    }
    nullable = {
        f"{model['name']}.{name}"
        for model in keyed
        for name in _primary_key(model)
        if "not_null" not in {item["type"] for item in model["columns"][name]["constraints"]}
    }
    assert (unproved, nullable) == (set(), set())


def _rules(manifest: dict[str, Any], kind: str) -> list[tuple[str, Any]]:
    """What the rules of one kind say, each with the relation it is about."""
    return [
        (node["attached_node"], node["test_metadata"]["kwargs"].get(kind) or {})
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "rules"
    ]


def _unique_columns(manifest: dict[str, Any], model: dict[str, Any]) -> set[str]:
    """The columns of which each alone is a key by a rule."""
    return {
        name
        for relation, names in _rules(manifest, "unique")
        if relation == model["unique_id"]
        for name in names
    }


def _unique_combinations(manifest: dict[str, Any], model: dict[str, Any]) -> list[Any]:
    """The lists of columns that a rule holds to be a key together."""
    return [
        columns
        for relation, combinations in _rules(manifest, "unique_combination")
        if relation == model["unique_id"]
        for columns in combinations
    ]


def _relationships(manifest: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """Mart, column, parent and parent's column of each relationship that a rule checks."""
    marts = {mart["unique_id"]: mart["name"] for mart in _models(manifest, "marts")}
    return {
        (marts[relation], column, *parent.split("."))
        for relation, found in _rules(manifest, "relationships")
        if relation in marts
        for column, parent in found.items()
    }


def test_every_relationship_of_a_mart_leads_to_a_key(manifest: dict[str, Any]) -> None:
    """Prevents a join that doubles rows because what it joins on occurs in several versions."""
    models = {model["name"]: model for model in _models(manifest)}
    followed = {found for found in _relationships(manifest) if found[2] in models}
    assert len(followed) > 50
    wrong = {
        f"{mart}.{column} -> {parent}.{key}"
        for mart, column, parent, key in followed
        if key not in _unique_columns(manifest, models[parent])
    }
    assert wrong == set()


def test_foreign_keys_of_contracts_are_those_that_are_checked(manifest: dict[str, Any]) -> None:
    """Prevents a key that is declared and never checked, or checked and not declared."""
    declared = {
        # Before dbt compiles a model, `to` is the reference; after that, the relation.
        (mart["name"], name, re.findall(r"\w+", item["to"])[-1], item["to_columns"][0])
        for mart in _models(manifest, "marts")
        for name, column in mart["columns"].items()
        for item in column["constraints"]
        if item["type"] == "foreign_key"
    }
    assert declared == {found for found in _relationships(manifest) if found[2].startswith("dim_")}


def test_every_dimension_with_versions_has_its_current_view(manifest: dict[str, Any]) -> None:
    """Prevents a dimension whose obvious join doubles rows, with nothing to join instead."""
    marts = {mart["name"]: mart for mart in _models(manifest, "marts")}
    versioned = {
        name
        for name, mart in marts.items()
        if "valid_from" in mart["columns"] and not name.endswith("_current")
    }
    assert versioned
    for name in versioned:
        current = marts[f"{name}_current"]
        assert current["config"]["materialized"] == "view"
        assert list(current["columns"]) == list(marts[name]["columns"])


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
    wrong = {
        model["name"]
        for model in _models(manifest)
        if not (BI_NAME if "bi" in model["fqn"][:-1] else NAME).match(model["name"])
    }
    assert wrong == set()


def test_what_analysts_read_is_views_of_published_marts(manifest: dict[str, Any]) -> None:
    """Prevents a view of the published file that reads the warehouse, which no reader has.

    Nor may it call a function that the warehouse alone has.
    """
    models = {model["unique_id"]: model for model in _models(manifest)}
    functions = {function["name"] for function in manifest["functions"].values()}
    assert len(functions) > 20
    views = [
        model
        for model in models.values()
        if "bi" in model["fqn"][:-1] and model["config"]["materialized"] == "view"
    ]
    assert len(views) > 5
    wrong = {
        f"{view['name']} reads {parent}"
        for view in views
        for parent in view["depends_on"]["nodes"]
        if models.get(parent, {}).get("database") != view["database"]
    } | {
        f"{view['name']} calls {name}"
        for view in views
        for name in functions & set(re.findall(r'(\w+)"?\(', view["compiled_code"]))
    }
    assert wrong == set()


def test_every_model_has_a_yaml_of_its_own_stem(manifest: dict[str, Any]) -> None:
    """Prevents descriptions that hide in another model's file.

    A family of rules has one YAML, and so have the relations that share the measures of agreement.
    """
    lacking, sharing = set(), set()
    for model in _models(manifest):
        described = Path(str(model["patch_path"]).split("://")[-1])
        family = described.parent.name
        if described.stem == SHARED_YAML:
            sharing.add(model["name"])
        elif described.stem != model["name"] and (
            family not in FAMILIES or described.stem != family
        ):
            lacking.add(model["name"])
    assert lacking == set()
    assert sharing == SHARING


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


def _marts_named_by(test: str) -> set[str]:
    (path,) = (PROJECT_ROOT / "dbt_project" / "tests").rglob(f"{test}.sql")
    return set(re.findall(r"\b(?:agg|fct)_[a-z_]+\b", path.read_text(encoding="utf-8")))


def test_every_table_of_agreement_is_held_to_the_scope_of_the_fact(
    manifest: dict[str, Any],
) -> None:
    """Prevents a new table that shows how many both recorded and counts what is out of scope."""
    counting = {
        mart["name"]
        for mart in _models(manifest, "marts")
        if {"both_count", "total_count"} <= set(mart["columns"])
    }
    assert counting <= _marts_named_by("assert_every_mart_counts_what_is_in_scope")
    assert "agg_agreement_by_area_year" in counting


def test_every_table_of_measures_by_year_is_searched_for_ghosts(manifest: dict[str, Any]) -> None:
    """Prevents a new table from showing a year of which no source can tell."""
    yearly = {
        mart["name"]
        for mart in _models(manifest, "marts")
        if mart["name"].startswith("agg_")
        and {"collection_year", "area_code"} <= set(mart["columns"])
        # These compare published years as they are.
        and not mart["name"].startswith("agg_reconciliation_")
    }
    assert yearly <= _marts_named_by("assert_no_year_is_a_ghost")
    assert len(yearly) > 8
