"""Models built by parts, and what they say of their parents (`materializations/parts.sql`)."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]


def _models(manifest: dict[str, Any]) -> dict[str, Node]:
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def _columns(node: Node) -> list[str]:
    said = node["config"]["meta"]
    return [*([said["part"]] if "part" in said else []), *said.get("parts", [])]


def _ways(node: Node) -> dict[str, str]:
    return dict(node["config"]["meta"].get("part_of", {}))


def test_a_parent_notes_the_parts_by_which_it_is_read(manifest: dict[str, Any]) -> None:
    """Prevents a model that is built whole in every load and seems to be built by parts."""
    models = _models(manifest)
    assert sum("part" in node["config"]["meta"] for node in models.values()) > 10
    wrong = [
        (name, parent)
        for name, node in models.items()
        for parent, way in _ways(node).items()
        if not way.startswith("select ")
        and way.split(" by ")[0].split(" of ")[0] not in _columns(models[parent])
    ]
    assert wrong == []


def test_a_parent_is_found_by_another_that_is_named(manifest: dict[str, Any]) -> None:
    """Prevents rows of a part that are looked for where no change is noted."""
    wrong = [
        (name, parent)
        for name, node in _models(manifest).items()
        for parent, way in _ways(node).items()
        if " by " in way and way.split(" by ")[1] not in _ways(node)
    ]
    assert wrong == []


def test_parts_are_noted_for_somebody(manifest: dict[str, Any]) -> None:
    """Prevents bookkeeping that nobody reads."""
    models = _models(manifest)
    # A query is asked where the first of a parent's columns is noted.
    read = {
        (
            parent,
            _columns(models[parent])[0]
            if way.startswith("select ")
            else way.split(" by ")[0].split(" of ")[0],
        )
        for node in models.values()
        for parent, way in _ways(node).items()
    }
    noted = {
        (name, column)
        for name, node in models.items()
        for column in node["config"]["meta"].get("parts", [])
    }
    assert noted - read == set()


def test_what_is_built_by_parts_is_a_table(manifest: dict[str, Any]) -> None:
    """Prevents parts of what is no table."""
    wrong = [
        name
        for name, node in _models(manifest).items()
        if _columns(node) and node["config"]["materialized"] != "table"
    ]
    assert wrong == []


def test_a_published_table_by_parts_has_a_contract_and_notes_none(manifest: dict[str, Any]) -> None:
    """Prevents notes in the warehouse of what lies in another file, and columns in no order."""
    published = {
        name: node
        for name, node in _models(manifest).items()
        if _columns(node) and node["database"] != "warehouse"
    }
    assert len(published) > 3
    wrong = [
        name
        for name, node in published.items()
        if not node["config"]["contract"]["enforced"] or "parts" in node["config"]["meta"]
    ]
    assert wrong == []
