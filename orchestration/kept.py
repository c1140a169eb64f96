"""Relations in the warehouse that need not be built again: seeds, and models that read only them.

The nation's postcodes change four times a year, the seeds seldom; what follows from them alone is
the same in every load between. A note in the warehouse's folder says which of them the last good
build left there, and how the warehouse file looked when it ended. Only dbt writes that file, so a
file that looks the same holds the same rows. What a relation is made of is read before a build:
who changes a seed meanwhile finds it in the next load. How one is built belongs in `dbt_project`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any

from register.durable import write_whole
from register.hashing import hash_file, hash_files
from register.settings import Settings

NOTE = "kept.json"
DATABASE = "warehouse"
# The source that is a file of the home which no load writes.
REFERENCE = "reference"
# What changes from load to load without a change of file or code.
MOVING = re.compile(
    r"\b(var|getvariable|current_\w+|now|today|run_started_at|invocation_id|random)\b"
)
DBT_PACKAGES = frozenset({"dbt", "dbt_duckdb"})
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb")
PROPERTIES = ("relation_name", "config", "columns", "description", "raw_code")
TEST_PROPERTIES = ("raw_code", "config", "test_metadata")


def relation_hashes(settings: Settings, manifest: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each relation's rows or code, properties, own tests, parents and builder."""
    nodes = manifest["nodes"]
    states = _seed_states(settings, nodes) | _reference_states(settings, manifest["sources"])
    waiting = {
        key: node for key, node in sorted(nodes.items()) if _may_be_kept(node, manifest["macros"])
    }
    while ready := [key for key, node in waiting.items() if _parents(node) <= states.keys()]:
        for key in ready:
            node = waiting.pop(key)
            parents = [_digest("\n".join(states[parent])) for parent in sorted(_parents(node))]
            states[key] = [*parents, _text(node, PROPERTIES)]
    for _, node in sorted(nodes.items()):
        tested = _parents(node)
        if node["resource_type"] == "test" and tested and tested <= states.keys():
            for key in tested & nodes.keys():
                states[key].append(_text(node, TEST_PROPERTIES))
    common = _common_state(settings)
    return {
        nodes[key]["name"]: _digest("\n".join([common, *state]))
        for key, state in states.items()
        if key in nodes
    }


def kept_relations(settings: Settings, hashes: Mapping[str, str]) -> list[str]:
    """The seeds and models, by name, that need not be built: `hashes` are those of now.

    Neither what they read, nor how they are built, nor their own tests have changed. None where
    the warehouse is not as the last good build left it.
    """
    path = settings.warehouse / NOTE
    state = _warehouse_state(settings)
    if state is None or not path.exists():
        return []
    note = json.loads(path.read_text(encoding="utf-8"))
    if note["warehouse"] != state:
        return []
    return sorted(name for name, digest in hashes.items() if note["relations"].get(name) == digest)


def forget_relations(settings: Settings) -> None:
    """Take the note away, before a build that may fail half-way or builds a part."""
    (settings.warehouse / NOTE).unlink(missing_ok=True)


def note_relations(settings: Settings, hashes: Mapping[str, str]) -> None:
    """Write down which relations can be kept, after a whole build of them that went well.

    `hashes` are those from before it.
    """
    note = {"warehouse": _warehouse_state(settings), "relations": dict(hashes)}
    write_whole(settings.warehouse / NOTE, json.dumps(note, indent=2).encode())


def _warehouse_state(settings: Settings) -> list[int] | None:
    path = settings.warehouse / f"{DATABASE}.duckdb"
    if not path.exists() or path.with_name(f"{path.name}.wal").exists():
        return None
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _seed_states(settings: Settings, nodes: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        key: [hash_file(settings.dbt_project / node["original_file_path"]), _text(node, PROPERTIES)]
        for key, node in nodes.items()
        if node["resource_type"] == "seed" and node["database"] == DATABASE
    }


def _reference_states(settings: Settings, sources: Mapping[str, Any]) -> dict[str, list[str]]:
    files = {
        key: settings.landing / REFERENCE / f"{source['name']}.parquet"
        for key, source in sources.items()
        if source["source_name"] == REFERENCE
    }
    return {key: [hash_file(path)] for key, path in files.items() if path.exists()}


def _may_be_kept(node: Mapping[str, Any], macros: Mapping[str, Any]) -> bool:
    """Whether a node is a model of the warehouse that follows from what it reads alone.

    Variables are given with a load, the clock runs, and a Python model follows from code that is
    not the dbt project's.
    """
    return (
        node["resource_type"] == "model"
        and node["language"] == "sql"
        and node["database"] == DATABASE
        and node["config"]["materialized"] != "ephemeral"
        and not any(MOVING.search(code) for code in _codes(node, macros))
        and bool(_parents(node))
    )


def _codes(node: Mapping[str, Any], macros: Mapping[str, Any]) -> list[str]:
    """The code of a node and of every macro that it calls, but those of dbt itself."""
    found, waiting = {}, list(node["depends_on"]["macros"])
    while waiting:
        key = waiting.pop()
        if key in macros and key not in found and key.split(".")[1] not in DBT_PACKAGES:
            found[key] = macros[key]["macro_sql"]
            waiting += macros[key]["depends_on"]["macros"]
    return [node["raw_code"], *found.values()]


def _parents(node: Mapping[str, Any]) -> set[str]:
    return set(node.get("depends_on", {}).get("nodes", ()))


def _common_state(settings: Settings) -> str:
    project = settings.dbt_project
    files = [project / "dbt_project.yml", *sorted((project / "macros").rglob("*.sql"))]
    packages = [f"{name} {installed_version(name)}" for name in PACKAGES]
    # A view names files of the home: a home that was copied elsewhere has its own.
    return "\n".join([str(settings.home), hash_files(files, project), *packages])


def _text(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return json.dumps({name: node.get(name) for name in names}, sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
