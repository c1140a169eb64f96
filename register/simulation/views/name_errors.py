"""What happens to a name on its way into a record: one function per error mode, text to text.

Each returns the text unchanged where the mode does not apply.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from nicknames import NickNamer

from register.simulation.world.names import read_name_data

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SPELLING_RULES = (
    ("kh", "k"), ("ee", "i"), ("ou", "u"), ("gh", "g"), ("dh", "d"), ("ai", "ay"), ("y", "i"),
    ("ss", "s"), ("mm", "m"), ("q", "k"), ("w", "v"), ("th", "t"), ("ei", "ai"),
)  # fmt: skip
PLACEHOLDERS = ("Unknown", "Baby", "Not Known", "UNK")


@cache
def _nicknamer() -> NickNamer:
    return NickNamer()


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    return {
        name.lower(): tuple(other for other in group if other != name)
        for group in read_name_data()["spellings"]
        for name in group
    }


@cache
def _nicknames(name: str) -> tuple[str, ...]:
    return tuple(sorted(_nicknamer().nicknames_of(name)))


def nickname(text: str, draw: int) -> str:
    """A familiar form of the first forename."""
    first, _, rest = text.partition(" ")
    found = _nicknames(first.lower())
    if not found:
        return text
    return " ".join(filter(None, (found[draw % len(found)].capitalize(), rest)))


def transliteration(text: str, draw: int) -> str:
    """Another spelling of a name that came from another script."""
    known = _spellings()
    parts = text.split(" ")
    for number, part in enumerate(parts):
        others = known.get(part.lower())
        if others:
            parts[number] = others[draw % len(others)]
            return " ".join(parts)
    lowered = text.lower()
    fitting = [rule for rule in SPELLING_RULES if rule[0] in lowered[1:]]
    if not fitting:
        return text
    old, new = fitting[draw % len(fitting)]
    return text[0] + text[1:].replace(old, new, 1)


def double_barrelled_half(text: str, draw: int) -> str:
    """One half of a double-barrelled surname."""
    halves = [half for half in text.split("-") if half]
    return halves[draw % len(halves)] if len(halves) > 1 else text


def punctuation(text: str, draw: int) -> str:
    """Hyphens, apostrophes and spaces dropped or exchanged."""
    if not re.search(r"[-' ]", text):
        return text
    return re.sub(r"[-' ]", ("", " ", "")[draw % 3] if "-" in text or "'" in text else "-", text)


def typo(text: str, draw: int) -> str:
    """One letter dropped, doubled, exchanged for another or swapped with the next."""
    if len(text) < 4:
        return text
    at = 1 + draw % (len(text) - 2)
    letter = LETTERS[(draw // 7) % 26]
    forms = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + letter + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    )
    return forms[(draw // 31) % 4]


def placeholder(text: str, draw: int) -> str:
    """What is written when nobody knows the name."""
    del text
    return PLACEHOLDERS[draw % len(PLACEHOLDERS)]


def letter_digit_confused(text: str, draw: int) -> str:
    """O for 0 or I for 1 in a postcode."""
    del draw
    return text.replace("0", "O", 1) if "0" in text else text.replace("1", "I", 1)


def truncated_postcode(text: str, draw: int) -> str:
    """The district alone."""
    del draw
    return text.split(" ", maxsplit=1)[0]


Change = Callable[[str, int], str]
