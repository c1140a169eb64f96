"""The persons of suppliers who are erased: those of a child's key, or one given by reference.

Published tables have pseudonyms alone, so the references are found in landing: each landed
reference is made a pseudonym, and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from register.feeds import list_landed_persons, read_ledger
from register.identity.keys import pseudonymise_keys
from register.publishing import current_generation, open_register
from register.settings import Settings

MENTION_PREFIX, MENTION_DIGITS = "M", 24
MENTIONS = """
    select mention_id_register, issuer_code
    from register.bridge_child_sources
    where child_id_register = $child
"""

# Keys under which releases of statistics may have rows of children with no other person than these:
# of the children, of children merged into them, and of their episodes.
RELEASED_KEYS = """
    with erased as (
        select child_id_register from register.bridge_child_sources
        group by child_id_register
        having bool_and(list_contains($mentions, mention_id_register))
    ),

    children as (
        select child_id_register as released_key from erased
        union distinct
        select child_id_register from register.dim_child_keys
        where successor_child_id_register in (from erased)
    )

    select released_key from children
    union distinct
    select episode_id_register from register.fct_episodes
    where child_id_register in (from erased)
"""


class ErasureError(RuntimeError):
    """An erasure cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Subject:
    """Whom an erasure is about: persons as supplier and reference, and their pseudonyms.

    `child_key` is empty if the person was given by reference. `released_keys` are keys of their
    children and episodes in releases of statistics.
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
    return _build_subject(settings, sorted(set(persons_by_mention.values())), child_key)


def find_person(settings: Settings, supplier_code: str, reference: str) -> Subject:
    """Return one person of a supplier. A child without one is known as `report:REFERENCE`."""
    if not supplier_code.strip() or not reference.strip():
        raise ErasureError("a person needs a supplier's code and a reference")
    return _build_subject(settings, [(supplier_code.strip(), reference.strip())], "")


def _build_subject(settings: Settings, persons: list[tuple[str, str]], child_key: str) -> Subject:
    keys = _make_source_keys(settings, persons)
    pseudonyms = {*keys, *map(_publish, keys), *([child_key] if child_key else ())}
    return Subject(
        tuple(persons),
        frozenset(pseudonyms),
        child_key,
        _find_released_keys(settings, [_publish(key) for key in keys]),
    )


def _find_released_keys(settings: Settings, mentions: list[str]) -> frozenset[str]:
    generation = current_generation(settings)
    if generation is None:
        return frozenset()
    with open_register(generation) as connection:
        rows = connection.execute(RELEASED_KEYS, {"mentions": mentions}).fetchall()
    return frozenset(str(key) for (key,) in rows)


def _list_mentions(settings: Settings, issuers: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each landed person of these suppliers: supplier, reference, published pseudonym."""
    persons = {
        (entry.supplier_code, person)
        for entry in read_ledger(settings)
        if entry.supplier_code in issuers
        for person in list_landed_persons(settings, entry)
    }
    ordered = sorted(persons)
    for (issuer, person), key in zip(ordered, _make_source_keys(settings, ordered), strict=True):
        yield issuer, person, _publish(key)


def _make_source_keys(settings: Settings, persons: list[tuple[str, str]]) -> list[str]:
    table = pa.table(
        {
            "kind": pa.array(["person"] * len(persons), pa.string()),
            "issuer": pa.array([issuer for issuer, _ in persons], pa.string()),
            "source_id": pa.array([person for _, person in persons], pa.string()),
        }
    )
    keys = pseudonymise_keys(settings.pseudonym_key, table)["source_key"].to_pylist()
    return [str(key) for key in keys]


def _publish(source_key: str) -> str:
    return MENTION_PREFIX + source_key[:MENTION_DIGITS].upper()
