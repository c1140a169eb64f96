"""The manifest of a generation: everything it was made from, so that it can be made again.

Deliveries with their hashes, code, model, seeds and decisions with theirs, the moment as known at,
and the rows of every mart. It has counts, codes and ids, never a value of a record.
"""

from __future__ import annotations

import json
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from register.access_anchor import IN_MANIFEST, build_manifest_anchor
from register.decision_history import compute_file_state
from register.feeds import ENTRY_NAME, HOLDS_FILE, list_landed_folders, read_ledger
from register.hashing import hash_file, hash_files, list_model_files
from register.publishing.key_log import LOG_FOLDER
from register.seals import seal_content
from register.settings import PROJECT_ROOT, Settings

PUBLISHED_FILES = ("national_register.duckdb", "case_lists.duckdb")
MANIFEST_FILE = "manifest.json"
# In the folder of a build: the files of decisions as they were when it began.
DECISIONS_FILE = ".decisions.json"
# In the folder of a build: the model by which it links, where it is not that of the package.
LINKAGE_MODEL_NOTE = ".linkage_model.json"
# The model of the package.
LINKAGE_MODEL = PROJECT_ROOT / "register" / "identity" / "score" / "model.json"


def build_manifest(
    settings: Settings, folder: Path, generation_id: str, as_known_at: str | None
) -> dict[str, Any]:
    """Describe the build in `folder`, whose files are complete and closed."""
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
        "linkage_model": _linkage_model(folder),
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
        **_decisions(settings, folder),
        "row_counts": _row_counts(folder),
        "deliveries": _deliveries(settings, folder),
        "holds": _holds(settings),
        IN_MANIFEST: build_manifest_anchor(settings),
    }


def note_linkage_model(folder: Path, path: Path) -> None:
    """Write down in a build's folder by which model it links: that of the file `path`."""
    (folder / LINKAGE_MODEL_NOTE).write_text(json.dumps(_model_facts(path)), encoding="utf-8")


def _linkage_model(folder: Path) -> dict[str, str]:
    noted = folder / LINKAGE_MODEL_NOTE
    if not noted.exists():
        return _model_facts(LINKAGE_MODEL)
    found: dict[str, str] = json.loads(noted.read_text(encoding="utf-8"))
    return found


def _model_facts(path: Path) -> dict[str, str]:
    model = json.loads(path.read_text(encoding="utf-8"))
    return {"version": str(model["version"]), "sha256": hash_file(path)}


def note_decisions(settings: Settings, folder: Path) -> None:
    """Write down in a build's folder what the files of decisions are as it begins."""
    text = json.dumps(_decision_hashes(settings))
    (folder / DECISIONS_FILE).write_text(text, encoding="utf-8")


def _decisions(settings: Settings, folder: Path) -> dict[str, Any]:
    """The decisions that a build used, and the files that were appended to meanwhile.

    A file only grows: what was used are its first `bytes`.
    """
    now = _decision_hashes(settings)
    noted = folder / DECISIONS_FILE
    used = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else now
    changed = sorted(name for name in now if now[name] != used.get(name))
    return {"decisions": used, "decisions_changed_during_build": changed}


def _decision_hashes(settings: Settings) -> dict[str, dict[str, Any]]:
    return {
        path.name: asdict(compute_file_state(path.read_bytes()))
        for path in sorted(settings.decisions.glob("*.csv"))
    }


class ManifestError(RuntimeError):
    """A manifest cannot be read; the message says of which generation, and what to do."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a published generation. Raises `ManifestError` where it is damaged."""
    try:
        loaded = json.loads((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ValueError):
        loaded = None
    if not isinstance(loaded, dict):
        raise ManifestError(
            f"{folder.name}: {MANIFEST_FILE} cannot be read: restore it from the backup, or choose"
            " another generation with `register generations rollback`"
        )
    return loaded


def as_bytes(settings: Settings, manifest: dict[str, Any]) -> bytes:
    """The manifest as it is written, with its seal."""
    sealed = seal_content(settings, manifest)
    return (json.dumps(sealed, indent=2, ensure_ascii=False) + "\n").encode()


def code_version() -> dict[str, str]:
    """The package's version, its commit where it runs from a checkout, and the engine's."""
    found = {
        "package_version": version("national-register"),
        "python_version": platform.python_version(),
        "duckdb_version": duckdb.__version__,
    }
    commit = _git("rev-parse", "HEAD") if (PROJECT_ROOT / ".git").exists() else None
    if commit:
        found["commit"] = commit
        found["working_tree"] = "changed" if _git("status", "--porcelain") else "clean"
    return found


def _git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        # A checkout without git, or one owned by somebody else: the package version is enough.
        return None
    return answer.stdout.strip()


def model_hash(settings: Settings) -> str:
    """What the files of the dbt project hash to."""
    return hash_files(list_model_files(settings.dbt_project), settings.dbt_project)


def _row_counts(folder: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in PUBLISHED_FILES:
        with duckdb.connect(str(folder / name), read_only=True) as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables"
                " where table_type = 'BASE TABLE' order by table_schema, table_name"
            ).fetchall()
            for schema, table in tables:
                rows = connection.execute(f'select count(*) from "{schema}"."{table}"').fetchall()
                counts[f"{schema}.{table}"] = rows[0][0]
    return counts


def _deliveries(settings: Settings, folder: Path) -> list[dict[str, Any]]:
    with duckdb.connect(str(folder / PUBLISHED_FILES[0]), read_only=True) as connection:
        known = connection.execute(
            "select delivery_id, status from register.dim_deliveries order by delivery_id"
        ).fetchall()
    hashes = {entry.delivery_id: entry.content_hash for entry in read_ledger(settings)}
    entries = entry_hashes(settings)
    return [
        {
            "delivery_id": delivery_id,
            "status": status,
            "content_hash": hashes[delivery_id],
            "entry_sha256": entries[delivery_id],
        }
        for delivery_id, status in known
    ]


def entry_hashes(settings: Settings) -> dict[str, str]:
    """Return the hash of the ledger's entry of every delivery, by delivery."""
    return {
        folder.name: hash_file(folder / ENTRY_NAME)
        for folder in list_landed_folders(settings.landing)
        if (folder / ENTRY_NAME).is_file()
    }


def _holds(settings: Settings) -> dict[str, Any] | None:
    """The state of the history of holds that the build read; None where nothing has landed."""
    path = settings.landing / HOLDS_FILE
    return asdict(compute_file_state(path.read_bytes())) if path.exists() else None
