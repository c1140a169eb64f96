"""States of the files that entries are about: decisions, ledger, releases and manifests.

A state is a file's length and SHA-256, as the text `bytes:hash`. Each command that writes such a
file records its new state. So a file that was changed by other means is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from register.private_files import PrivateFileError, read_private
from register.settings import Settings

LEDGER_ENTRY = "delivery.json"
# The events of versions, and of the calendar of releases.
RELEASE_EVENTS = ("*events.jsonl", "[!.]*/[!.]*/[!.]*/events.jsonl")
# Old generations are removed, so a missing manifest is no fault.
REMOVABLE = "published/"


def read_state(path: Path) -> str:
    """Return the state of a plain file."""
    return _describe_content(path.read_bytes())


def _read_content(settings: Settings, path: Path) -> bytes:
    """Return a file's content. Decision files are encrypted in a home with data keys."""
    is_decision = path.parent == settings.decisions
    return read_private(settings.data_keys, path) if is_decision else path.read_bytes()


def _describe_content(content: bytes) -> str:
    return f"{len(content)}:{hashlib.sha256(content).hexdigest()}"


def read_states(settings: Settings, paths: Iterable[Path] | None = None) -> dict[str, str]:
    """Return the states of these files (default: all that have content), by path in the home."""
    chosen = list_stated_files(settings) if paths is None else paths
    return {
        path.relative_to(settings.home).as_posix(): _describe_content(_read_content(settings, path))
        for path in chosen
    }


def list_stated_files(settings: Settings) -> Iterator[Path]:
    """Yield the files that entries are about, without decision files that have no rows."""
    for path in sorted(settings.decisions.glob("*.csv")):
        if _has_rows(settings, path):
            yield path
    yield from _list_ledger_entries(settings)
    for pattern in RELEASE_EVENTS:
        yield from sorted(settings.statistics.glob(pattern))


def _has_rows(settings: Settings, path: Path) -> bool:
    try:
        return len(_read_content(settings, path).splitlines()) > 1
    except PrivateFileError:
        return True


def _list_ledger_entries(settings: Settings) -> list[Path]:
    # Folders whose names begin with a dot are left from interrupted loads.
    return sorted(settings.landing.glob(f"[!.]*/[!.]*/{LEDGER_ENTRY}"))


def find_state_faults(settings: Settings, entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return files that are not as the last entry about them says, and files without an entry."""
    recorded = read_last_states(entries)
    faults = [
        f"{name} {fault} (entry {number})"
        for name, (state, number) in recorded.items()
        if (fault := _find_state_fault(settings, name, state)) is not None
    ]
    present = {path.relative_to(settings.home).as_posix() for path in list_stated_files(settings)}
    return faults + [f"no entry is about {name}" for name in sorted(present - recorded.keys())]


def read_last_states(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, int]]:
    """Return the last recorded state of each file, and the number of its entry, by path."""
    return {
        name: (state, entry["number"])
        for entry in entries
        for name, state in entry.get("states", {}).items()
    }


def find_ledger_changes(settings: Settings, entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the states of ledger entries that no entry of the record has.

    The state of an entry that was removed is empty.
    """
    recorded = {
        name: state
        for name, (state, _) in read_last_states(entries).items()
        if Path(name).name == LEDGER_ENTRY
    }
    present = read_states(settings, _list_ledger_entries(settings))
    removed = {name: "" for name, state in recorded.items() if state and name not in present}
    changed = {name: state for name, state in present.items() if recorded.get(name) != state}
    return {**removed, **dict(sorted(changed.items()))}


def _find_state_fault(settings: Settings, name: str, state: str) -> str | None:
    """Return how a file differs from its recorded state, which is empty if it was removed."""
    path = settings.home / name
    if not path.exists():
        return "is missing" if state and not name.startswith(REMOVABLE) else None
    try:
        content = _read_content(settings, path)
    except PrivateFileError:
        return "cannot be decrypted, or is not encrypted"
    size = int(state.partition(":")[0] or 0)
    if _describe_content(content) == state:
        return None
    if state and _describe_content(content[:size]) == state:
        return "has rows that no entry is about"
    return "lost or changed rows" if state else "was removed, and is there again"
