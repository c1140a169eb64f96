"""What people sign about a release, and the public keys with which anybody can verify it.

A statement has the version, the step and role, the time, the announced time, and the hashes of all
files, of `release.yaml` and of the earlier steps. It names its signer by the fingerprint of a key,
never by a name, because statements are published.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter, ValidationError

from official_statistics.releases.events import Event, derive_seal_keys
from official_statistics.releases.practice import ReleaseError
from official_statistics.releases.signatories import HEAD_OF_PROFESSION, list_public_keys
from register.settings import Settings
from register.signatory_keys import (
    compute_key_fingerprint,
    format_public_key,
    is_content_signed,
    sign_content,
)

PURPOSE = "statement about a release of official statistics, form 1"
# The register itself signs what is published, so that files that are added after the approval are
# covered too.
REGISTER = "register"
REGISTER_PURPOSE = b"signature of a register's releases"


@dataclass(frozen=True)
class Signer:
    """A person who signs releases, or the register itself: id, role and public key."""

    name: str
    role: str
    public_key: str

    @property
    def key_id(self) -> str:
        """The fingerprint of the key, by which statements name their signer."""
        return compute_key_fingerprint(self.public_key)


@dataclass(frozen=True)
class Statement:
    """What a person signed about a version. Hashes are as in `Event`."""

    version: str
    step: str
    role: str
    at: str
    release_at: str
    public_hash: str
    manifest: str
    inputs: str
    previous: str
    key_id: str
    signature: str = ""

    @property
    def content(self) -> bytes:
        """The bytes that are signed."""
        facts = {name: value for name, value in asdict(self).items() if name != "signature"}
        return encode_canonical({"purpose": PURPOSE, **facts})


def encode_canonical(content: object) -> bytes:
    """Return content as JSON in the one form that is signed."""
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def build_statement(version_name: str, event: Event) -> Statement:
    """Return the statement that an event makes about a version."""
    return Statement(
        version=version_name,
        step=event.state,
        # The event of a withdrawal has the role of who asked; its approver signs.
        role=HEAD_OF_PROFESSION if event.state == "withdrawn" else event.role,
        at=event.at,
        release_at=event.release_at,
        public_hash=event.public_hash,
        manifest=event.manifest,
        inputs=event.inputs,
        previous=event.previous,
        key_id=event.key_id,
        signature=event.signature,
    )


def sign_event(version_name: str, key: Ed25519PrivateKey, event: Event) -> Event:
    """Return an event with a person's signature of its statement."""
    public_key = format_public_key(key.public_key())
    named = replace(event, key_id=compute_key_fingerprint(public_key))
    return replace(named, signature=sign_content(key, build_statement(version_name, named).content))


def bind_key(version_name: str, key: Ed25519PrivateKey | None) -> partial[Event] | None:
    """Return a function that signs events of a version, or None without a key."""
    return None if key is None else partial(sign_event, version_name, key)


def find_signer(statement: Statement, signers: Sequence[Signer]) -> Signer | None:
    """Return who signed a statement in its role, if its signature is right; otherwise None."""
    for signer in signers:
        if (signer.key_id, signer.role) == (statement.key_id, statement.role) and is_content_signed(
            signer.public_key, statement.content, statement.signature
        ):
            return signer
    return None


def list_signers(settings: Settings) -> list[Signer]:
    """Return the signatories' public keys, former ones too, and those of the register itself."""
    signers = [
        Signer(name, role, public_key)
        for name, role in sorted(settings.signatories.items())
        for public_key in dict.fromkeys(list_public_keys(settings, name))
    ]
    register_keys = (format_public_key(key.public_key()) for key in derive_register_keys(settings))
    return [*signers, *(Signer(REGISTER, REGISTER, key) for key in dict.fromkeys(register_keys))]


def derive_register_keys(settings: Settings) -> list[Ed25519PrivateKey]:
    """Return the register's own keys: the current one, then those that it may have had before."""
    return [
        Ed25519PrivateKey.from_private_bytes(content)
        for content in derive_seal_keys(settings, REGISTER_PURPOSE)
    ]


def read_signers(path: Path) -> list[Signer]:
    """Read signers from a file that `register statistics signers --json` wrote."""
    try:
        signers = TypeAdapter(list[Signer]).validate_json(path.read_bytes())
    except (OSError, ValidationError):
        signers = []
    if not signers:
        raise ReleaseError(
            f"{path.name} has no public keys: `register statistics signers --json` writes such a"
            " file"
        )
    return signers
