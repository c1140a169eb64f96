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


def identifiers(*rows: tuple[str, str, str], keys: list[str | None] | None = None) -> pa.Table:
    """A table of identifiers, with keys of an earlier load."""
    columns = zip(*rows, strict=True)
    table = pa.table(dict(zip(("kind", "issuer", "source_id"), map(list, columns), strict=True)))
    return table if keys is None else table.append_column("source_key", pa.array(keys, pa.string()))


ROWS = (("person", "373", "42"), ("person", "374", "42"), ("report", "373", "42"))


def test_only_an_identifier_without_a_key_gets_one() -> None:
    """Prevents a month from hashing every identifier of ten years, or a new one from waiting."""
    expected = [key_of("secret", *row) for row in ROWS]
    keyed = pseudonymise_keys("secret", identifiers(*ROWS, keys=[expected[0], None, "kept"]))
    assert keyed["source_key"].to_pylist() == [*expected[:2], "kept"]


def test_keys_of_another_secret_are_made_again() -> None:
    """Prevents a home that has changed its secret from publishing under both."""
    former = [None, *(key_of("former", *row) for row in ROWS[1:])]
    keyed = pseudonymise_keys("secret", identifiers(*ROWS, keys=former))
    assert keyed.equals(pseudonymise_keys("secret", identifiers(*ROWS)))


def test_a_load_after_an_empty_one_makes_every_key() -> None:
    """Prevents a table that the last load left empty from stopping the next."""
    keyed = pseudonymise_keys("secret", identifiers(*ROWS, keys=[None] * 3))
    assert keyed.equals(pseudonymise_keys("secret", identifiers(*ROWS)))
