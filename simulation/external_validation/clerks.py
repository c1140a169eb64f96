"""The ways in which clerks write a name: order, parts kept, spelling, short forms and slips.

Each function takes the rates of one authority or force (`parameters.Habits`). Dates, addresses and
numbers are in `details`.
"""

from __future__ import annotations

from random import Random

from simulation.external_validation.naming import (
    PATRONYMIC,
    TRANSLITERATED,
    FullName,
    short_names,
    spellings,
)
from simulation.external_validation.parameters import Habits

PARTICLES = ("al-", "el-", "da ", "dos ", "de ", "e ", "ap ", "st ", "abd ", "bin ")
# For each letter, the letters beside it on a British keyboard.
BESIDE = {
    "a": "qsz", "b": "vgn", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy",
    "i": "uok", "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol",
    "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs",
    "y": "tuh", "z": "xa",
}  # fmt: skip
# Sounds with two spellings. A clerk who only hears a name may write one spelling for the other.
HEARD = (
    ("ph", "f"), ("ck", "k"), ("c", "k"), ("ie", "y"), ("ey", "y"), ("ee", "ea"), ("ai", "ay"),
    ("th", "t"), ("ll", "l"), ("tt", "t"), ("nn", "n"), ("ss", "s"), ("rr", "r"), ("mm", "m"),
    ("s", "z"), ("oo", "u"), ("ou", "u"), ("kh", "k"), ("gh", "g"), ("q", "k"), ("w", "v"),
    ("dh", "d"), ("x", "ks"), ("j", "y"), ("aa", "a"), ("ah", "a"), ("iy", "i"), ("u", "o"),
    ("e", "i"), ("ei", "ie"), ("au", "aw"), ("zh", "j"), ("tsch", "ch"), ("er", "ar"),
)  # fmt: skip
TITLES = ("Mohammed", "Muhammad", "Mohamed", "Mohammad", "Md", "Syed")


def write_name(random: Random, habits: Habits, name: FullName, is_new: bool) -> tuple[str, str]:
    """Return forenames and surname as one clerk writes them.

    `is_new` marks a child whose name has no settled spelling in Latin letters, such as an
    unaccompanied child. Each clerk then spells the name in their own way.
    """
    rates = habits.rates
    forenames, surnames = _split_name(random, rates, name, is_new)
    if name.former_surname and random.random() < rates["former_surname"]:
        surnames = [name.former_surname]
    forenames = _familiar(random, rates, forenames)
    share = rates["transliterated_anew"] if is_new else rates["respelt"]
    if is_new or name.origin in TRANSLITERATED:
        share = share if is_new else share / 2
        forenames = [_respelt(random, each, share) for each in forenames]
        surnames = [_respelt(random, each, share) for each in surnames]
    forenames, surnames = _add_slips(random, rates, forenames, surnames)
    given_name, family = " ".join(forenames), " ".join(surnames)
    if random.random() < rates["order_unsure" if is_new else "surname_first"]:
        given_name, family = family, given_name
    return _style_name(habits, given_name), _style_name(habits, family)


def everyday_name(random: Random, forename: str) -> str | None:
    """Return a short form of a forename, or None if it has none."""
    nicknames = short_names().get(forename, ())
    return random.choice(nicknames) if nicknames else None


def _split_name(
    random: Random, rates: dict[str, float], name: FullName, is_new: bool
) -> tuple[list[str], list[str]]:
    """Return the names that the clerk takes for forenames, and the names taken for surnames."""
    given_names, family = list(name.given_names), list(name.family)
    if is_new and random.random() < rates["given_name_only"]:
        return [name.called], []
    if name.origin in PATRONYMIC:
        return _of_patronymic(random, rates, given_names, family)
    if name.origin in OWN_WAYS:
        return OWN_WAYS[name.origin](random, rates, given_names, family)
    if len(given_names) > 1 and random.random() < rates["middle_first"]:
        given_names = given_names[::-1]
    elif random.random() >= rates["middle_kept"]:
        given_names = [name.called if random.random() < 0.6 else given_names[0]]
    return given_names, family


def _of_patronymic(
    random: Random, rates: dict[str, float], given_names: list[str], family: list[str]
) -> tuple[list[str], list[str]]:
    """Write the father's name as surname, as second forename, or not at all."""
    father, last = family[0], family[-1]
    if random.random() < rates["patronymic_dropped"]:
        return given_names, [father if random.random() < rates["father_as_surname"] else last]
    way = random.random()
    if way < 0.4:
        return [*given_names, father], [last]
    return (given_names, [father, last]) if way < 0.8 else ([*given_names, father, last], [])


def _of_vietnamese(
    random: Random, rates: dict[str, float], given_names: list[str], family: list[str]
) -> tuple[list[str], list[str]]:
    """Write the family name as surname; some clerks take the given name for the surname."""
    middle, called = given_names[0], given_names[-1]
    way = random.random()
    if way < rates["order_unsure"]:
        return [*family, middle], [called]
    if way < rates["order_unsure"] + 0.2:
        return [called], family
    return ([called, middle] if way > 0.85 else [middle, called]), family


