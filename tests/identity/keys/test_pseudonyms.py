"""Pseudonyms: keyed, separate by kind and issuer, and the same everywhere."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa

from register.identity.keys import pseudonymise_keys


def key_of(secret: str, kind: str, issuer: str, source_id: str) -> str:
    """Pseudonymise a table of one identifier."""
    table = pa.table({"kind": [kind], "issuer": [issuer], "source_id": [source_id]})
    return str(pseudonymise_keys(secret, table)["source_key"][0])


def test_a_key_is_the_keyed_hash_that_the_standard_describes() -> None:
    """Prevents a key by another formula in one part of the register, which joins to nothing."""
    expected = hmac.new(b"secret", b"person|373|42", hashlib.sha256).hexdigest()[:32]
    assert key_of("secret", "person", "373", "42") == expected


def test_every_row_has_the_key_of_its_own_identifier() -> None:
    """Prevents keys that depend on the other rows of a delivery, or that change places."""
    rows = [("person", "373", "42"), ("report", "373", "42"), ("person", "374", "7")]
    columns = dict(
        zip(("kind", "issuer", "source_id"), map(list, zip(*rows, strict=True)), strict=True)
    )
    keyed = pseudonymise_keys("secret", pa.table(columns))
    assert keyed["source_key"].to_pylist() == [key_of("secret", *row) for row in rows]


def test_kind_issuer_and_secret_all_change_the_key() -> None:
    """Prevents two authorities that both number from 1 from sharing a child."""
    keys = {
        key_of("secret", "person", "373", "42"),
        key_of("secret", "person", "374", "42"),
        key_of("secret", "report", "373", "42"),
        key_of("another", "person", "373", "42"),
    }
    assert len(keys) == 4
