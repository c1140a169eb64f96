"""What was done with a version: an append-only file, each line with the hash of the one before.

A line that is changed, taken out or put in breaks the chain from there on.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from register.durable import flush
from register.statistics.releases.faults import ReleaseError

FIRST = "0" * 64


@dataclass(frozen=True)
class Event:
    """One state of a version: who put it there, in which role, when (UTC), and why.

    `public_hash` is what the public folder hashed to, `previous` the hash of the line before.
    """

    state: str
    who: str
    role: str
    at: str
    public_hash: str
    words: str
    previous: str = FIRST

    @property
    def line(self) -> str:
        """The event as it is in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def line_hash(line: str) -> str:
    """Return what the next line says of this one."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def read_events(path: Path) -> list[Event]:
    """Return the events of a file, oldest first; none where there is no file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Event(**json.loads(line)) for line in lines]


def append_event(path: Path, event: Event) -> Event:
    """Write an event at the end, with the hash of the line before it, and return it.

    Raises `ReleaseError` where the chain is broken: nothing is built on it.
    """
    if fault := chain_fault(path):
        raise ReleaseError(f"the events of this version were changed: {fault}")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    linked = Event(**{**asdict(event), "previous": line_hash(lines[-1]) if lines else FIRST})
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{linked.line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    flush(path.parent)
    return linked


def chain_fault(path: Path) -> str | None:
    """Return which line breaks the chain, or None where it is whole."""
    if not path.exists():
        return None
    previous = FIRST
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = Event(**json.loads(line))
        except (TypeError, ValueError):
            return f"line {number} of {path.name} is no event"
        if event.previous != previous:
            return f"line {number} of {path.name} does not follow from the line before it"
        previous = line_hash(line)
    return None
