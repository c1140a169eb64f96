"""Keys of signatories who sign in the web application: each is locked with a passphrase.

The home stores the public key, and the private key encrypted under the passphrase. So nobody can
sign for a person without their passphrase. Former public keys stay, because earlier signatures were
made with their private keys.
"""

from __future__ import annotations

import base64
import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from register.access import PRIVATE_FOLDER
from register.access_record import Actor, Entry, current_actor, record_access
from register.private_files import read_private, write_private
from register.seals import SEAL, seal_content, seal_fault
from register.settings import Settings
from register.signatory_keys import SignatoryKeyError, format_public_key

KEYS_FILE = "signatory_keys.json"
MIN_PASSPHRASE_LENGTH = 12
SALT_BYTES = NONCE_BYTES = 16
KEY_BYTES = 32
# Each guess of a passphrase costs 64 MB and a twentieth of a second, as one of a password does.
TIME_COST, MEMORY_KIB, LANES = 3, 65_536, 4


@dataclass(frozen=True)
class OwnKey:
    """A key of a signatory: the public key, the locked private key, and when it was made (UTC)."""

    public_key: str
    locked_key: str
    made_at: str


def read_own_keys(settings: Settings) -> dict[str, list[OwnKey]]:
    """Return the keys of each signatory who has any, the current key last."""
    path = _find_path(settings)
    if not path.exists():
        return {}
    stored = json.loads(read_private(settings.data_keys, path))
    names = {field.name for field in fields(OwnKey)}
    return {
        holder: [OwnKey(**{name: key[name] for name in names}) for key in keys]
        for holder, keys in stored.items()
        if holder != SEAL
    }


def find_own_keys_fault(settings: Settings) -> str | None:
    """Return how the file of keys differs from what the web application wrote, or None."""
    path = _find_path(settings)
    if not path.exists():
        return None
    try:
        return seal_fault(settings, json.loads(read_private(settings.data_keys, path)))
    except (ValueError, AttributeError):
        return "it cannot be read"


def make_own_key(settings: Settings, passphrase: str, holder: Actor | None = None) -> OwnKey:
    """Make a key for the person who is signed in, lock it with a passphrase, and return it.

    The private key of an earlier key is removed. Raises `SignatoryKeyError` for a weak passphrase.
    """
    actor = holder or current_actor()
    is_weak = len(passphrase) < MIN_PASSPHRASE_LENGTH
    if is_weak or actor.name.casefold() in passphrase.casefold():
        raise SignatoryKeyError(
            f"a passphrase has {MIN_PASSPHRASE_LENGTH} characters or more, without the name in it"
        )
    key = Ed25519PrivateKey.generate()
    public_key = format_public_key(key.public_key())
    locked_key = _lock(key.private_bytes_raw(), passphrase, actor.name)
    own_key = OwnKey(public_key, locked_key, datetime.now(UTC).isoformat(timespec="seconds"))
    with _hold_keys(settings) as path:
        keys = read_own_keys(settings)
        former = [OwnKey(each.public_key, "", each.made_at) for each in keys.get(actor.name, [])]
        keys[actor.name] = [*former, own_key]
        record_access(
            settings,
            Entry("account", "signing_key_made", keys=(actor.name, public_key), actor=actor),
        )
        content = {name: [asdict(each) for each in own] for name, own in sorted(keys.items())}
        text = json.dumps(seal_content(settings, content), indent=1) + "\n"
        write_private(settings.data_keys, path, text.encode())
    return own_key


def unlock_own_key(settings: Settings, name: str, passphrase: str) -> Ed25519PrivateKey:
    """Return a signatory's private key. Raises `SignatoryKeyError` if the passphrase is wrong."""
    keys = read_own_keys(settings).get(name, [])
    if not keys:
        raise SignatoryKeyError(f"{name} has no key yet: make one on the page Releases")
    if fault := find_own_keys_fault(settings):
        raise SignatoryKeyError(f"the file of signatories' keys is not in order: {fault}")
    try:
        content = _unlock(keys[-1].locked_key, passphrase, name)
    except (InvalidTag, ValueError):
        raise SignatoryKeyError("the passphrase is wrong: nothing was signed") from None
    return Ed25519PrivateKey.from_private_bytes(content)


def _find_path(settings: Settings) -> Path:
    return settings.web_folder / KEYS_FILE


@contextmanager
def _hold_keys(settings: Settings) -> Iterator[Path]:
    """Lock the file of keys until the block ends, and return its path."""
    path = _find_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    with path.with_name(f".{path.name}.lock").open("ab") as lock:
        Path(lock.name).chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _lock(content: bytes, passphrase: str, name: str) -> str:
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(_derive(passphrase, salt))
    return base64.b64encode(salt + nonce + cipher.encrypt(nonce, content, name.encode())).decode()


def _unlock(locked: str, passphrase: str, name: str) -> bytes:
    stored = base64.b64decode(locked)
    salt, nonce = stored[:SALT_BYTES], stored[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    cipher = AESGCM(_derive(passphrase, salt))
    return cipher.decrypt(nonce, stored[SALT_BYTES + NONCE_BYTES :], name.encode())


def _derive(passphrase: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        passphrase.encode(), salt, TIME_COST, MEMORY_KIB, LANES, KEY_BYTES, Type.ID
    )
