"""What was done with a version: an append-only file, each line with the hash of the one before.

Each line is sealed with a key that is not in the folder. A line that is changed, taken out or put
in breaks the chain from there on, and nobody without the key can write it anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from official_statistics.releases.faults import ReleaseError
from official_statistics.releases.signatories import account_of_process
from register.durable import flush
from register.settings import Settings, find_key_fault

FIRST = "0" * 64
# Of the key that is made of the register's for seals alone.
PURPOSE = b"seal of a release of statistics"


@dataclass(frozen=True)
class Event:
    """One state of a version: who put it there, in which role, when (UTC), and why.

    `public_hash` is what the public folder hashed to, `manifest` the hash of the manifest, `access`
    that of the list of pre-release access, `previous` that of the line before. `release_at` is the
    announced time that was approved, `calendar` the whole calendar from an event of it on.
    `account` is that of the operating system.
    """

    state: str
    who: str
    role: str
    at: str
    public_hash: str
    words: str
    previous: str = FIRST
    manifest: str = ""
    access: str = ""
    release_at: str = ""
    calendar: str = ""
    account: str = ""
    seal: str = ""

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


def seal_keys(settings: Settings) -> tuple[bytes, ...]:
    """Return the keys of seals: the one that seals, then those that former seals are held to."""
    former = settings.former_pseudonym_key
    texts = [settings.statistics_key or settings.pseudonym_key, settings.pseudonym_key, former]
    return tuple(hmac.digest(text.encode(), PURPOSE, "sha256") for text in texts if text)


def key_note(settings: Settings) -> str | None:
    """Return why seals protect nothing, if so."""
    fault = find_key_fault(settings.statistics_key or settings.pseudonym_key)
    if fault is None:
        return None
    return (
        f"SEALS PROTECT NOTHING: {fault}. Whoever can write the folder can write figures, hashes"
        " and signers anew: set REGISTER_STATISTICS_KEY"
    )


def append_event(path: Path, event: Event, settings: Settings) -> Event:
    """Write an event at the end, sealed and with the hash of the line before it, and return it.

    Raises `ReleaseError` where the chain is broken: nothing is built on it.
    """
    keys = seal_keys(settings)
    if fault := chain_fault(path, keys):
        raise ReleaseError(f"the events of this version were changed: {fault}")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    previous = line_hash(lines[-1]) if lines else FIRST
    linked = replace(event, previous=previous, account=account_of_process())
    sealed = replace(linked, seal=_sealed(linked, keys[0]))
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{sealed.line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    flush(path.parent)
    return sealed


def _sealed(event: Event, key: bytes) -> str:
    return hmac.digest(key, replace(event, seal="").line.encode(), "sha256").hex()


def is_sealed(event: Event, keys: Sequence[bytes]) -> bool:
    """Return whether one of some keys sealed an event as it is."""
    return any(hmac.compare_digest(event.seal, _sealed(event, key)) for key in keys)


def chain_fault(path: Path, keys: Sequence[bytes]) -> str | None:
    """Return which line breaks the chain, or None where it is whole.

    Lines without a seal, from before events were sealed, are no break where they are the first.
    """
    if not path.exists():
        return None
    previous, are_sealed = FIRST, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = Event(**json.loads(line))
        except (TypeError, ValueError):
            return f"line {number} of {path.name} is no event"
        if event.previous != previous:
            return f"line {number} of {path.name} does not follow from the line before it"
        are_sealed = are_sealed or bool(event.seal)
        if are_sealed and not is_sealed(event, keys):
            return f"line {number} of {path.name} was not sealed with this register's key"
        previous = line_hash(line)
    return None


def unsealed_fault(path: Path) -> str | None:
    """Return which lines have no seal, if any: they may be anybody's."""
    count = sum(1 for event in read_events(path) if not event.seal)
    if not count:
        return None
    return f"{path.name} has {count} lines without a seal: nothing shows who wrote them"
