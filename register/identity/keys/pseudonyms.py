"""HMAC-SHA-256 pseudonyms for source identifiers.

A source identifier is pseudonymised once, here; every later step uses the key. Which identifiers
exist is decided in the warehouse; the secret comes from the settings.
"""

from __future__ import annotations

import hmac

import pyarrow as pa

SOURCE_KEY_LENGTH = 32
SEPARATOR = "|"


def pseudonymise_keys(secret: str, source_ids: pa.Table) -> pa.Table:
    """Append `source_key`: 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104) of each identifier.

    `source_ids` has `kind` (person, report, interview, placement), `issuer` and `source_id`, all
    text and not null. All three are part of the message, so that two suppliers that both number
    from 1 share no key.
    """
    key = secret.encode()
    messages = zip(
        *(source_ids[name].to_pylist() for name in ("kind", "issuer", "source_id")), strict=True
    )
    keys = [
        hmac.digest(key, SEPARATOR.join(message).encode(), "sha256").hex()[:SOURCE_KEY_LENGTH]
        for message in messages
    ]
    return source_ids.append_column("source_key", pa.array(keys, pa.string()))
