"""The persons of suppliers who are erased: those of a child's key, or one given by reference.

Published tables have pseudonyms alone, so the references are found in landing: each landed
reference is made a pseudonym, and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa

from register.feeds import list_landed_persons, read_ledger
from register.identity.keys import pseudonymise_keys
from register.publishing import current_generation, open_register
from register.settings import Settings

MENTION_PREFIX, CHILD_PREFIX, DIGITS = "M", "C", 24
MENTIONS = """
    select mention_id_register, issuer_code
    from register.bridge_child_sources
    where child_id_register = $child
"""

EPISODES = """
    select episode_id_register from register.fct_episodes where child_id_register = $child
"""


class ErasureError(RuntimeError):
    """An erasure cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Subject:
    """Whom an erasure is about: persons as supplier and reference, and their pseudonyms.

    `child_key` is empty if the person was given by reference. `released_keys` are keys that the
    children and their episodes may have in releases of statistics.
    """

    persons: tuple[tuple[str, str], ...] = field(repr=False)
    pseudonyms: frozenset[str]
    child_key: str = ""
    released_keys: frozenset[str] = frozenset()


def find_child(settings: Settings, child_key: str) -> Subject:
    """Return all persons who are linked to a child's key now.

    Raises `ErasureError` if nothing has the key, or if a record cannot be found in landing.
    """
    generation = current_generation(settings)
    if generation is None:
        raise ErasureError("nothing is published yet: erase by --person")
    with open_register(generation) as connection:
        rows = connection.execute(MENTIONS, {"child": child_key}).fetchall()
        episodes = connection.execute(EPISODES, {"child": child_key}).fetchall()
    if not rows:
        raise ErasureError(f"no record in {generation.generation_id} belongs to {child_key}")
    mention_ids = {str(mention) for mention, _ in rows}
    issuers = {str(issuer) for _, issuer in rows}
    persons_by_mention = {
        mention: (issuer, person)
        for issuer, person, mention in _list_mentions(settings, issuers)
        if mention in mention_ids
    }
    missing = len(mention_ids - persons_by_mention.keys())
    if missing:
        raise ErasureError(
            f"{missing} of the {len(mention_ids)} person records of {child_key} are not found in"
            " landing. A report of theirs may share its reference with another report. Erase the"
            " other records by --person, and ask the police force to withdraw these"
        )
    subject = _build_subject(settings, sorted(set(persons_by_mention.values())), child_key)
    keys = subject.released_keys | {child_key, *(str(episode) for (episode,) in episodes)}
    return replace(subject, released_keys=keys)


def find_person(settings: Settings, supplier_code: str, reference: str) -> Subject:
    """Return one person of a supplier. A child without one is known as `report:REFERENCE`."""
    if not supplier_code.strip() or not reference.strip():
        raise ErasureError("a person needs a supplier's code and a reference")
    return _build_subject(settings, [(supplier_code.strip(), reference.strip())], "")


def _build_subject(settings: Settings, persons: list[tuple[str, str]], child_key: str) -> Subject:
    keys = _make_source_keys(settings.pseudonym_key, persons)
    pseudonyms = {*keys, *map(_publish, keys), *([child_key] if child_key else ())}
    # A child's key is made of the key of one of their persons. Old releases may have former keys.
    secrets = filter(None, (settings.pseudonym_key, settings.former_pseudonym_key))
    released = {
        _publish(key, CHILD_PREFIX)
        for secret in secrets
        for key in _make_source_keys(secret, persons)
    }
    return Subject(tuple(persons), frozenset(pseudonyms), child_key, frozenset(released))


def _list_mentions(settings: Settings, issuers: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each landed person of these suppliers: supplier, reference, published pseudonym."""
    persons = {
        (entry.supplier_code, person)
        for entry in read_ledger(settings)
        if entry.supplier_code in issuers
        for person in list_landed_persons(settings, entry)
    }
    ordered = sorted(persons)
    for (issuer, person), key in zip(
        ordered, _make_source_keys(settings.pseudonym_key, ordered), strict=True
    ):
        yield issuer, person, _publish(key)


def _make_source_keys(secret: str, persons: list[tuple[str, str]]) -> list[str]:
    table = pa.table(
        {
            "kind": pa.array(["person"] * len(persons), pa.string()),
            "issuer": pa.array([issuer for issuer, _ in persons], pa.string()),
            "source_id": pa.array([person for _, person in persons], pa.string()),
        }
    )
    keys = pseudonymise_keys(secret, table)["source_key"].to_pylist()
    return [str(key) for key in keys]


def _publish(source_key: str, prefix: str = MENTION_PREFIX) -> str:
    return prefix + source_key[:DIGITS].upper()
