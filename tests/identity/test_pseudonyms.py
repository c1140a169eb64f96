"""Pseudonyms: keyed, separate by issuer, the same everywhere."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa

from register.identity.pseudonyms import pseudonymise, pseudonymise_keys, register_key


def test_a_key_is_the_keyed_hash_that_the_standard_describes():
    """A key made by another formula in one corner of the register joins to nothing."""
    expected = hmac.new(b"secret", b"person|373|42", hashlib.sha256).hexdigest()[:32]
    assert pseudonymise("secret", "person", "373", "42") == expected


def test_a_table_gets_the_same_keys_as_single_values():
    """The column form and the single form drift apart."""
    table = pa.table({"kind": ["person"], "issuer": ["373"], "source_id": ["42"]})
    keyed = pseudonymise_keys("secret", table)
    assert keyed["source_key"].to_pylist() == [pseudonymise("secret", "person", "373", "42")]


def test_kind_issuer_and_secret_all_change_the_key():
    """Two authorities that both number from 1 share a child."""
    keys = {
        pseudonymise("secret", "person", "373", "42"),
        pseudonymise("secret", "person", "374", "42"),
        pseudonymise("secret", "report", "373", "42"),
        pseudonymise("another", "person", "373", "42"),
    }
    assert len(keys) == 4


def test_a_published_key_names_its_kind_and_is_upper_case():
    """A reader cannot tell a child's key from a report's."""
    assert register_key("C", "abcdef0123456789abcdef0123456789") == "CABCDEF0123456789ABCDEF01"
