"""The manifest of a generation: all inputs from which the generation can be built again.

It has the hashes of deliveries, code, dbt models, linkage model, seeds and decisions, and the row
counts of tables. It contains no value of a record.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from register.access_record import IN_MANIFEST as ACCESS_LOG
from register.access_record import build_manifest_anchor
from register.databases import open_database
from register.decision_history import compute_file_state, read_decision_file
from register.feeds import ENTRY_NAME, HOLDS_FILE, list_landed_folders, read_ledger
from register.hashing import hash_file, hash_files, list_model_files
from register.publishing import inputs
from register.publishing.coarse_form import Levels
from register.publishing.key_log import LOG_FOLDER
from register.seals import seal_content
from register.settings import PROJECT_ROOT, Settings

PUBLISHED_FILES = ("national_register.duckdb", "case_lists.duckdb")
MANIFEST_FILE = "manifest.json"
# The file in a build's folder with the hashes of the decision files when the build started.
DECISIONS_FILE = ".decisions.json"
# The file in a build's folder with the version and hash of the linkage model of the build. Without
# the file, the build used the packaged model.
LINKAGE_MODEL_NOTE = ".linkage_model.json"
# The packaged linkage model, which comes with this program.
LINKAGE_MODEL = PROJECT_ROOT / "register" / "identity" / "score" / "model.json"


def build_manifest(  # noqa: PLR0913, PLR0917 - what a generation was made from
    settings: Settings,
    folder: Path,
    generation_id: str,
    as_known_at: str | None,
    primary_keys: Mapping[str, Sequence[str]],
    levels: Levels,
) -> dict[str, Any]:
    """Return the manifest of the build in `folder`. Its files must be complete and closed.

    `primary_keys` has the columns of each table's primary key, by `schema.table`. The files do not
    declare them. `levels` says which columns the coarse form has.
    """
    return {
        "generation_id": generation_id,
        "build": folder.name,
        "published_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "as_known_at": as_known_at,
        "environment": settings.environment,
        "pseudonym_key_id": settings.key_id,
        "code": code_version(),
        "model_hash": model_hash(settings),
        "has_truth": settings.is_simulation,
        "linkage_model": _read_linkage_model(folder),
        "seed_hashes": {
            path.name: hash_file(path) for path in sorted(settings.seeds.glob("*.csv"))
        },
        "key_log": f"{LOG_FOLDER}/{generation_id}.parquet" if as_known_at is None else None,
        "files": {
            path.relative_to(folder).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": hash_file(path),
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        },
        **_describe_decisions(settings, folder),
        "row_counts": _count_rows(settings, folder),
        "primary_keys": {table: list(columns) for table, columns in primary_keys.items()},
        "coarse_levels": {table: dict(columns) for table, columns in levels.items()},
        "deliveries": _describe_deliveries(settings, folder),
        "holds": _describe_holds(settings),
        inputs.IN_MANIFEST: inputs.read_noted_inputs(folder),
        ACCESS_LOG: build_manifest_anchor(settings),
    }


def note_linkage_model(folder: Path, path: Path) -> None:
    """Record in a build's folder that the build uses the linkage model in the file `path`."""
    (folder / LINKAGE_MODEL_NOTE).write_text(json.dumps(_describe_model(path)), encoding="utf-8")


def _read_linkage_model(folder: Path) -> dict[str, str]:
    note = folder / LINKAGE_MODEL_NOTE
    if not note.exists():
        return _describe_model(LINKAGE_MODEL)
    description: dict[str, str] = json.loads(note.read_text(encoding="utf-8"))
    return description


def _describe_model(path: Path) -> dict[str, str]:
    model = json.loads(path.read_text(encoding="utf-8"))
    return {"version": str(model["version"]), "sha256": hash_file(path)}


def note_decisions(settings: Settings, folder: Path) -> None:
    """Record the hashes of the decision files, as they are now, in a build's folder."""
    text = json.dumps(_hash_decisions(settings))
    (folder / DECISIONS_FILE).write_text(text, encoding="utf-8")


