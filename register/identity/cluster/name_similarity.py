"""Name similarity: whether the names of two otherwise equal records may be one child's.

The comparison is used within one family and date of birth, to tell a child from a twin. Names are
weighed for scoring in `score`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product

from register.identity.clean import (
    encode_sound,
    expand_abbreviation,
    find_standard_spelling,
    is_nickname,
    is_particle_or_title,
    is_short_form,
    respell,
    split_given_names,
    split_surname,
    strip_servant_prefix,
)

MIN_FORENAME_SIMILARITY = 0.75
# Minimum similarity (0-1) of two recorded surnames of one family, which may differ in a letter or
# two.
MIN_SURNAME_SIMILARITY = 0.85
# Minimum similarity (0-1) of a name and a common name of the same sound, for the name to count as
# its spelling.
MIN_SPELLING = 0.8
# Two names with fewer consonants are never compared by sound; with exactly this many, they must
# also end alike, and `is_a_spelling` leaves them out. A vowel at the start counts as a consonant.
MIN_CONSONANTS = 2
VOWEL_CLASSES = {"a": "a", "e": "i", "i": "i", "y": "i", "o": "u", "u": "u"}
Parts = set[tuple[str, str]]


@lru_cache(maxsize=100_000)
def _are_tokens_similar(one: str, other: str) -> bool:
    """Say whether two single names may be one: equal, initial, short form or another spelling.

    Another spelling has the same sound (Aisha and Ayesha), or looks alike and has the same first
    letter (Mohammed and Muhammad). Jayden and Hayden are two names: errors in the first letter are
    rare, and twins' names often differ in it alone.
    """
    one, other = expand_abbreviation(one), expand_abbreviation(other)
    if one == other:
        return True
    after = strip_servant_prefix(one), strip_servant_prefix(other)
    if after[0] and after[1]:
        return _are_tokens_similar(*after)
    if one[0] == other[0]:
        if len(one) == 1 or len(other) == 1 or one.startswith(other) or other.startswith(one):
            return True
        if SequenceMatcher(None, one, other, autojunk=False).ratio() >= MIN_FORENAME_SIMILARITY:
            return True
    return are_known_spellings(one, other)


def are_forenames_similar(one: str, other: str) -> bool:
    """Say whether two cleaned forenames (tokens with spaces) may be one child's.

    First names must be similar. Second names must be similar too if both are recorded: Mohammed Ali
    and Mohammed Hassan are brothers. A missing name is no difference; nor is a second name that is
    used as the first. A particle or form of address alone is similar only to itself: Abdul is not
    Abdul Hamza.
    """
    ones, others = list(split_given_names(one)), list(split_given_names(other))
    if not ones or not others:
        return True
    if any(len(each) == 1 and is_particle_or_title(each[0]) for each in (ones, others)):
        return ones == others
    ones, others = _join_as_others(ones, others), _join_as_others(others, ones)
    if _are_tokens_similar(ones[0], others[0]):
        return len(ones) == 1 or len(others) == 1 or _are_tokens_similar(ones[1], others[1])
    return any(_are_tokens_similar(ones[0], token) for token in others[1:]) or any(
        _are_tokens_similar(token, others[0]) for token in ones[1:]
    )


def share_a_particle_alone(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether a particle is all that the forenames in two sets have in common.

    Examples are Abdul and Abdul Hamza, or Abdul Rahman and Abdul Rahim. False if a set is empty.
    """
    pairs = list(product(map(split_given_names, one_names), map(split_given_names, other_names)))
    return bool(pairs) and all(ones and others and _differ_after(ones, others)
                               for ones, others in pairs)  # fmt: skip


def _differ_after(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether given names differ after a shared particle or a servant prefix.

    Examples are Abdul and Abdul Hamza, or Abdulrahman and Abdulrahim.
    """
    if all(strip_servant_prefix(each[0]) for each in (ones, others)):
        return not _are_tokens_similar(ones[0], others[0])
    (short, *more), (long, *_) = sorted((ones, others), key=lambda names: len("".join(names)))
    is_alone = not more and is_particle_or_title(short)
    return is_alone and ones != others and long.startswith(short)


def _join_as_others(ones: list[str], others: list[str]) -> list[str]:
    """Return `ones`, with the first two names joined if `others` write them as one word.

    For example, Heidi Mae is joined if the first of the others is Heidimae.
    """
    joined = "".join(ones[:2])
    return [joined, *ones[2:]] if joined == others[0] else ones


@lru_cache(maxsize=100_000)
def are_known_spellings(one: str, other: str) -> bool:
    """Say whether two single forenames are one name: equal, nickname, short form or of one sound.

    Examples are Aisha and Ayesha, Mohammed and Muhammad, Jakub and Jacob. The first vowels must be
    of one class: Hassan and Hussein are two names, and so are Karen and Kieran. Two spellings of
    one name never indicate two children, since parents give twins names that can be told apart.
    """
    return is_nickname(one, other) or are_of_one_name(one, other)


def are_of_one_name(one: str, other: str) -> bool:
    """Say whether two single forenames are equal, a short form of each other, or of one sound.

    Unlike `are_known_spellings`, this leaves out pairs in the table of nicknames that are two
    separate names, such as Louis and Lewis.
    """
    one, other = expand_abbreviation(one), expand_abbreviation(other)
    return one == other or is_short_form(one, other) or _are_of_one_sound(one, other)


def group_by_sound(names: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Group single names of three or more consonants by sound, for `is_a_spelling`.

    A vowel at the start counts as a consonant.
    """
    by_sound: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names):
        code = _sound_code(name)
        if len(code[0]) > MIN_CONSONANTS:
            by_sound.setdefault(code, []).append(name)
    return by_sound


