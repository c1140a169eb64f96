"""The events of a version: a file that only grows. Each line has the hash of the line before.

Each line is sealed with a key that is not stored in the folder. A line that is changed, removed or
added breaks the chain from there on. Only the key's holder could repair it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from official_statistics.releases.practice import ReleaseError
from official_statistics.releases.signatories import read_account
from register.access_record import Entry, RecordError, read_state, record_access
from register.durable import flush
from register.key_strength import find_key_fault
from register.settings import Settings

NO_PREVIOUS_LINE = "0" * 64
# The key that makes seals is derived from a secret and this text. So it differs from other keys
# derived from the same secret.
KEY_PURPOSE = b"seal of a release of statistics"

ADDED_LATER = {"inputs", "key_id", "signature"}


@dataclass(frozen=True)
class Event:
    """A change of a version's state: by whom, in which role, when (UTC), and why.

    `public_hash`, `manifest` and `access` are hashes of the public folder, the manifest and the
    list of pre-release access. `inputs` is that of `release.yaml`. `previous` is the hash of the
    line before. `release_at` is the announced time that was signed or approved. In events of the
    calendar, `calendar` is the calendar's full text. `account` is the account of the operating
    system. `signature` is the person's own, made with the key that `key_id` names.
    """

    state: str
    who: str
    role: str
    at: str
    public_hash: str
    words: str
    previous: str = NO_PREVIOUS_LINE
    manifest: str = ""
    access: str = ""
    release_at: str = ""
    calendar: str = ""
    account: str = ""
    inputs: str = ""
    key_id: str = ""
    signature: str = ""
    seal: str = ""

    @property
    def line(self) -> str:
        """The event as a line of the file."""
        facts = asdict(self)
        # Lines of earlier releases lack these, and their seals must stay valid.
        bare = {name: value for name, value in facts.items() if value or name not in ADDED_LATER}
        return json.dumps(bare, ensure_ascii=False, sort_keys=True)


def hash_line(line: str) -> str:
    """Return the hash of a line, which the next line contains as `previous`."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def read_events(path: Path) -> list[Event]:
    """Return the events of a file, oldest first; an empty list if there is no file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Event(**json.loads(line)) for line in lines]


def derive_seal_keys(settings: Settings, purpose: bytes = KEY_PURPOSE) -> tuple[bytes, ...]:
    """Return the keys of seals: the key for new seals, then keys that old seals may have.

    Other purposes have other keys.
    """
    texts = (
        settings.statistics_key or settings.pseudonym_key,
        settings.pseudonym_key,
        settings.former_pseudonym_key,
    )
    return tuple(hmac.digest(text.encode(), purpose, "sha256") for text in texts if text)


def key_note(settings: Settings) -> str | None:
    """Return a warning if the seals' key is not secret, because seals then protect nothing."""
    fault = find_key_fault(settings.statistics_key or settings.pseudonym_key)
    if fault is None:
        return None
    return (
        f"SEALS PROTECT NOTHING: {fault}. Anyone who can write to the folder can replace figures,"
        " hashes and signers: set REGISTER_STATISTICS_KEY"
    )


def append_event(
    path: Path,
    event: Event,
    settings: Settings,
    final_path: Path | None = None,
    sign: Callable[[Event], Event] | None = None,
) -> Event:
    """Append an event with its seal and the hash of the line before, and return the event.

    The access record names the event's file by `final_path`, if a draft is about to move there.
    `sign` adds the person's own signature, which covers the lines before through their hash. Raises
    `ReleaseError` if the chain is broken or the access record cannot be written.
    """
    keys = derive_seal_keys(settings)
    if fault := find_chain_fault(path, keys):
        raise ReleaseError(f"the events of this version were changed: {fault}")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    previous = hash_line(lines[-1]) if lines else NO_PREVIOUS_LINE
    linked = replace(event, previous=previous, account=read_account())
    if sign is not None:
        linked = sign(linked)
    sealed = replace(linked, seal=_compute_seal(linked, keys[0]))
    size = path.stat().st_size if path.exists() else 0
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{sealed.line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    flush(path.parent)
    name = (final_path or path).relative_to(settings.home)
    entry = Entry(
        "release",
        event.state,
        keys=(name.parent.as_posix(),),
        states={name.as_posix(): read_state(path)},
    )
    try:
        record_access(settings, entry)
    except RecordError as error:
        os.truncate(path, size)
        raise ReleaseError(str(error)) from None
    return sealed


def _compute_seal(event: Event, key: bytes) -> str:
    return hmac.digest(key, replace(event, seal="").line.encode(), "sha256").hex()


def _is_sealed(event: Event, keys: Sequence[bytes]) -> bool:
    """Return whether an event is sealed with one of the keys."""
    return any(hmac.compare_digest(event.seal, _compute_seal(event, key)) for key in keys)


def find_chain_fault(path: Path, keys: Sequence[bytes]) -> str | None:
    """Return a description of the line that breaks the chain, or None if the chain is intact.

    Only the first lines may lack a seal: they date from before events were sealed.
    """
    if not path.exists():
        return None
    previous, are_sealed = NO_PREVIOUS_LINE, False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            event = Event(**json.loads(line))
        except (TypeError, ValueError):
            return f"line {number} of {path.name} is no event"
        if event.previous != previous:
            return f"line {number} of {path.name} does not follow from the line before it"
        are_sealed = are_sealed or bool(event.seal)
        if are_sealed and not _is_sealed(event, keys):
            return f"line {number} of {path.name} was not sealed with this register's key"
        previous = hash_line(line)
    return None


def find_unsealed_fault(path: Path) -> str | None:
    """Return a sentence on lines without a seal, or None. Nothing proves who wrote such lines."""
    count = sum(1 for event in read_events(path) if not event.seal)
    if not count:
        return None
    return f"{path.name} has {count} lines without a seal: nothing shows who wrote them"
