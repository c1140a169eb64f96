"""Seeds that are in the warehouse already: not loaded again until one of them changes.

A note in the warehouse's folder says which seeds the last good build left there, and how the
warehouse file looked when it ended. Only dbt writes that file, so a file that looks the same holds
the same seeds. How a seed is loaded belongs in `dbt_project`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any

from register.publishing import hash_file, hash_files, write_whole
from register.settings import Settings

NOTE = "seeds.json"
DATABASE = "warehouse"
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb")
PROPERTIES = ("relation_name", "config", "columns", "description")
TEST_PROPERTIES = ("raw_code", "config", "test_metadata")


def kept_seeds(settings: Settings, manifest: Mapping[str, Any]) -> list[str]:
    """The seeds, by name, that need not be loaded: neither they nor their own tests have changed.

    None where the warehouse is not as the last good build left it.
    """
    path = settings.warehouse / NOTE
    state = _warehouse_state(settings)
    if state is None or not path.exists():
        return []
    note = json.loads(path.read_text(encoding="utf-8"))
    if note["warehouse"] != state:
        return []
    found = _seed_hashes(settings, manifest)
    return sorted(name for name, digest in found.items() if note["seeds"].get(name) == digest)


def forget_seeds(settings: Settings) -> None:
    """Take the note away, before a build that may fail half-way."""
    (settings.warehouse / NOTE).unlink(missing_ok=True)


def note_seeds(settings: Settings, manifest: Mapping[str, Any]) -> None:
    """Write down which seeds are in the warehouse, after a build that went well."""
    note = {"warehouse": _warehouse_state(settings), "seeds": _seed_hashes(settings, manifest)}
    write_whole(settings.warehouse / NOTE, json.dumps(note, indent=2).encode())


def _warehouse_state(settings: Settings) -> list[int] | None:
    path = settings.warehouse / f"{DATABASE}.duckdb"
    if not path.exists() or path.with_name(f"{path.name}.wal").exists():
        return None
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _seed_hashes(settings: Settings, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Each seed's rows, properties and own tests, and all that may change how it is loaded."""
    common = _common_state(settings)
    states = {
        unique_id: [
            common,
            hash_file(settings.dbt_project / node["original_file_path"]),
            _text(node, PROPERTIES),
        ]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "seed" and node["database"] == DATABASE
    }
    for _, node in sorted(manifest["nodes"].items()):
        parents = node.get("depends_on", {}).get("nodes", ())
        if node["resource_type"] == "test" and parents and all(name in states for name in parents):
            for name in parents:
                states[name].append(_text(node, TEST_PROPERTIES))
    return {
        manifest["nodes"][unique_id]["name"]: _digest("\n".join(state))
        for unique_id, state in states.items()
    }


def _common_state(settings: Settings) -> str:
    project = settings.dbt_project
    files = [project / "dbt_project.yml", *sorted((project / "macros").rglob("*.sql"))]
    packages = [f"{name} {installed_version(name)}" for name in PACKAGES]
    return "\n".join([hash_files(files, project), *packages])


def _text(node: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return json.dumps({name: node.get(name) for name in names}, sort_keys=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