def is_a_spelling(name: str, known: Mapping[tuple[str, str], list[str]]) -> bool:
    """Say whether a single name sounds and looks like one of the known names (Hussain, Hussein)."""
    pairs = ((min(name, each), max(name, each)) for each in known.get(_sound_code(name), ()))
    return any(
        SequenceMatcher(None, one, other, autojunk=False).ratio() >= MIN_SPELLING
        for one, other in pairs
    )


def _are_of_one_sound(one: str, other: str) -> bool:
    """Say whether two names sound alike: consonants, first vowel, and in short names the end.

    Names with one consonant never sound alike, since too many names fit (Zoe and Sue, Eve and Ivy).
    Names with two consonants must also end alike (Amy and Amie, but not Ella and Eli). A vowel at
    the start counts as a consonant; h, w and v after the start do not. Listed spellings of one
    name always sound alike (Niamh and Neve).
    """
    if find_standard_spelling(one) == find_standard_spelling(other):
        return True
    code = _sound_code(one)
    if code != _sound_code(other) or len(code[0]) < MIN_CONSONANTS:
        return False
    ends = [VOWEL_CLASSES.get(name[-1], "") for name in (one, other)]
    return len(code[0]) > MIN_CONSONANTS or ends[0] == ends[1]


@lru_cache(maxsize=100_000)
def _sound_code(name: str) -> tuple[str, str]:
    """Return the sound of a name: its consonants (a first J as Y) and its first vowel's class."""
    softened = "y" + name[1:] if name[0] == "j" else name
    vowel = next((letter for letter in respell(softened).lower() if letter in "aeiou"), "")
    return encode_sound(softened), VOWEL_CLASSES.get(vowel, "")


def are_any_similar(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether two sets of names have similar forenames; True if one set has no forename."""
    ones, others = sorted(set(one_names)), sorted(set(other_names))
    if not ones or not others:
        return True
    return any(are_forenames_similar(one, other) for one in ones for other in others)


def orient_forenames(
    one_names: Iterable[str], other_names: Iterable[str]
) -> tuple[set[str], set[str]]:
    """Return the forenames of two sets of names, with swapped names corrected.

    A name counts as swapped if its forename is a surname in the other set, and the sets have no
    recorded surname in common.
    """
    ones, others = _split_names(one_names), _split_names(other_names)
    if not _find_shared(_list_surnames(ones), _list_surnames(others)):
        ones, others = _turn_swapped(ones, others), _turn_swapped(others, ones)
    return {name for name, _ in ones} - {""}, {name for name, _ in others} - {""}


def find_shared_surnames(one_names: Iterable[str], other_names: Iterable[str]) -> set[str]:
    """Return the surnames that two sets of names share, after correcting swapped names.

    Only names with a forename count. Half of a double-barrelled surname counts as a surname, and a
    misspelt surname still counts as shared.
    """
    ones, others = _split_names(one_names), _split_names(other_names)
    return _find_shared(_list_surnames(ones), _list_surnames(others)) or _find_shared(
        _list_surnames(_turn_swapped(ones, others)), _list_surnames(_turn_swapped(others, ones))
    )


def turn_swapped_names(names: Iterable[str], forenames: set[str]) -> list[str] | None:
    """Exchange forename and surname of all names if all are swapped; otherwise return None.

    A name counts as swapped if its surname is a common forename (`forenames`) and its forename is
    not.
    """
    parts = sorted(_split_names(names))
    is_swapped = all(
        first and first.split()[0] not in forenames and last and last.split()[0] in forenames
        for first, last in parts
    )
    return [f"{last}|{first}" for first, last in parts] if parts and is_swapped else None


def _split_names(names: Iterable[str]) -> Parts:
    return {(each.partition("|")[0], each.partition("|")[2]) for each in names}


def _list_surnames(parts: Parts) -> set[str]:
    return {
        form
        for forenames, surname in parts
        if forenames and surname
        for form in _list_surname_forms(surname)
    }


def _find_shared(ones: set[str], others: set[str]) -> set[str]:
    exact = ones & others
    return exact or {one for one in ones for other in others if _is_misspelt(one, other)}


@lru_cache(maxsize=100_000)
def _is_misspelt(one: str, other: str) -> bool:
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= MIN_SURNAME_SIMILARITY


def _turn_swapped(parts: Parts, others: Parts) -> Parts:
    """Exchange forename and surname in names whose forename is a surname in the other set."""
    known = _list_surnames(others)
    return {
        (surname, forenames)
        if _find_shared(_list_surname_forms(forenames), known)
        else (forenames, surname)
        for forenames, surname in parts
    }


def _list_surname_forms(name: str) -> set[str]:
    return {name.replace(" ", ""), *split_surname(name)} - {""}
