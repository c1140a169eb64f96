"""Decision files only grow: what was used or written of each is still at its beginning.

The manifest of the last generation has the length and the hash of every file of decisions as its
build began. `appended.json` has those of each file as a command last wrote it, so that nothing that
was appended since the last load is cut off unseen. Where a file was written anew on purpose (for a
release with more columns, for another pseudonym key, or because a person answers for a loss),
`replacements.csv` says so.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict, dataclass

from register.durable import write_whole
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
APPENDED = "appended.json"
LAST_LOAD, LAST_COMMAND = "at the last load", "when a command last wrote it"
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


def former_states(settings: Settings, name: str, content: bytes) -> list[FileState]:
    """Return each former state of a file that is not at the beginning of this content."""
    return [
        accepted[-1]
        for accepted, _ in _accepted_states(settings, name)
        if not _begins_with_one(content, accepted)
    ]


def growth_fault(settings: Settings, name: str) -> str | None:
    """Return why a file is not what was used or written of it, and rows after; None if it is."""
    path = settings.decisions / name
    content = path.read_bytes() if path.exists() else None
    for accepted, when in _accepted_states(settings, name):
        if content is None:
            return f"{name} is not there, and was {when}. {RESTORE}"
        if _begins_with_one(content, accepted):
            continue
        least = accepted[-1].bytes
        if len(content) < least:
            return (
                f"{name} has {len(content):,} bytes, and had {least:,} {when}: rows are gone."
                f" {RESTORE}"
            )
        return f"{name} has rows that are not as they were {when}. {RESTORE}"
    return None


def written_states_fault(settings: Settings) -> str | None:
    """Return why the states that commands wrote down cannot be compared; None if they can."""
    if _written_states(settings) is not None:
        return None
    return (
        f"{APPENDED} cannot be read: restore it from the backup, or delete it; files are then"
        " compared with the last load alone until a command writes them again"
    )


def note_written(settings: Settings, name: str) -> None:
    """Write down the state of a file that a command has just written."""
    states = {
        **(_written_states(settings) or {}),
        name: state_of((settings.decisions / name).read_bytes()),
    }
    text = json.dumps({each: asdict(state) for each, state in sorted(states.items())}, indent=2)
    write_whole(settings.decisions / APPENDED, f"{text}\n".encode(), 0o600)


def _accepted_states(settings: Settings, name: str) -> list[tuple[list[FileState], str]]:
    """The states that may be the beginning of a file, the latest last; and of when the first is.

    Those are what the last generation used and what replaced it since, step by step; and likewise
    what a command last wrote.
    """
    known = (
        (_published_states(settings).get(name), LAST_LOAD),
        ((_written_states(settings) or {}).get(name), LAST_COMMAND),
    )
    found = []
    for state, when in known:
        if state is not None:
            accepted = [state]
            for former, now in _replacements(settings, name):
                if former in accepted and now not in accepted:
                    accepted.append(now)
            found.append((accepted, when))
    return found


def _begins_with_one(content: bytes, states: list[FileState]) -> bool:
    return any(state_of(content[: state.bytes]) == state for state in states)


def _written_states(settings: Settings) -> dict[str, FileState] | None:
    """The states that commands wrote down; None where they cannot be read."""
    path = settings.decisions / APPENDED
    if not path.exists():
        return {}
    try:
        return _states(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _published_states(settings: Settings) -> dict[str, FileState]:
    """The states in the manifest of the last generation, or of the last whose can be read.

    Who examines what is published names the others.
    """
    for generation_id in published_ids(settings.published):
        path = settings.published / generation_id / "manifest.json"
        try:
            return _states(json.loads(path.read_bytes())["decisions"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}


def _states(stated: dict[str, dict[str, object]]) -> dict[str, FileState]:
    return {
        name: FileState(int(str(state["bytes"])), str(state["sha256"]))
        for name, state in stated.items()
    }


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
