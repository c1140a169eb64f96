"""Hashes of local accounts' passwords: Argon2id, and scrypt as releases up to 1.0 wrote it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 12
# The library's usual parameters: each guess of a password costs 64 MB and a twentieth of a second.
HASHER = PasswordHasher()
# Parameters of the former scrypt hashes (RFC 7914), which were written as `salt$hash` in hex.
COST, BLOCK_SIZE, PARALLEL = 2**15, 8, 1
MAX_MEMORY = 2**26


class WeakPasswordError(ValueError):
    """A password is too short or contains the account's name."""


def hash_password(name: str, password: str) -> str:
    """Return the hash of a password. Raises `WeakPasswordError` if the password is weak."""
    if len(password) < MIN_PASSWORD_LENGTH or name.lower() in password.lower():
        raise WeakPasswordError(
            f"a password has {MIN_PASSWORD_LENGTH} characters or more, without the name in it"
        )
    return HASHER.hash(password)


def is_right_password(stored_hash: str, password: str) -> bool:
    """Return whether a password has this hash. Without a hash, this takes equally long."""
    if stored_hash and _is_former(stored_hash):
        return _is_right_former(stored_hash, password)
    try:
        return HASHER.verify(stored_hash or _hash_nothing(), password) and bool(stored_hash)
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(stored_hash: str) -> bool:
    """Return whether a hash has a former form or former parameters."""
    return _is_former(stored_hash) or HASHER.check_needs_rehash(stored_hash)


def renew_hash(password: str) -> str:
    """Return a new hash of a password that was right, by the rules of whichever release set it."""
    return HASHER.hash(password)


@cache
def _hash_nothing() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def _is_former(stored_hash: str) -> bool:
    return not stored_hash.startswith("$argon2")


def _is_right_former(stored_hash: str, password: str) -> bool:
    salt, expected_hash = (bytes.fromhex(part) for part in stored_hash.split("$"))
    given_hash = hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=COST,
        r=BLOCK_SIZE,
        p=PARALLEL,
        maxmem=MAX_MEMORY,
        dklen=len(expected_hash),
    )
    return hmac.compare_digest(given_hash, expected_hash)
