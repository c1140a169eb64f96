"""Forms of a name: spellings, halves, nicknames and sounds under which it may be recorded again.

A cleaned name is `forenames|surname` (see `fields`). Comparing two names does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa

from register.identity.clean.name_tokens import given_names, name_sets, name_subsets
from register.identity.clean.sounds import sound

# Particles, which are not counted as half of a double-barrelled surname.
PARTICLES = frozenset(
    {"al", "ap", "bin", "bint", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el"}
    | {"ibn", "la", "le", "mac", "mc", "o", "san", "st", "van", "von"}
)
MIN_PART_LENGTH = 3
# Tommy, Molly, Ollie.
FOND = re.compile(r"(ie|([b-df-hj-np-tv-z])\2y)$")
# Letters that a short form lacks, unless it begins as the name does.
MIN_SHORTENED = 2
FORM_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("forename", pa.string()),
        ("forename_whole", pa.string()),
        ("surname", pa.string()),
        ("surname_parts", pa.list_(pa.string())),
        ("forename_roots", pa.list_(pa.string())),
        ("forename_sound", pa.string()),
        ("surname_sound", pa.string()),
        ("name_sets", pa.list_(pa.string())),
        ("name_subsets", pa.list_(pa.string())),
    ]
)


class NameForms(NamedTuple):
    """The forms of one full name; None or empty where that part is missing."""

    name: str
    forename: str | None
    forename_whole: str | None
    surname: str | None
    surname_parts: list[str]
    forename_roots: list[str]
    forename_sound: str | None
    surname_sound: str | None
    name_sets: list[str]
    name_subsets: list[str]


def name_forms(name: str) -> NameForms:
    """Return the forms of `forenames|surname`, already cleaned.

    `forename` is the first given name (Hung of Van Hung, Abdulhamza of Abdul Hamza), and
    `forename_whole` all of them without spaces, so that Mary-Ann matches both Mary and Maryann.
    """
    forenames, _, surname = name.partition("|")
    given = given_names(forenames)
    first = given[0] if given else None
    family = surname.replace(" ", "") or None
    return NameForms(
        name=name,
        forename=first,
        forename_whole="".join(given) or None,
        surname=family,
        surname_parts=surname_parts(surname),
        forename_roots=sorted(forename_roots(first)) if first else [],
        forename_sound=sound(first) if first else None,
        surname_sound=sound(family) if family else None,
        name_sets=name_sets([name]),
        name_subsets=name_subsets([name]),
    )


def surname_parts(surname: str) -> list[str]:
    """Return the halves of a double-barrelled surname, or the surname itself if it has none."""
    tokens = [token for token in surname.split() if token not in PARTICLES]
    halves = sorted({token for token in tokens if len(token) >= MIN_PART_LENGTH})
    whole = surname.replace(" ", "")
    if len(halves) > 1:
        return halves
    return [whole] if whole else []


@cache
def _nicknames() -> Any:
    from nicknames import NickNamer

    return NickNamer()


@cache
def forename_roots(forename: str) -> frozenset[str]:
    """Return a forename and the formal names it may be short for (bill: bill, william)."""
    return frozenset({forename, *_nicknames().canonicals_of(forename)})


def is_nickname(one: str, other: str) -> bool:
    """Say whether one of two cleaned forenames is a nickname of the other."""
    names = _nicknames()
    return other in names.nicknames_of(one) or one in names.nicknames_of(other)


def is_short_form(one: str, other: str) -> bool:
    """Say whether one of two cleaned forenames is short for the other, and no name beside it.

    Tom, Tommy and Thomas, Bill and William, Jake and Jacob. Amelia and Emily, Louis and Lewis are
    in the table of nicknames too, but parents give both names to twins.
    """
    if not is_nickname(one, other):
        return False
    short, whole = sorted((one, other), key=lambda name: (len(name), name))
    is_cut = len(whole) - len(short) >= MIN_SHORTENED or short[:3] == whole[:3]
    # Jake of Jacob; Emma is not short for Emily, since it has short forms of its own.
    is_last = short[:2] == whole[:2] and not _nicknames().nicknames_of(short)
    is_fond = any(FOND.search(name) for name in (one, other))
    return is_cut or is_fond or (is_last and len(short) < len(whole))


def name_form_table(names: Iterable[str]) -> pa.Table:
    """Return the forms of distinct names as a table in `FORM_SCHEMA`."""
    rows = [name_forms(name) for name in names]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(FORM_SCHEMA)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, FORM_SCHEMA, strict=True)],
        schema=FORM_SCHEMA,
    )
