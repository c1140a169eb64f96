"""Likeness: whether two forenames could be one child's, or tell two children apart.

Used where everything else agrees, as between twins. How like two whole records are is a matter
for links.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from nicknames import NickNamer

from register.identity.name_forms import sound

LEAST_LIKENESS = 0.75
# Spellings of one sound share at least so many consonants; fewer fit too many names.
LEAST_SOUNDED = 3
VOWEL_CLASSES = {"a": "a", "e": "i", "i": "i", "y": "i", "o": "u", "u": "u"}


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


def are_spellings(one: str, other: str) -> bool:
    """Say whether two forenames could be one, spellings of one sound among them (Yusuf, Youssef).

    Wider than `are_forenames_alike`, for where little else speaks for two children. The first
    vowel has to be of one class: Hassan and Hussein, Karen and Kieran are two names.
    """
    if are_forenames_alike(one, other):
        return True
    sounds = [_heard(name.split(maxsplit=1)[0]) for name in (one, other)]
    return sounds[0] == sounds[1] and len(sounds[0][0]) >= LEAST_SOUNDED


@lru_cache(maxsize=100_000)
def _heard(name: str) -> tuple[str, str]:
    """Consonants as heard, a first J as the Y it often is, and the class of the first vowel."""
    softened = "y" + name[1:] if name[0] == "j" else name
    vowel = next((letter for letter in softened if letter in "aeiou"), "")
    return sound(softened), VOWEL_CLASSES.get(vowel, "")


def is_any_alike(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether any forenames of one set could be any of another's; an empty set says nothing."""
    ones, others = sorted(set(one_names)), sorted(set(other_names))
    if not ones or not others:
        return True
    return any(are_forenames_alike(one, other) for one in ones for other in others)
