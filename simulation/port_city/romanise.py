"""Spellings in Latin letters of names that people bear in another script.

`names.yaml` writes these names by sound. A scheme says how one country's clerks write each sound;
a clerk sometimes chooses a less usual spelling of the same scheme.
"""

from __future__ import annotations

from itertools import groupby
from random import Random

Scheme = dict[str, tuple[str, ...]]

# Each sound's spellings, the usual one first. A letter that is not listed is written as it is.
ENGLISH: Scheme = {
    "A": ("a", "aa"), "I": ("i", "ee"), "U": ("u", "oo"), "E": ("ei", "ai", "ay"),
    "O": ("au", "aw"), "c": ("sh",), "C": ("ch",), "x": ("kh", "k"), "G": ("gh", "g"), "H": ("h",),
    "T": ("th", "t"), "D": ("dh", "d"), "S": ("s",), "Z": ("z",), "3": ("", "", "a"), "'": ("",),
    "q": ("q", "k"), "u": ("u", "o"), "i": ("i", "e"), "y": ("y", "i"),
}  # fmt: skip
FRENCH: Scheme = ENGLISH | {
    "A": ("a",), "I": ("i",), "U": ("ou",), "u": ("ou", "o"), "c": ("ch",), "C": ("tch",),
    "j": ("dj", "j"), "w": ("ou", "w"), "q": ("k", "q"), "E": ("ei", "e"), "O": ("ao", "aou"),
}  # fmt: skip
GERMAN: Scheme = ENGLISH | {
    "A": ("a", "ah"), "I": ("i", "ie"), "U": ("u", "uh"), "c": ("sch",), "C": ("tsch",),
    "j": ("dsch", "j"), "x": ("ch", "kh"), "v": ("w",), "y": ("j", "y"), "q": ("k",),
}  # fmt: skip
PERSIAN: Scheme = ENGLISH | {
    "u": ("o", "u"), "i": ("e", "i"), "q": ("gh", "q"), "w": ("v", "w"), "T": ("s",), "D": ("z",),
    "U": ("oo", "u"), "I": ("i", "ee"), "E": ("ey", "ei"), "O": ("ow", "o"),
}  # fmt: skip
ITALIAN: Scheme = ENGLISH | {
    "c": ("sc", "sh"), "j": ("gi", "g"), "y": ("i", "y"), "x": ("k", "kh"), "q": ("k", "ch"),
    "w": ("u", "w"), "E": ("ie", "e"),
}  # fmt: skip
SOMALI: Scheme = ENGLISH | {
    "H": ("x", "h"), "3": ("c", ""), "x": ("kh",), "A": ("aa", "a"), "U": ("uu", "u"),
    "I": ("ii", "i"), "T": ("s",), "D": ("dh",),
}  # fmt: skip
NILE: Scheme = ENGLISH | {"j": ("g", "j"), "q": ("g", "k"), "T": ("s", "t"), "D": ("z", "d")}
# The schemes in which each system's papers are written, the usual one first.
SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "arabic": (ENGLISH, FRENCH, GERMAN, NILE), "sudanese": (NILE, ENGLISH, FRENCH),
    "tigrinya": (ENGLISH, ITALIAN), "amharic": (ENGLISH, ITALIAN), "somali": (SOMALI, ENGLISH),
    "dari_pashto": (ENGLISH, PERSIAN, GERMAN), "persian_kurdish": (PERSIAN, ENGLISH, GERMAN),
    "urdu_bengali": (ENGLISH,), "punjabi": (ENGLISH,),
}  # fmt: skip
# Words between the parts of a name: written together, apart, or with a hyphen.
JOINTS = ("", " ", " ", "-")
# How "servant of" and the article are written before the next word.
SERVANT = {"abdul": ("abdul", "abd al", "abdel", "abd ul", "abdoul"), "al": ("al", "el", "al-", "")}
UNUSUAL = 0.22


def romanise(random: Random, sounds: str, scheme: Scheme, unusual: float = UNUSUAL) -> str:
    """Return a name in Latin letters, its words capitalised.

    `sounds` is a name in the notation of `names.yaml`. `unusual` (0 to 1) is the share of sounds
    that the clerk does not write in the usual way.
    """
    words = [_spell_word(random, word, scheme, unusual) for word in sounds.split("+")]
    text = words[0]
    for word in words[1:]:
        text += ("-" if text.endswith("-") else random.choice(JOINTS)) + word
        text = text.replace("--", "-")
    return " ".join(each[:1].upper() + each[1:] for each in text.strip(" -").split(" ") if each)


def _spell_word(random: Random, word: str, scheme: Scheme, unusual: float) -> str:
    plain = word.replace("3", "").lower()
    if plain in SERVANT:
        forms = SERVANT[plain]
        return forms[0] if random.random() > 2 * unusual else random.choice(forms)
    written = []
    for sound in word:
        spellings = scheme.get(sound, (sound,))
        chosen = random.choice(spellings) if random.random() < unusual else spellings[0]
        written.append(chosen)
    text = "".join(written)
    return text if random.random() > unusual else _undouble(text)


def _undouble(text: str) -> str:
    """Return a text in which each doubled letter is written once."""
    return "".join(letter for letter, _ in groupby(text))
