"""Name tokens: the words of a name and their sounds, compared in any order.

Not every name is a forename and a surname. A family name may come first. A father's and a
grandfather's name may follow the child's own, in either field. A child may be called by a middle
name. A particle may be written separately or joined to the next word. So here a name is the set of
its tokens. The weight of their agreement is computed in `score`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import combinations

# In transliterations, one sound has several spellings. Longer spellings are replaced first. Vowels
# are removed afterwards.
SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("dj", "j"), ("ch", "c"),
    ("ck", "k"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("zh", "j"), ("ts", "s"), ("ou", "w"),
    ("oo", "w"), ("q", "k"), ("x", "ks"), ("z", "s"), ("v", "w"), ("y", "i"), ("c", "k"),
)  # fmt: skip
INITIAL_VOWELS = {"e": "i", "o": "u"}
NOT_SOUNDED = re.compile("[aeiouhw]")
REPEATED = re.compile(r"(.)\1+")

# Words that are not names: articles, "son of", and middle names that tell only the sex.
NOT_NAMES = re.compile(r"^(al|el|bin|bint|ibn|wa|th[iy]+|va+h?n+)$")
# Parts of Arabic names that are often joined to the next word: Abdul Rahman, Abu Bakr, Noor ud Din.
JOINED_TO_NEXT = re.compile(r"^(abd|abd(u|e|i|a|oo)l|abu|abou|aboo|ud|ul|ur)$")
# Forms of address that are recorded as a first name. A form of address alone does not count as a
# name.
FORMS_OF_ADDRESS = re.compile(r"^(sa?y+[ei]?da?|ha[dj]?ji?|sh[ae]ikh|mulla+h?)$")
# "Servant of" (Abd al-, Abdul, Abdel, Abdi, Abdu) counts as one prefix, however it is spelt. An
# article before a name is removed.
SERVANT = re.compile(r"^abd(?:oo|ou|[aeiu])?(?:l(?=[^aeiouy]))?(?=[a-z]{3})")
ARTICLE = re.compile(r"^al(?=[bcdfghjkmnpqrstvwxz][a-z]{3})")
# Abbreviations of Mohammed, the commonest name.
ABBREVIATION = (re.compile(r"^(md|mhd|mohd|muhd)h?$"), "mohammed")
# Spellings that letter rules cannot bring together. In Somali, x sounds as h and c is silent; in
# Uthman, th sounds as s.
WRITTEN = (
    ABBREVIATION,
    (re.compile(r"^x(?=[aeiou])"), "h"),
    (re.compile(r"^a(x|ch)m"), "ahm"),
    (re.compile(r"^maxa"), "maha"),
    (re.compile(r"^c(?=(ab[bd]|ali|adan|ais|as[lm]|i[lsy][mls]|um[ae]r|usm))"), ""),
    (re.compile(r"^c?(i|u|o|ou|oo)(s+|th)m+a+n+$"), "usman"),
    (re.compile(r"^m[ai]r[iy][aeu][mn]$"), "maryam"),
)
# Mohammed before another forename: children with such a name are usually called by the second
# forename.
CALLED_BY_THE_NEXT = re.compile(r"^(md|mhd|mohd|muhd|m[aou]h?[aou]m+[aeiou]d) (?=[a-z]{2})")
MIN_TOKENS, MAX_TOKENS = 2, 6
# Names recur across pairs, so their tokens are cached.
NAME_CACHE_SIZE = 2**16
# A sound with fewer consonants than this also gets the name's next vowel, because too many names
# share it.
MIN_CONSONANTS = 2
VOWELS = {"a": "a", "e": "i", "i": "i", "y": "i", "j": "i", "o": "u", "u": "u", "w": "u"}


@cache
def encode_sound(name: str) -> str:
    """Return the consonants of a name by sound; mohammed, muhamad and mohamed give the same code.

    The first letter is kept even if it is a vowel, with e written as i and o as u. Every d becomes
    t. Many names share a sound, so comparisons have a separate level for it.
    """
    sounded = REPEATED.sub(r"\1", name)
    for spelling, letter in SOUNDS:
        sounded = sounded.replace(spelling, letter)
    first = INITIAL_VOWELS.get(sounded[:1], sounded[:1])
    return (first + NOT_SOUNDED.sub("", sounded[1:])).replace("d", "t")


def tokenise_name(name: str) -> frozenset[str]:
    """Return the sounds of the tokens of a cleaned `forenames|surname`.

    Initials and words that are not names are left out. Nguyen Thi Hoa, Hoa Nguyen and Nguyen|Hoa
    have the same tokens. So have Abdel Rahman and Abdirahman. A surname alone, or with only an
    initial, has no tokens, since it belongs to the whole family. Two words of one sound count as
    two tokens, so Noor Nahar is not within Noor Jahan.
    """
    forenames, _, surname = name.partition("|")
    words = _join_particles([*forenames.split(), *surname.split()])
    known = [word for word in words if len(word) > 1]
    is_given = any(len(word) > 1 for word in forenames.split())
    return _number_repeats(encode_token_sound(word) for word in known) if is_given else frozenset()


def split_given_names(forenames: str) -> tuple[str, ...]:
    """Split cleaned forenames into given names, with particles joined to the next name or dropped.

    Van Hung gives Hung, Thi Thu Huong gives Thu and Huong, and Abdul Hamza Ali gives Abdulhamza and
    Ali. Forenames that consist of particles only are one given name.
    """
    words = forenames.split()
    return tuple(_join_particles(words)) or (("".join(words),) if words else ())


def expand_abbreviation(given_name: str) -> str:
    """Return a given name in full if it is an abbreviation (Mohammed for Md), else unchanged."""
    return ABBREVIATION[0].sub(ABBREVIATION[1], given_name)


def strip_servant_prefix(given_name: str) -> str | None:
    """Return the part of a given name after "servant of" (Rahman of Abdulrahman), or None."""
    written = SERVANT.sub("", given_name)
    return None if written == given_name else written.lstrip("l")


def is_particle_or_title(given_name: str) -> bool:
    """Say whether a given name is a particle or a form of address."""
    return any(each.match(given_name) for each in (NOT_NAMES, JOINED_TO_NEXT, FORMS_OF_ADDRESS))


def build_name_sets(names: Iterable[str]) -> list[str]:
    """Return the sorted tokens of each name as one text, for names of two to six tokens."""
    return sorted({" ".join(sorted(tokens)) for tokens in _list_token_sets(names)})


def build_name_subsets(names: Iterable[str]) -> list[str]:
    """Return every choice of two or more tokens of a name, each as a text of sorted tokens.

    One name is within another if its text in `build_name_sets` is among the other's choices.
    """
    return sorted(
        {
            " ".join(chosen)
            for tokens in _list_token_sets(names)
            for size in range(MIN_TOKENS, len(tokens) + 1)
            for chosen in combinations(sorted(tokens), size)
        }
    )


def is_name_within(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether all tokens of one name are among the tokens of another, in any order."""
    ones, others = _list_token_sets(one_names), _list_token_sets(other_names)
    return any(one <= other or other <= one for one in ones for other in others)