def _of_chinese(
    random: Random, rates: dict[str, float], given_names: list[str], family: list[str]
) -> tuple[list[str], list[str]]:
    """Write two syllables as one word, as two words or with a hyphen.

    The English name, the Chinese name or both are written.
    """
    del rates
    if len(given_names) > 1:
        given_names = random.choice(
            (given_names, given_names[:1], given_names[:1], given_names[1:])
        )
    joint = random.choice((" ", "-", ""))
    return [each.replace(" ", joint).capitalize() for each in given_names], family


def _of_pakistani(
    random: Random, rates: dict[str, float], given_names: list[str], family: list[str]
) -> tuple[list[str], list[str]]:
    """Write Mohammed and the name by which the boy is called, or only one of the two."""
    del rates
    if len(given_names) == 1:
        return given_names, family
    way = random.random()
    return (
        given_names if way < 0.45 else given_names[1:] if way < 0.85 else given_names[:1]
    ), family


def _of_two_surnames(
    random: Random, rates: dict[str, float], given_names: list[str], family: list[str]
) -> tuple[list[str], list[str]]:
    """Write both of two surnames, or only one of them; Singh and Kaur count as surnames."""
    tokens = [token for each in family for token in each.split()]
    written_given_names = given_names if random.random() < rates["middle_kept"] else given_names[:1]
    way = random.random()
    if len(tokens) == 1 or way >= 0.55:
        return written_given_names, family
    return written_given_names, [tokens[-1] if way < 0.35 else tokens[0]]


OWN_WAYS = {
    "vietnamese": _of_vietnamese,
    "chinese": _of_chinese,
    "pakistani": _of_pakistani,
    "indian": _of_two_surnames,
    "iberian": _of_two_surnames,
}


def _familiar(random: Random, rates: dict[str, float], forenames: list[str]) -> list[str]:
    """Replace all forenames by the everyday form or initial of the first, at the clerk's rates."""
    if not forenames:
        return forenames
    if random.random() < rates["nickname"]:
        short = everyday_name(random, forenames[0])
        if short:
            return [short]
    if random.random() < rates["initials"] and forenames[0] not in TITLES:
        return [forenames[0][0]]
    return forenames


def _respelt(random: Random, text: str, share: float) -> str:
    """Respell a share of the words of a name, from the table of spellings or as misheard."""
    words = [text] if text.lower() in spellings() else text.split(" ")
    written = []
    for word in words:
        others = spellings().get(word.lower(), ())
        if random.random() >= share:
            written.append(word)
        elif others and random.random() < 0.85:
            written.append(random.choice(others))
        else:
            written.append(mishear_word(random, word))
    return " ".join(written)


def mishear_name(random: Random, word: str) -> str:
    """Return a name as spelt by a person who only heard it, often in another usual spelling."""
    others = spellings().get(word.lower(), ())
    return random.choice(others) if others and random.random() < 0.6 else mishear_word(random, word)


def mishear_word(random: Random, word: str) -> str:
    """Return a word with one of its sounds in another spelling."""
    lowered = word.lower()
    fitting = []
    for one, other in HEARD:
        fitting += [pair for pair in ((one, other), (other, one)) if pair[0] in lowered[1:]]
    if not fitting:
        return word
    old, new = random.choice(fitting)
    return word[0] + word[1:].replace(old, new, 1)


def mistype_word(random: Random, word: str) -> str:
    """Return a word with one typing error, seldom in the first letter."""
    if len(word) < 3:
        return word
    place = 0 if random.random() < 0.06 else random.randrange(1, len(word))
    letter = word[place].lower()
    way = random.randrange(5)
    if way == 0:
        return word[:place] + word[place + 1 :]
    if way == 1:
        return word[:place] + letter + word[place:]
    if way == 2 and place + 1 < len(word):
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    beside = random.choice(BESIDE.get(letter, "e"))
    return word[:place] + beside + word[place + (way != 3) :]


def _add_slips(
    random: Random, rates: dict[str, float], forenames: list[str], surnames: list[str]
) -> tuple[list[str], list[str]]:
    """Add misheard and mistyped letters, and drop half of some double-barrelled surnames."""
    for rate, change in (
        (rates["heard_spelling"], mishear_name),
        (rates["letter_error"], mistype_word),
    ):
        if forenames and random.random() < rate:
            place = random.randrange(len(forenames))
            forenames = [*forenames]
            forenames[place] = change(random, forenames[place])
        if surnames and random.random() < rate:
            place = random.randrange(len(surnames))
            surnames = [*surnames]
            surnames[place] = change(random, surnames[place])
    is_double = bool(surnames) and "-" in surnames[-1][3:]
    if is_double and random.random() < rates["half_surname"]:
        surnames = [random.choice(surnames[-1].split("-"))]
    return forenames, surnames


def _style_name(habits: Habits, text: str) -> str:
    """Return a name with the marks, particles and length that the issuer's system stores."""
    lowered = text.lower()
    if habits.particles != "keep":
        for particle in PARTICLES:
            if lowered.startswith(particle):
                rest = text[len(particle) :]
                text = rest if habits.particles == "dropped" else particle.strip("- ") + rest
                break
    if habits.marks == "space":
        text = text.replace("-", " ").replace("'", " ")
    elif habits.marks == "drop":
        text = text.replace("-", "").replace("'", "")
    return text[: habits.name_length].strip() if habits.name_length else text
