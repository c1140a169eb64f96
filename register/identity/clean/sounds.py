"""Sounds of names: one code for the spellings of one name.

Which tokens of a name are compared belongs in `name_tokens`.
"""

from __future__ import annotations

import re
from functools import cache

# Spellings of one sound in transliterations, longest first; applied before vowels are removed.
SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("dj", "j"), ("ch", "c"),
    ("ck", "k"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("zh", "j"), ("ts", "s"), ("ou", "w"),
    ("oo", "w"), ("q", "k"), ("x", "ks"), ("z", "s"), ("v", "w"), ("y", "i"), ("c", "k"),
)  # fmt: skip
INITIAL_VOWELS = {"e": "i", "o": "u"}
NOT_SOUNDED = re.compile("[aeiouhw]")
REPEATED = re.compile(r"(.)\1+")


@cache
def sound(name: str) -> str:
    """Return the consonants of a name by sound: mohammed, muhamad and mohamed give one code.

    The first letter is kept even if it is a vowel, e as i and o as u; d is t. Much coarser than a
    spelling, so comparisons give it a level of its own.
    """
    sounded = REPEATED.sub(r"\1", name)
    for spelling, letter in SOUNDS:
        sounded = sounded.replace(spelling, letter)
    first = INITIAL_VOWELS.get(sounded[:1], sounded[:1])
    return (first + NOT_SOUNDED.sub("", sounded[1:])).replace("d", "t")