def _describe_decisions(settings: Settings, folder: Path) -> dict[str, Any]:
    """Return the decision files that a build used, and those that grew during the build.

    Files only grow, so the build used the first `bytes` of each.
    """
    now = _hash_decisions(settings)
    note = folder / DECISIONS_FILE
    used = json.loads(note.read_text(encoding="utf-8")) if note.exists() else now
    changed = sorted(name for name in now if now[name] != used.get(name))
    return {"decisions": used, "decisions_changed_during_build": changed}


def _hash_decisions(settings: Settings) -> dict[str, dict[str, Any]]:
    return {
        path.name: asdict(compute_file_state(read_decision_file(settings, path.name)))
        for path in sorted(settings.decisions.glob("*.csv"))
    }


class ManifestError(RuntimeError):
    """A manifest cannot be read; the message names the generation and says what to do."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a published generation. Raises `ManifestError` if it is damaged."""
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict):
        raise ManifestError(
            f"{folder.name}: {MANIFEST_FILE} cannot be read: restore it from the backup, or choose"
            " another generation with `register generations rollback`"
        )
    return manifest


def serialise_manifest(settings: Settings, manifest: dict[str, Any]) -> bytes:
    """Return the content of a manifest's file, including its seal."""
    sealed = seal_content(settings, manifest)
    return (json.dumps(sealed, indent=2, ensure_ascii=False) + "\n").encode()


def code_version() -> dict[str, str]:
    """Return the versions of the package, Python and DuckDB, and the commit of a git checkout."""
    versions = {
        "package_version": version("national-register"),
        "python_version": platform.python_version(),
        "duckdb_version": duckdb.__version__,
    }
    commit = _run_git("rev-parse", "HEAD") if (PROJECT_ROOT / ".git").exists() else None
    if commit:
        versions["commit"] = commit
        versions["working_tree"] = "changed" if _run_git("status", "--porcelain") else "clean"
    return versions


def _run_git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        # Without git, or in another user's checkout, there is no commit. Then only the package
        # version tells which program made the generation.
        return None
    return answer.stdout.strip()


def model_hash(settings: Settings) -> str:
    """Return the hash of the files of the dbt project."""
    return hash_files(list_model_files(settings.dbt_project), settings.dbt_project)


def _count_rows(settings: Settings, folder: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in PUBLISHED_FILES:
        with open_database(settings.data_keys, folder / name) as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables"
                " where table_type = 'BASE TABLE' and table_catalog = current_database()"
                " order by table_schema, table_name"
            ).fetchall()
            for schema, table in tables:
                rows = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()
                counts[f"{schema}.{table}"] = rows[0][0]
    return counts


def _describe_deliveries(settings: Settings, folder: Path) -> list[dict[str, Any]]:
    with duckdb.connect(str(folder / PUBLISHED_FILES[0]), read_only=True) as connection:
        rows = connection.execute(
            "select delivery_id, status from register.dim_deliveries order by delivery_id"
        ).fetchall()
    hashes = {entry.delivery_id: entry.content_hash for entry in read_ledger(settings)}
    entries = hash_ledger_entries(settings)
    return [
        {
            "delivery_id": delivery_id,
            "status": status,
            "content_hash": hashes[delivery_id],
            "entry_sha256": entries[delivery_id],
        }
        for delivery_id, status in rows
    ]


def hash_ledger_entries(settings: Settings) -> dict[str, str]:
    """Return the hash of each delivery's ledger entry, by delivery id."""
    return {
        folder.name: hash_file(folder / ENTRY_NAME)
        for folder in list_landed_folders(settings.landing)
        if (folder / ENTRY_NAME).is_file()
    }


def _describe_holds(settings: Settings) -> dict[str, Any] | None:
    """Return the state of the file of holds that the build read, or None if nothing has landed."""
    path = settings.landing / HOLDS_FILE
    return asdict(compute_file_state(path.read_bytes())) if path.exists() else None
