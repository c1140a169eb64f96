"""Decision files only grow: what the last generation used of each is still at its beginning.

The manifest of the last generation has the length and the hash of every file of decisions as its
build began. Where a file was written anew on purpose (for a release with more columns, for another
pseudonym key, or because a person answers for a loss), `replacements.csv` says so.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass

from register.generation_ids import published_ids
from register.settings import Settings

REPLACEMENTS = "replacements.csv"
REPLACEMENT_COLUMNS = (
    "decided_at",
    "decided_by",
    "file_name",
    "former_bytes",
    "former_sha256",
    "bytes",
    "sha256",
    "reason",
)
RESTORE = (
    "Restore it from the backup: a wrong row is taken back by a later one. Where it is lost for"
    ' good: register load --accept-decisions --by "…" --reason "…"'
)


@dataclass(frozen=True)
class FileState:
    """The length of a file, or of its beginning, and the SHA-256 of it."""

    bytes: int
    sha256: str


def state_of(content: bytes) -> FileState:
    """Return the state of a file with this content."""
    return FileState(len(content), hashlib.sha256(content).hexdigest())


def published_decision_files(settings: Settings) -> frozenset[str]:
    """Return the names of the files of decisions that the last generation used."""
    return frozenset(_published_states(settings))


def accepted_states(settings: Settings, name: str) -> list[FileState]:
    """Return the states that may be the beginning of a file, the latest last; none if it is new.

    That is what the last generation used and what replaced it since, step by step.
    """
    published = _published_states(settings).get(name)
    if published is None:
        return []
    found = [published]
    for former, now in _replacements(settings, name):
        if former in found and now not in found:
            found.append(now)
    return found


def growth_fault(settings: Settings, name: str) -> str | None:
    """Return why a file is not what the last generation used and rows after it; None if it is."""
    accepted = accepted_states(settings, name)
    if not accepted:
        return None
    path = settings.decisions / name
    if not path.exists():
        return f"{name} is not there, and the last generation used it. {RESTORE}"
    content = path.read_bytes()
    if any(state_of(content[: state.bytes]) == state for state in accepted):
        return None
    least = accepted[-1].bytes
    if len(content) < least:
        return (
            f"{name} has {len(content):,} bytes, and had {least:,} at the last load: rows are gone."
            f" {RESTORE}"
        )
    return f"{name} has rows that are not as they were at the last load. {RESTORE}"


def _published_states(settings: Settings) -> dict[str, FileState]:
    """The states in the manifest of the last generation, or of the last whose can be read.

    Who examines what is published names the others.
    """
    for generation_id in published_ids(settings.published):
        path = settings.published / generation_id / "manifest.json"
        try:
            stated = json.loads(path.read_bytes())["decisions"]
            return {
                name: FileState(int(state["bytes"]), str(state["sha256"]))
                for name, state in stated.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}


def _replacements(settings: Settings, name: str) -> list[tuple[FileState, FileState]]:
    path = settings.decisions / REPLACEMENTS
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                FileState(int(row["former_bytes"]), row["former_sha256"]),
                FileState(int(row["bytes"]), row["sha256"]),
            )
            for row in csv.DictReader(file)
            if row["file_name"] == name and _has_lengths(row)
        ]


def _has_lengths(row: dict[str, str]) -> bool:
    return all((row[column] or "").isdigit() for column in ("former_bytes", "bytes"))
