"""Keys from before changes of the pseudonym key: they lead to the present keys, and are erased."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from register.identity.keys import pseudonymise_keys
from register.publishing import (
    add_former_keys,
    erase_former_keys,
    get_former_keys_file,
    list_former_keys,
    read_former_keys,
)
from register.publishing.soundness import find_published_faults
from register.settings import Settings

RECORDS = pa.table(
    {"kind": ["person", "person", "report"], "issuer": ["E1"] * 3, "source_id": ["1", "2", "1"]}
)
SECRETS = ("the first key", "the second key", "the third key")


def _list_digits(secret: str) -> list[str]:
    keys = pseudonymise_keys(secret, RECORDS)["source_key"].to_pylist()
    return [key[:24].upper() for key in keys]


def _change_key_twice(settings: Settings) -> None:
    for before, after in ((0, 1), (1, 2), (1, 2)):
        renewed = replace(
            settings, pseudonym_key=SECRETS[after], former_pseudonym_key=SECRETS[before]
        )
        add_former_keys(renewed, RECORDS)


def test_every_former_key_leads_to_the_present_one(settings: Settings) -> None:
    """Prevents an extract from before two changes, or a killed change, that leads nowhere."""
    _change_key_twice(settings)
    rows = read_former_keys(settings.published).to_pylist()
    first, second, third = map(_list_digits, SECRETS)
    assert {(row["former_digits"], row["digits"]) for row in rows} == {
        *zip(first, third, strict=True),
        *zip(second, third, strict=True),
    }
    assert len(rows) == 6
    path = get_former_keys_file(settings.published)
    path.write_bytes(path.read_bytes()[:-9])
    assert any("former keys" in fault for fault in find_published_faults(settings))


def test_an_erased_person_has_no_former_key(settings: Settings) -> None:
    """Prevents a pseudonym that outlives the erasure of its child under a former secret."""
    _change_key_twice(settings)
    first, second, third = map(_list_digits, SECRETS)
    erased = [f"M{third[0]}"]
    assert {*list_former_keys(settings.published, erased)} == {
        f"M{digits[0]}" for digits in (first, second, third)
    }
    assert erase_former_keys(settings.published, erased) == 4
    remaining = read_former_keys(settings.published)["former_digits"].to_pylist()
    assert sorted(remaining) == sorted([first[1], second[1]])
    assert erase_former_keys(settings.published, erased) == 0
