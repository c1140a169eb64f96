"""The graph of models: one direction, no ring of folders, short chains, and truth apart."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import PurePosixPath
from typing import Any

# Nine of them are the views of the `bi` schema, which cost a load nothing, and one is its table
# (decision 31). Which report a record is of is asked before keys are made: a view and a table, two
# steps of every chain (decision 54). What a delivery took out is one more, read from landing.
# So are the bounds of each report, which were a macro (decision 67). Former keys are two.
MOST_EXECUTED = 206
DEEPEST_MART = 33
DEEPEST_REPORTS = 20
MARTS = ("marts", "evaluation")
# What a mart may read as it was staged: the ledger, the key log, and what people decided.
READ_AS_STAGED = ("stg_ledger__", "stg_decisions__", "stg_key_log__")


def _models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    assert found
    return found


def _folder(node: dict[str, Any]) -> str:
    return str(PurePosixPath(node["original_file_path"]).parent.relative_to("models"))


def _layer(node: dict[str, Any]) -> str:
    return "seeds" if node["resource_type"] == "seed" else str(node["fqn"][1])


def _is_of_a_release(node: dict[str, Any]) -> bool:
    """Whether a target of its own makes the model, from published marts (decision 46)."""
    return "publication" in node["tags"]


def _parents(node: dict[str, Any]) -> list[str]:
    return list(node["depends_on"].get("nodes", ()))


def _descendants(models: dict[str, dict[str, Any]], roots: set[str]) -> set[str]:
    found = set(roots)
    while True:
        more = {key for key, node in models.items() if set(_parents(node)) & found} - found
        if not more:
            return found - roots
        found |= more


def test_staging_reads_deliveries_and_look_ups_alone(manifest: dict[str, Any]) -> None:
    """Prevents a staging model that knows the register."""
    nodes = manifest["nodes"]
    wrong = {
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in _models(manifest).values()
        if _layer(node) == "staging"
        for parent in _parents(node)
        if parent in nodes and _layer(nodes[parent]) not in {"staging", "seeds"}
    }
    assert wrong == set()


def test_only_marts_read_a_mart(manifest: dict[str, Any]) -> None:
    """Prevents an identity or an episode that depends on what is published of it."""
    nodes = manifest["nodes"]
    wrong = {
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in _models(manifest).values()
        if _layer(node) not in MARTS
        for parent in _parents(node)
        if parent in nodes and _layer(nodes[parent]) == "marts"
    }
    assert wrong == set()


def test_only_staging_reads_a_source(manifest: dict[str, Any]) -> None:
    """Prevents a mart that reads a delivered file behind staging's back."""
    wrong = {
        node["name"]
        for node in _models(manifest).values()
        if _layer(node) != "staging"
        for parent in _parents(node)
        if parent.startswith("source.") and ".truth." not in parent
    }
    assert wrong == set()


def test_marts_read_no_feed_directly(manifest: dict[str, Any]) -> None:
    """Prevents a mart that knows a feed: there a source is a value in a column."""
    nodes = manifest["nodes"]
    wrong = {
        f"{node['name']} reads {nodes[parent]['name']}"
        for node in _models(manifest).values()
        if _layer(node) == "marts"
        for parent in _parents(node)
        if parent in nodes
        and _layer(nodes[parent]) == "staging"
        and not nodes[parent]["name"].startswith(READ_AS_STAGED)
    }
    assert wrong == set()


def test_no_two_folders_need_each_other(manifest: dict[str, Any]) -> None:
    """Prevents a ring of folders, in which nobody can say what comes first."""
    models = _models(manifest)
    below: dict[str, set[str]] = defaultdict(set)
    for node in models.values():
        for parent in _parents(node):
            if parent in models:
                below[_folder(node)].add(_folder(models[parent]))
    ringed = set()
    for folder in list(below):
        seen: set[str] = set()
        todo = list(below[folder] - {folder})
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                todo.extend(below[here])
        if folder in seen:
            ringed.add(folder)
    assert ringed == set()


def test_chains_are_short(manifest: dict[str, Any]) -> None:
    """Prevents a figure that nobody can follow back to landing in one read."""
    models = _models(manifest)

    def made_with(key: str) -> list[str]:
        """The parents that are made before a model in one run: a release reads published marts."""
        parents = [parent for parent in _parents(models[key]) if parent in models]
        if _is_of_a_release(models[key]):
            return [parent for parent in parents if _is_of_a_release(models[parent])]
        return parents

    @cache
    def depth(key: str) -> int:
        return 1 + max((depth(parent) for parent in made_with(key)), default=0)

    # What analysts read is one view above the marts (decision 31).
    marts = {
        node["name"]: depth(key) - ("bi" in node["fqn"][:-1])
        for key, node in models.items()
        if _layer(node) in MARTS
    }
    assert {name: deep for name, deep in marts.items() if deep > DEEPEST_MART} == {}
    assert marts["fct_reports"] <= DEEPEST_REPORTS


def test_a_load_executes_few_models(manifest: dict[str, Any]) -> None:
    """Prevents one thought from being cut into many models again."""
    executed = [
        node["name"]
        for node in _models(manifest).values()
        if node["config"]["materialized"] != "ephemeral" and not _is_of_a_release(node)
    ]
    assert len(executed) <= MOST_EXECUTED


def test_simulated_truth_is_read_by_evaluation_alone(manifest: dict[str, Any]) -> None:
    """Prevents a published figure that a home without truth could not have: there is no exception.

    Nothing outside evaluation descends from a source of truth, or reads a model of evaluation.
    """
    models = _models(manifest)
    truth = {key for key in manifest["sources"] if ".truth." in key}
    assert truth
    evaluation = {key for key, node in models.items() if _layer(node) == "evaluation"}
    assert evaluation
    told = _descendants(models, truth | evaluation) - evaluation
    assert {models[key]["name"] for key in told if key in models} == set()


def test_no_model_outside_evaluation_asks_whether_there_is_truth(manifest: dict[str, Any]) -> None:
    """Prevents a figure that differs in a simulation, and truth read past the graph."""
    macros = manifest["macros"]
    telling = {
        key
        for key, macro in macros.items()
        if "REGISTER_HAS_TRUTH" in macro["macro_sql"] or "/truth/" in macro["macro_sql"]
    }
    assert telling
    while (
        more := {
            key for key, macro in macros.items() if set(macro["depends_on"]["macros"]) & telling
        }
        - telling
    ):
        telling |= more
    telling |= {key for key, macro in macros.items() if macro["name"] == "read_truth"}
    asking = {
        node["name"]
        for node in _models(manifest).values()
        if _layer(node) != "evaluation"
        and (
            set(node["depends_on"]["macros"]) & telling
            or "REGISTER_HAS_TRUTH" in node["raw_code"]
            or "/truth/" in node["raw_code"]
        )
    }
    assert asking == set()


def test_evaluation_is_off_unless_the_home_is_a_simulation(manifest: dict[str, Any]) -> None:
    """Prevents truth in a production home: its models are switched by the environment."""
    evaluation = [node for node in _models(manifest).values() if _layer(node) == "evaluation"]
    assert evaluation
    switched = {
        node["name"]
        for node in evaluation
        if "REGISTER_HAS_TRUTH" in str(node["unrendered_config"].get("enabled"))
    }
    assert {node["name"] for node in evaluation} == switched
