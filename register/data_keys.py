"""The keys under which a home's files are encrypted.

A key ring is a text of lines `ID SECRET`. The first line is the current key, with which files are
written. The others are former keys, with which files are read until `register keys rotate` has
rewritten them. Each kind of file has a key of its own, derived from the secret.
"""

from __future__ import annotations

import re
import secrets
import shlex
import subprocess
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from register.key_strength import find_key_fault
from register.setting_values import SettingsError

RING, RING_FILE, RING_COMMAND = (
    "REGISTER_DATA_KEYS",
    "REGISTER_DATA_KEYS_FILE",
    "REGISTER_DATA_KEYS_COMMAND",
)
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
KEY_BYTES = 32
COMMAND_SECONDS = 60


class MissingKeyError(LookupError):
    """A file is encrypted under a key that the key ring lacks; the message names the key's id."""


@dataclass(frozen=True)
class DataKey:
    """A key of the ring. Its id is no secret, and is stored beside what the key encrypts."""

    id: str
    secret: str = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return the key of 32 bytes for one kind of file (HKDF with SHA-256, RFC 5869)."""
        kdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"register: {purpose}".encode())
        return kdf.derive(self.secret.encode())


@dataclass(frozen=True)
class KeyRing:
    """The current key, followed by former keys."""

    keys: tuple[DataKey, ...]

    @property
    def current(self) -> DataKey:
        """The key with which files are written."""
        return self.keys[0]

    def find(self, key_id: str) -> DataKey:
        """Return the key with this id.

        Raises `MissingKeyError` if the ring does not have it.
        """
        for key in self.keys:
            if key.id == key_id:
                return key
        known = ", ".join(key.id for key in self.keys)
        raise MissingKeyError(f"the key '{key_id}' is not in the key ring, which has: {known}")

    def to_text(self) -> str:
        """Return the ring in the form in which `REGISTER_DATA_KEYS` has it; this is secret."""
        return "\n".join(f"{key.id} {key.secret}" for key in self.keys)


def make_key() -> DataKey:
    """Return a new random key, with the day in its id."""
    today = date.today().isoformat()  # noqa: DTZ011 - a name, no instant
    return DataKey(f"{today}-{secrets.token_hex(2)}", secrets.token_urlsafe(KEY_BYTES))


def read_key_ring(values: Mapping[str, str], environment: str, home: Path) -> KeyRing | None:
    """Return the key ring that the variables give; None if there is none.

    Raises `SettingsError` for an invalid ring, a weak secret in production, or no ring there. No
    message quotes a secret.
    """
    chosen = [name for name in (RING, RING_FILE, RING_COMMAND) if values.get(name, "").strip()]
    if len(chosen) > 1:
        raise SettingsError(f"set only one of {', '.join(chosen)}")
    if not chosen:
        if environment == "production":
            raise SettingsError(
                f"{RING}, {RING_FILE} or {RING_COMMAND} must be set in production: files that name"
                " children are encrypted. Make a key with `register keys new`"
            )
        return None
    name, value = chosen[0], values[chosen[0]].strip()
    if name == RING_FILE:
        value = _read_key_file(Path(value).expanduser(), home)
    elif name == RING_COMMAND:
        value = _run_key_command(value, values)
    return _parse_key_ring(name, value, environment)


def hand_down_key_ring(environ: MutableMapping[str, str], ring: KeyRing | None) -> None:
    """Give child processes the ring itself, so that none of them runs the command again."""
    if ring is not None:
        environ[RING] = ring.to_text()
        for name in (RING_FILE, RING_COMMAND):
            environ.pop(name, None)


def _read_key_file(path: Path, home: Path) -> str:
    if path.resolve().is_relative_to(home):
        raise SettingsError(f"{RING_FILE} is in the home, whose files it protects: move it")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{RING_FILE} cannot be read: {type(error).__name__}") from None


def _run_key_command(command: str, values: Mapping[str, str]) -> str:
    environment = {
        name: value for name, value in values.items() if not name.startswith("REGISTER_")
    }
    try:
        outcome = subprocess.run(
            shlex.split(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote the key
            timeout=COMMAND_SECONDS,
            check=False,
        )
        text = outcome.stdout.decode("utf-8")
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SettingsError(f"{RING_COMMAND} failed: {type(error).__name__}") from None
    if outcome.returncode != 0:
        raise SettingsError(f"{RING_COMMAND} ended with exit code {outcome.returncode}")
    return text


def _parse_key_ring(name: str, text: str, environment: str) -> KeyRing:
    entries = [line.split() for line in text.replace(",", "\n").splitlines() if line.strip()]
    if not entries:
        raise SettingsError(f"{name} gives no key: a line is `ID SECRET`")
    for number, entry in enumerate(entries, start=1):
        if len(entry) != 2 or not KEY_ID.fullmatch(entry[0]):
            raise SettingsError(
                f"{name}: line {number} is not `ID SECRET`; an id has lower-case letters, digits"
                " and hyphens"
            )
    keys = tuple(DataKey(*entry) for entry in entries)
    if len({key.id for key in keys}) < len(keys):
        raise SettingsError(f"{name} has two keys of one id")
    for key in keys:
        fault = find_key_fault(key.secret)
        if fault is not None and environment == "production":
            raise SettingsError(
                f"{name}: the key '{key.id}' is no key for production: {fault}. Make one with"
                " `register keys new`"
            )
    return KeyRing(keys)