def are_names_reordered(one_names: Iterable[str], other_names: Iterable[str]) -> bool:
    """Say whether one name is within another, unless their first names only sound alike.

    Leo Cole and Lee Cole have the same tokens by sound, but may be twins.
    """
    return any(
        is_name_within([one], [other]) and not _do_first_names_sound_alike(one, other)
        for one in one_names
        for other in other_names
    )


def _do_first_names_sound_alike(one: str, other: str) -> bool:
    """Say whether the first forenames of two names are different spellings of one sound."""
    firsts = [next(iter(split_given_names(name.split("|")[0])), "") for name in (one, other)]
    return firsts[0] != firsts[1] and encode_token_sound(firsts[0]) == encode_token_sound(firsts[1])


@cache
def encode_token_sound(word: str) -> str:
    """Return the sound of one token of a name.

    This sound is coarser than that of `encode_sound`, since a name's other tokens are compared too.
    G counts as k, and j as y. A token with one consonant keeps its first vowel: Le, Ly and Li have
    one sound, and La has another.
    """
    written = word
    for pattern, replacement in WRITTEN:
        written = pattern.sub(replacement, written)
    written = SERVANT.sub("abd", written)
    written = ARTICLE.sub("", written)
    code = encode_sound(written.replace("j", "y")).replace("g", "k")
    if len(code) >= MIN_CONSONANTS:
        return code
    vowel = next((letter for letter in written[1:] if letter in VOWELS), "")
    return code + VOWELS.get(vowel, "")


def _number_repeats(sounds: Iterable[str]) -> frozenset[str]:
    """Return sounds as a set in which the second and later occurrence of a sound has a number."""
    counts: Counter[str] = Counter()
    items = set()
    for each in sounds:
        counts[each] += 1
        items.add(each if counts[each] == 1 else f"{each}{counts[each]}")
    return frozenset(items)


def _join_particles(words: list[str]) -> list[str]:
    """Join the first half of a divided name to the next word, and drop words that are not names."""
    joined: list[str] = []
    pending = ""
    for word in words:
        if JOINED_TO_NEXT.match(word):
            pending += word
        elif NOT_NAMES.match(word):
            continue
        else:
            joined.append(pending + word)
            pending = ""
    return [*joined, pending] if pending else joined


def _list_token_sets(names: Iterable[str]) -> list[frozenset[str]]:
    """Return the token sets of names, also without a first Mohammed, since it is often left out.

    Sets of fewer than two or more than six tokens are left out.
    """
    token_sets = {tokens for name in names for tokens in _list_token_sets_of_name(name)}
    return [tokens for tokens in token_sets if MIN_TOKENS <= len(tokens) <= MAX_TOKENS]


@lru_cache(NAME_CACHE_SIZE)
def _list_token_sets_of_name(name: str) -> frozenset[frozenset[str]]:
    return frozenset(tokenise_name(each) for each in {name, CALLED_BY_THE_NEXT.sub("", name)})
