"""Keyed pseudonyms: how an identifier of a source becomes a key that says nothing of it.

A source identifier is pseudonymised once, here; everything after it uses the key. Which
identifiers exist is the warehouse's business, where the secret comes from is the settings'.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

import pyarrow as pa

SOURCE_KEY_LENGTH = 32
REGISTER_KEY_LENGTH = 24
SEPARATOR = "|"


def pseudonymise(secret: str, kind: str, issuer: str, source_id: str) -> str:
    """Return the key of one identifier: 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104).

    `kind` (person, report, interview, placement) and `issuer` are part of the message, so that
    two suppliers that number from 1 do not share keys.
    """
    message = SEPARATOR.join((kind, issuer, source_id)).encode()
    return hmac.digest(secret.encode(), message, "sha256").hex()[:SOURCE_KEY_LENGTH]


def pseudonymise_keys(secret: str, source_ids: pa.Table) -> pa.Table:
    """Append `source_key` to a table of `kind`, `issuer`, `source_id`, all text and not null."""
    key = secret.encode()
    messages: Iterable[tuple[str, str, str]] = zip(
        source_ids["kind"].to_pylist(),
        source_ids["issuer"].to_pylist(),
        source_ids["source_id"].to_pylist(),
        strict=True,
    )
    keys = [
        hmac.digest(key, SEPARATOR.join(message).encode(), "sha256").hex()[:SOURCE_KEY_LENGTH]
        for message in messages
    ]
    return source_ids.append_column("source_key", pa.array(keys, pa.string()))


def register_key(prefix: str, source_key: str) -> str:
    """Return the published form of a key: a letter for what it names and 24 hexadecimal digits."""
    return prefix + source_key[:REGISTER_KEY_LENGTH].upper()
