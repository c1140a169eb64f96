"""Private files: files that may name a child. If the home has a key ring, they are encrypted.

An encrypted file has a line with the id of its key, and then one AES-256-GCM message with the
content. The message is bound to the key's id and to the names of the file and its folder. So a
changed, shortened or exchanged file cannot be read. DuckDB and Parquet files have an encryption of
their own; they are not private files in this sense.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from register.data_keys import KeyRing, MissingKeyError
from register.durable import write_whole

# The private files of a home, as patterns relative to the home. Raw copies are in `raw.tar` only if
# the home is encrypted; otherwise they are the plain files of the folder `raw`.
PATTERNS = (
    "landing/[!.]*/*/raw.tar",
    "landing/[!.]*/*/file_names.json",
    "landing/.cache/fingerprints.json",
    "decisions/*.csv",
    "decisions/*.under-former-key",
    "outbox/[!.]*/[!.]*",
    "outbox/[!.]*/[!.]*/[!.]*",
    "operations/review/*/*.html",
    "operations/audit/*/*",
    "web/*.json",
    "web/uploads/*/*.json",
    "web/secret",
    "web/receipt_key",
)
MARK = b"register encrypted file 1, key "
PURPOSE = "private files"
NONCE_BYTES = 12
# AES-GCM encrypts at most this much in one message.
MAX_BYTES = 2**31 - 1
FILE_MODE = 0o600
REMEDY = (
    "If this home has just received its keys, run `register keys rotate`, which encrypts the"
    " file. Otherwise somebody replaced it: restore it from the backup"
)


class PrivateFileError(RuntimeError):
    """A private file cannot be read or written; the message names the file and says what to do."""


def encrypt(ring: KeyRing | None, name: str, content: bytes) -> bytes:
    """Return the bytes to store for a private file. Without a key ring, this is the content.

    `name` is the file's name after that of its folder, such as `decisions/links.csv`.
    """
    if ring is None:
        return content
    if len(content) > MAX_BYTES:
        raise PrivateFileError(f"{name} is larger than 2 GB, which is too large to be encrypted")
    header, nonce = MARK + ring.current.id.encode() + b"\n", os.urandom(NONCE_BYTES)
    cipher = AESGCM(ring.current.derive(PURPOSE))
    return header + nonce + cipher.encrypt(nonce, content, header + name.encode())


def decrypt(ring: KeyRing | None, name: str, stored: bytes) -> bytes:
    """Return the content of a private file from its stored bytes.

    Raises `PrivateFileError` for a file that was changed, that is plain although the home has a key
    ring, or whose key is missing.
    """
    if not stored.startswith(MARK):
        if ring is None:
            return stored
        raise PrivateFileError(f"{name} is not encrypted. {REMEDY}")
    if ring is None:
        raise PrivateFileError(f"{name} is encrypted, and REGISTER_DATA_KEYS is not set")
    header, _, message = stored.partition(b"\n")
    key_id = header.removeprefix(MARK).decode(errors="replace")
    try:
        cipher = AESGCM(ring.find(key_id).derive(PURPOSE))
        nonce, sealed = message[:NONCE_BYTES], message[NONCE_BYTES:]
        return cipher.decrypt(nonce, sealed, header + b"\n" + name.encode())
    except MissingKeyError as error:
        raise PrivateFileError(f"{name} cannot be read: {error}") from None
    except (InvalidTag, ValueError):
        raise PrivateFileError(
            f"{name} was changed since it was written: restore it from the backup"
        ) from None


def read_private(ring: KeyRing | None, path: Path) -> bytes:
    """Read a private file. Raises `PrivateFileError` as `decrypt` does, and `OSError`."""
    return decrypt(ring, bound_name(path), path.read_bytes())


def write_private(ring: KeyRing | None, path: Path, content: bytes, mode: int = FILE_MODE) -> None:
    """Write a private file durably. It appears under its name only once it is complete."""
    write_whole(path, encrypt(ring, bound_name(path), content), mode)


def bound_name(path: Path) -> str:
    """Return the name to which an encrypted file is bound: its name after that of its folder."""
    return f"{path.parent.name}/{path.name}"


def list_private_files(home: Path) -> Iterator[Path]:
    """Yield every private file of a home, in the order of `PATTERNS`."""
    for pattern in PATTERNS:
        yield from sorted(path for path in home.glob(pattern) if path.is_file())


def read_key_id(path: Path) -> str | None:
    """Return the id of the key of an encrypted file; None if the file is plain."""
    with path.open("rb") as file:
        header = file.readline(len(MARK) + 64)
    return (
        header.removeprefix(MARK).decode(errors="replace").strip()
        if header.startswith(MARK)
        else None
    )


def encrypt_again(ring: KeyRing, path: Path) -> None:
    """Encrypt a file that is plain or under a former key with the current key."""
    stored = path.read_bytes()
    is_plain = read_key_id(path) is None
    content = stored if is_plain else decrypt(ring, bound_name(path), stored)
    write_private(ring, path, content, path.stat().st_mode & 0o777)
