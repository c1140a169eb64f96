"""Checks that decision files only grow: a file must still begin with its earlier content.

Two records state the earlier content. Each generation's manifest has the length and hash of every
decision file at the start of its build. `appended.json` has the length and hash of each file after
the last write by a command.

A file may be rewritten on purpose: for more columns, for another pseudonym key, or after a person
accepted a loss. Then `replacements.csv` gets a row about it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from register.access_record import Entry, read_states, record_access
from register.durable import write_whole
from register.generation_ids import list_published_ids
from register.private_files import PrivateFileError, read_private
from register.settings import Settings
from register.spreadsheet import parse_rows

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
    "Restore it from the backup; to undo a wrong row, append a row that takes it back. If the file"
    ' is lost for good: register load --accept-decisions --by "…" --reason "…"'
)


@dataclass(frozen=True)
class FileState:
    """The length and SHA-256 of a file, or of the beginning of a file."""

    bytes: int
    sha256: str


def compute_file_state(content: bytes) -> FileState:
    """Return the state of a file with this content."""
    return FileState(len(content), hashlib.sha256(content).hexdigest())


def read_decision_file(settings: Settings, name: str) -> bytes:
    """Return the content of a decision file, which is encrypted in a home with data keys."""
    return read_private(settings.data_keys, settings.decisions / name)


def list_published_decision_files(settings: Settings) -> frozenset[str]:
    """Return the names of the decision files that the last generation used."""
    return frozenset(_read_published_states(settings))


def find_lost_states(settings: Settings, name: str, content: bytes) -> list[FileState]:
    """Return the recorded states of a file with which this content does not begin."""
    return [
        accepted[-1]
        for accepted, _ in _list_accepted_states(settings, name)
        if not begins_with_any(content, accepted)
    ]


def find_growth_fault(settings: Settings, name: str) -> str | None:
    """Return how a file lost or changed recorded rows, or None if it only grew."""
    try:
        return _find_lost_rows(settings, name)
    except PrivateFileError as error:
        return str(error)


def _find_lost_rows(settings: Settings, name: str) -> str | None:
    path = settings.decisions / name
    content = read_decision_file(settings, name) if path.exists() else None
    for accepted, recorded_when in _list_accepted_states(settings, name):
        if content is None:
            return f"{name} is missing, and existed {recorded_when}. {RESTORE}"
        if begins_with_any(content, accepted):
            continue
        expected_bytes = accepted[-1].bytes
        if len(content) < expected_bytes:
            return (
                f"{name} has {len(content):,} bytes, and had {expected_bytes:,} {recorded_when}:"
                f" rows are gone. {RESTORE}"
            )
        return f"{name} has rows that are not as they were {recorded_when}. {RESTORE}"
    return None


def find_written_states_fault(settings: Settings) -> str | None:
    """Return why `appended.json` cannot be used, or None if it can."""
    if _read_written_states(settings) is not None:
        return None
    return (
        f"{APPENDED} cannot be read: restore it from the backup, or delete it. Without it, decision"
        " files are only compared with the last load until a command writes them again"
    )


def note_written(settings: Settings, name: str) -> None:
    """Record the state of a file that a command has just written.

    The state is added to the access record and to `appended.json`. Raises `RecordError` if the
    access record cannot be written.
    """
    path = settings.decisions / name
    record_access(settings, Entry("decision", path.stem, states=read_states(settings, [path])))
    states = {
        **(_read_written_states(settings) or {}),
        name: compute_file_state(read_decision_file(settings, name)),
    }
    text = json.dumps({each: asdict(state) for each, state in sorted(states.items())}, indent=2)
    write_whole(settings.decisions / APPENDED, f"{text}\n".encode(), 0o600)


def _list_accepted_states(settings: Settings, name: str) -> list[tuple[list[FileState], str]]:
    """Return, for each recorded state of a file, the states with which the file may begin.

    These are the recorded state and all states that replaced it since, the latest last. The text of
    each entry says when the state was recorded.
    """
    recorded = (
        (_read_published_states(settings).get(name), LAST_LOAD),
        ((_read_written_states(settings) or {}).get(name), LAST_COMMAND),
    )
    accepted_states = []
    for state, recorded_when in recorded:
        if state is not None:
            accepted_states.append((list_replacing_states(settings, name, state), recorded_when))
    return accepted_states


def list_replacing_states(settings: Settings, name: str, state: FileState) -> list[FileState]:
    """Return a recorded state of a file, and all states that replaced it since, the latest last."""
    accepted = [state]
    for former, replacement in _read_replacements(settings, name):
        if former in accepted and replacement not in accepted:
            accepted.append(replacement)
    return accepted


def begins_with_any(content: bytes, states: list[FileState]) -> bool:
    """Return whether a file's content begins with the content of one of these states."""
    return any(compute_file_state(content[: state.bytes]) == state for state in states)


def _read_written_states(settings: Settings) -> dict[str, FileState] | None:
    """Return the states in `appended.json`, or None if it cannot be read."""
    path = settings.decisions / APPENDED
    if not path.exists():
        return {}
    try:
        return _parse_states(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_published_key_id(settings: Settings) -> str | None:
    """Return the id of the pseudonym key of the latest manifest that can be read, if any can."""
    return next((str(item["pseudonym_key_id"]) for item in _read_manifests(settings)), None)


def _read_published_states(settings: Settings) -> dict[str, FileState]:
    """Return the states in the latest manifest that can be read."""
    return next((_parse_states(item["decisions"]) for item in _read_manifests(settings)), {})


def _read_manifests(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield the manifests that can be read and have what this module needs, the latest first."""
    for generation_id in list_published_ids(settings.published):
        path = settings.published / generation_id / "manifest.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_bytes())
            _parse_states(manifest["decisions"])
            str(manifest["pseudonym_key_id"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        yield manifest


def _parse_states(facts: dict[str, dict[str, object]]) -> dict[str, FileState]:
    return {
        name: FileState(int(str(state["bytes"])), str(state["sha256"]))
        for name, state in facts.items()
    }


def _read_replacements(settings: Settings, name: str) -> list[tuple[FileState, FileState]]:
    """Return the former and the new state for each replacement of a file, in order."""
    path = settings.decisions / REPLACEMENTS
    rows = parse_rows(read_decision_file(settings, REPLACEMENTS)) if path.exists() else []
    return [
        (
            FileState(int(row["former_bytes"]), row["former_sha256"]),
            FileState(int(row["bytes"]), row["sha256"]),
        )
        for row in rows
        if row["file_name"] == name
        and all((row[column] or "").isdigit() for column in ("former_bytes", "bytes"))
    ]
