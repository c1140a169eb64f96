"""The inputs of a generation as hashes, so that a load can tell whether anything has changed.

A build depends on nothing else: no dbt model reads a clock. The hashes are taken when a build
begins, and published in its manifest.
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from register.decision_columns import ACCESS_GRANTS, FORMER_GRANTS
from register.decision_history import compute_file_state, read_decision_file
from register.feeds import ENTRY_NAME, HOLDS_FILE, list_landed_folders
from register.hashing import hash_files, join_hashes, list_model_files
from register.linkage_models import PINNED_MODELS
from register.settings import PROJECT_ROOT, Settings

IN_MANIFEST = "input_hashes"
# The file in a build's folder with the hashes of the build's inputs when the build started.
INPUTS_FILE = ".inputs.json"
PACKAGES = ("register", "engines", "orchestration", "expectations", "interfaces")
PROGRAM_SUFFIXES = {".py", ".sql", ".yaml", ".json", ".html", ".jinja", ".css", ".js"}
LIBRARIES = (
    "national-register",
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "splink",
    "great-expectations",
)
# No build reads the grants: each takes effect where it is enforced.
NOT_BUILT_FROM = {ACCESS_GRANTS, FORMER_GRANTS}


def hash_inputs(settings: Settings) -> dict[str, str]:
    """Return a SHA-256 of each kind of input, by a name that people understand."""
    # Of the deliveries only the ledger's entries are hashed, since each entry has the hashes of its
    # delivery's files.
    ledger = {folder / ENTRY_NAME for folder in list_landed_folders(settings.landing)}
    ledger.add(settings.landing / HOLDS_FILE)
    decisions = {
        path.name: compute_file_state(read_decision_file(settings, path.name)).sha256
        for path in settings.decisions.glob("*.csv")
        if path.name not in NOT_BUILT_FROM
    }
    pinned = settings.decisions / PINNED_MODELS
    truth = settings.truth.glob("*.parquet") if settings.is_simulation else ()
    program = {
        path
        for package in PACKAGES
        for path in (PROJECT_ROOT / package).rglob("*")
        if path.suffix in PROGRAM_SUFFIXES
    }
    return {
        "deliveries": hash_files((path for path in ledger if path.is_file()), settings.landing),
        "decisions": join_hashes(decisions),
        "look-up tables": hash_files(settings.seeds.glob("*.*"), settings.seeds),
        # Which of these is in use is a decision; the packaged model belongs to the program.
        "linkage models": hash_files(pinned.glob("*.json"), settings.decisions),
        "models": hash_files(list_model_files(settings.dbt_project), settings.dbt_project),
        "program": _hash_texts(
            hash_files(program, PROJECT_ROOT),
            platform.python_version(),
            [version(name) for name in LIBRARIES],
        ),
        "settings": _hash_texts(
            settings.environment,
            settings.key_id,
            settings.hold_shrink_share,
            settings.hold_quarantine_share,
            settings.limits,
            settings.readers_group,
            settings.case_lists_group,
        ),
        "simulated truth": hash_files(truth, settings.truth),
    }


def _hash_texts(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def note_inputs(settings: Settings, folder: Path) -> None:
    """Record the hashes of the inputs in the folder of a build that begins."""
    (folder / INPUTS_FILE).write_text(json.dumps(hash_inputs(settings)), encoding="utf-8")


def read_noted_inputs(folder: Path) -> dict[str, str]:
    """Return the hashes in the folder of a build; none if the build recorded none."""
    path = folder / INPUTS_FILE
    hashes: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return hashes


def list_changed_inputs(settings: Settings, manifest: dict[str, Any]) -> list[str]:
    """Return the kinds of input that differ from those of the generation with this manifest."""
    before = manifest.get(IN_MANIFEST, {})
    return [kind for kind, value in hash_inputs(settings).items() if before.get(kind) != value]
