"""Entries of the access record: their fields, their hashes and their seals.

Each entry has the hash of the entry before it. So a removed, inserted or exchanged entry breaks the
chain. Each entry is also sealed with a key that is stored outside the home. So a person who can
only write to the home cannot write another history. An entry has codes, keys and hashes, and never
a name, date of birth, postcode or supplier's reference.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from register.access_record.actors import Actor, current_actor
from register.key_strength import DEVELOPMENT_KEY, compute_key_id
from register.settings import Settings

# What an entry is about. `docs/reference/access-record.md` explains each kind.
Kind = Literal[
    "view",
    "export",
    "sign_in",
    "refusal",
    "account",
    "grant",
    "approval",
    "decision",
    "upload",
    "ledger",
    "publication",
    "release",
    "record",
]
KINDS: tuple[str, ...] = get_args(Kind)
# The hash before the first entry.
START = "0" * 64
# The seals' key is derived from the pseudonym key and this text, so it differs from other keys.
KEY_PURPOSE = b"seal of the access record"
HASH, SEAL = "hash", "seal"


@dataclass(frozen=True)
class Entry:
    """One access or act: of which kind, what exactly, why, and about which keys.

    `what` is the code of a page, command or act. `why` is the code of a purpose; empty if none is
    needed. `keys` are ids of the register, of deliveries, of samples, or names of accounts.
    `states` has the new state of each file of the home that the act wrote: see `recorded_states`.
    """

    kind: Kind
    what: str
    why: str = ""
    generation_id: str = ""
    keys: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    actor: Actor = field(default_factory=current_actor)


def build_line(settings: Settings, entry: Entry, previous: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as the line that follows `previous`, with its hash and its seal."""
    line: dict[str, Any] = {
        "number": previous["number"] + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "kind": entry.kind,
        "what": entry.what,
        "who": entry.actor.name,
        "how": entry.actor.how,
        "why": entry.why,
        "generation_id": entry.generation_id,
        "keys": list(entry.keys),
        "states": dict(entry.states),
        "key_id": settings.key_id,
        "previous": previous[HASH],
    }
    line[HASH] = hash_line(line)
    line[SEAL] = _compute_seal(settings.pseudonym_key, line[HASH])
    return line


def hash_line(line: Mapping[str, Any]) -> str:
    """Return the hash of a line, without its own hash and seal."""
    bare = {name: value for name, value in line.items() if name not in (HASH, SEAL)}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def list_known_keys(settings: Settings) -> dict[str, str]:
    """Return the pseudonym keys under which this process can check seals, by their ids."""
    keys = [settings.pseudonym_key, settings.former_pseudonym_key]
    if settings.environment != "production":
        keys.append(DEVELOPMENT_KEY)
    return {compute_key_id(key): key for key in keys if key}


def is_sealed(known_keys: Mapping[str, str], line: Mapping[str, Any]) -> bool | None:
    """Return whether a line's seal is right; None if it is under a key that is not known here."""
    key = known_keys.get(str(line.get("key_id")))
    if key is None:
        return None
    return hmac.compare_digest(str(line.get(SEAL)), _compute_seal(key, str(line.get(HASH))))


def _compute_seal(key: str, line_hash: str) -> str:
    seal_key = hmac.digest(key.encode(), KEY_PURPOSE, "sha256")
    return hmac.digest(seal_key, line_hash.encode(), "sha256").hex()
