"""Name forms: the spellings, halves, nicknames and sounds under which a name may also be recorded.

A cleaned name is `forenames|surname` (see `fields`). Names are compared in `score`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pyarrow as pa

from register.identity.clean.name_spellings import find_standard_spelling
from register.identity.clean.name_tokens import (
    build_name_sets,
    build_name_subsets,
    encode_sound,
    find_called_name,
    split_given_names,
    strip_article,
    tokenise_name,
)
from register.identity.clean.name_words import (
    SURNAME_PARTICLES,
    expand_abbreviation,
    join_surname_particles,
)

MIN_PART_LENGTH = 3
# Endings of surnames that women and men bear in two forms: Kowalska and Kowalski, Ivanova and
# Ivanov. Both count as the form that men bear.
WOMENS_ENDINGS = (
    (re.compile(r"(?<=[a-z]{3}[csz]k)a$"), "i"),
    (re.compile(r"(?<=[a-z]{3}[csz]k)a[iy]a$"), "i"),
    (re.compile(r"(?<=[a-z]{3}[csz]k)(?:y|iy|ij)$"), "i"),
    (re.compile(r"(?<=[a-z]{2}[eo]v)a$"), ""),
)
# The ending of many pet names, such as Tommie, Tommy or Molly.
PET_NAME_ENDING = re.compile(r"(ie|([b-df-hj-np-tv-z])\2y)$")
# A nickname with at least this many letters fewer is a short form. If the difference is smaller,
# `is_short_form` also compares how the two names begin and end.
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
        ("name_tokens", pa.list_(pa.string())),
    ]
)


def build_name_forms(names: Iterable[str]) -> pa.Table:
    """Return the forms of distinct cleaned names (`forenames|surname`) in `FORM_SCHEMA`.

    `forename` is the name by which the child is called (Hung for Van Hung, Abdulhamza for Abdul
    Hamza, Ali for Mohammed Ali). `forename_whole` joins all given names, so that Mary-Ann matches
    both Mary and Maryann. A missing part is null, or an empty list. So is a forename that consists
    of particles or titles alone.
    """
    rows = []
    for name in names:
        forenames, _, surname = name.partition("|")
        called = find_called_name(forenames)
        first = expand_abbreviation(called) if called else None
        family = surname.replace(" ", "") or None
        rows.append(
            {
                "name": name,
                "forename": first,
                "forename_whole": "".join(split_given_names(forenames)) if first else None,
                "surname": family,
                "surname_parts": split_surname(surname),
                "forename_roots": sorted(find_forename_roots(first)) if first else [],
                "forename_sound": encode_sound(first) if first else None,
                "surname_sound": _encode_surname_sound(surname) if family else None,
                "name_sets": build_name_sets([name]),
                "name_subsets": build_name_subsets([name]),
                "name_tokens": sorted(tokenise_name(name)),
            }
        )
    return pa.Table.from_pylist(rows, schema=FORM_SCHEMA)


def _encode_surname_sound(surname: str) -> str:
    family = join_surname_particles(surname).replace(" ", "")
    return encode_sound(_shorten_part(family))


@cache
def _remove_womens_ending(word: str) -> str:
    for ending, replacement in WOMENS_ENDINGS:
        word = ending.sub(replacement, word)
    return word


def split_surname(surname: str) -> list[str]:
    """Return the halves of a double-barrelled surname, or the surname itself if it is single.

    An ending for women becomes that for men (Kowalska: Kowalski). Articles and da or von are left
    out.
    """
    tokens = join_surname_particles(surname).split()
    halves = {token for token in tokens if token not in SURNAME_PARTICLES}
    halves = {_shorten_part(token) for token in halves if len(token) >= MIN_PART_LENGTH}
    if len(halves) > 1:
        return sorted(halves)
    joined = _shorten_part("".join(tokens))
    return [joined] if joined else []


def _shorten_part(word: str) -> str:
    return _remove_womens_ending(strip_article(word))


@cache
def _load_nicknames() -> Any:
    from nicknames import NickNamer

    return NickNamer()


@cache
def find_forename_roots(forename: str) -> frozenset[str]:
    """Return a forename and the names for which it may stand (bill: bill, william)."""
    spellings = {forename, find_standard_spelling(forename)}
    formal = (_load_nicknames().canonicals_of(each) for each in spellings)
    return frozenset(spellings.union(*formal))


def is_nickname(one: str, other: str) -> bool:
    """Say whether one of two cleaned forenames is a nickname of the other."""
    nicknames = _load_nicknames()
    return other in nicknames.nicknames_of(one) or one in nicknames.nicknames_of(other)


def is_short_form(one: str, other: str) -> bool:
    """Say whether one of two cleaned forenames is a short form of the other.

    Examples are Tom, Tommy and Thomas, Bill and William, Jake and Jacob. The table of nicknames
    also lists Amelia with Emily, and Louis with Lewis. These are not short forms, since parents
    give both names to twins.
    """
    if not is_nickname(one, other):
        return False
    short, long = sorted((one, other), key=lambda name: (len(name), name))
    is_cut = len(long) - len(short) >= MIN_SHORTENED or short[:3] == long[:3]
    # For a nickname one letter shorter, the same first two letters are enough (Jake and Jacob).
    # This is not so if it has nicknames of its own (Emma and Emily).
    is_last_form = short[:2] == long[:2] and not _load_nicknames().nicknames_of(short)
    is_pet_name = any(PET_NAME_ENDING.search(name) for name in (one, other))
    return is_cut or is_pet_name or (is_last_form and len(short) < len(long))
