"""Likeness: whether two forenames could be one child's, or tell two children apart.

Used where everything else agrees, as between twins. How like two whole records are is a matter
for links.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from nicknames import NickNamer

LEAST_LIKENESS = 0.75


@lru_cache(maxsize=1)
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=100_000)
def are_tokens_alike(one: str, other: str) -> bool:
    """Say whether two single names could be one: equal, initial, nickname or a spelling apart.

    A spelling keeps its first letter (Mohammed and Muhammad, not Jayden and Hayden): errors of
    the first letter are rare, and twins' names often differ by it alone.
    """
    if one == other:
        return True
    if one[0] == other[0]:
        if len(one) == 1 or len(other) == 1 or one.startswith(other) or other.startswith(one):
            return True
        if SequenceMatcher(None, one, other, autojunk=False).ratio() >= LEAST_LIKENESS:
            return True
    return _is_nickname(one, other)


def _is_nickname(one: str, other: str) -> bool:
    names = _nicknames()
    return other in names.nicknames_of(one) or one in names.nicknames_of(other)


def are_forenames_alike(one: str, other: str) -> bool:
    """Say whether two cleaned forenames (tokens with spaces) could be the same child's.

    First names must be alike, and second names too where both are given: Mohammed Ali and
    Mohammed Hassan are brothers. A name left out, or the second used for the first, says nothing.
    """
    ones, others = one.split(), other.split()
    if not ones or not others:
        return True
    if are_tokens_alike(ones[0], others[0]):
        return len(ones) == 1 or len(others) == 1 or are_tokens_alike(ones[1], others[1])
    return any(are_tokens_alike(ones[0], token) for token in others[1:]) or any(
        are_tokens_alike(token, others[0]) for token in ones[1:]
    )


def is_any_alike(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether any forenames of one set could be any of another's; an empty set says nothing."""
    ones, others = sorted(set(one_names)), sorted(set(other_names))
    if not ones or not others:
        return True
    return any(are_forenames_alike(one, other) for one in ones for other in others)
