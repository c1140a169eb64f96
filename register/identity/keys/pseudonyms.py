"""HMAC-SHA-256 pseudonyms for source identifiers.

A source identifier is pseudonymised once, here; every later step uses the key. Which identifiers
exist is decided in the warehouse; the secret comes from the settings.
"""

from __future__ import annotations

import hmac

import pyarrow as pa
import pyarrow.compute as pc

SOURCE_KEY_LENGTH = 32
SEPARATOR = "|"
IDENTIFIER = ("kind", "issuer", "source_id")


def pseudonymise_keys(secret: str, source_ids: pa.Table) -> pa.Table:
    """Append `source_key`: 32 hexadecimal digits of HMAC-SHA-256 (RFC 2104) of each identifier.

    `source_ids` has `kind` (person, report, interview, placement), `issuer` and `source_id`, all
    text and not null. All three are part of the message, so that two suppliers that both number
    from 1 share no key. Where `source_key` is the last column already, of an earlier call, only
    rows without a key get one; keys that were made with another secret are all made again.
    """
    if "source_key" not in source_ids.column_names:
        return source_ids.append_column("source_key", _keys(secret, source_ids))
    if not _are_of(secret, source_ids):
        return pseudonymise_keys(secret, source_ids.drop_columns("source_key"))
    batches = (_with_all_keys(secret, each) for each in source_ids.to_batches())
    return pa.Table.from_batches(batches, source_ids.schema)


def _are_of(secret: str, keyed: pa.Table) -> bool:
    """Whether keys are those of this secret, by the first of them: all were made with one."""
    first = keyed.filter(pc.is_valid(keyed["source_key"])).slice(0, 1)
    return bool(first["source_key"].to_pylist() == _keys(secret, first).to_pylist())


def _with_all_keys(secret: str, rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with a key also where none is kept."""
    is_new = pc.is_null(rows["source_key"])
    keys = pc.replace_with_mask(rows["source_key"], is_new, _keys(secret, rows.filter(is_new)))
    return rows.set_column(rows.num_columns - 1, rows.schema.field("source_key"), keys)


def _keys(secret: str, source_ids: pa.Table | pa.RecordBatch) -> pa.Array:
    key = secret.encode()
    messages = zip(*(source_ids[name].to_pylist() for name in IDENTIFIER), strict=True)
    return pa.array(
        [
            hmac.digest(key, SEPARATOR.join(message).encode(), "sha256").hex()[:SOURCE_KEY_LENGTH]
            for message in messages
        ],
        pa.string(),
    )
