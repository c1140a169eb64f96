"""Pseudonyms for source identifiers, computed with HMAC-SHA-256.

An identifier is pseudonymised once, here; every later step uses only the key. The warehouse decides
which identifiers exist. The secret is a setting.
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
    text and not null. The digest covers all three, so that two suppliers that both number from 1
    share no key. The last column may already be `source_key`, from an earlier call. Then only rows
    without a key get one. But if the secret has changed since, all keys are replaced.
    """
    if "source_key" not in source_ids.column_names:
        return source_ids.append_column("source_key", _compute_keys(secret, source_ids))
    # All existing keys were made with one secret, so checking the first key is enough.
    first = source_ids.filter(pc.is_valid(source_ids["source_key"])).slice(0, 1)
    if first["source_key"].to_pylist() != _compute_keys(secret, first).to_pylist():
        return pseudonymise_keys(secret, source_ids.drop_columns("source_key"))
    batches = (_fill_missing_keys(secret, each) for each in source_ids.to_batches())
    return pa.Table.from_batches(batches, source_ids.schema)


def _fill_missing_keys(secret: str, rows: pa.RecordBatch) -> pa.RecordBatch:
    is_new = pc.is_null(rows["source_key"])
    new_keys = _compute_keys(secret, rows.filter(is_new))
    keys = pc.replace_with_mask(rows["source_key"], is_new, new_keys)
    return rows.set_column(rows.num_columns - 1, rows.schema.field("source_key"), keys)


def _compute_keys(secret: str, source_ids: pa.Table | pa.RecordBatch) -> pa.Array:
    key = secret.encode()
    messages = zip(*(source_ids[name].to_pylist() for name in IDENTIFIER), strict=True)
    return pa.array(
        [
            hmac.digest(key, SEPARATOR.join(message).encode(), "sha256").hex()[:SOURCE_KEY_LENGTH]
            for message in messages
        ],
        pa.string(),
    )
