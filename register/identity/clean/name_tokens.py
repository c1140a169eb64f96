"""Name tokens: the words of a name and their sounds, compared in any order.

Not every name is a forename and a surname. A family name may come first. A father's and a
grandfather's name may follow the child's own, in either field. A child may be called by a middle
name. A particle may be written separately or joined to the next word. So here a name is the set of
its tokens. The weight of their agreement is computed in `score`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import combinations

from register.identity.clean.name_spellings import SERVANT, respell
from register.identity.clean.name_words import (
    CALLED_BY_THE_NEXT,
    JOINED_TO_NEXT,
    is_customary,
    is_particle_or_title,
    is_title,
    join_compounds,
    join_horn_compounds,
    join_particles,
    join_surname_particles,
)

# In transliterations, one sound has several spellings. Longer spellings are replaced first. Vowels
# are removed afterwards.
SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("sz", "s"), ("cz", "c"), ("kh", "k"), ("gh", "g"), ("ph", "f"),
    ("dj", "j"), ("ch", "c"), ("ck", "k"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("zh", "j"),
    ("ts", "s"), ("ou", "w"), ("oo", "w"), ("q", "k"), ("x", "ks"), ("z", "s"), ("v", "w"),
    ("y", "i"), ("c", "k"),
)  # fmt: skip
INITIAL_VOWELS = {"e": "i", "o": "u"}
NOT_SOUNDED = re.compile("[aeiouhw]")
REPEATED = re.compile(r"(.)\1+")

JoinWords = Callable[[list[str]], list[str]]
# An article before a name is removed.
ARTICLE = re.compile(r"^(?:al|el)(?=[bcdfghjkmnpqrstvwxz][a-z]{3})")
MIN_TOKENS, MAX_TOKENS = 2, 6
# Names recur across pairs, so their tokens are cached.
NAME_CACHE_SIZE = 2**16
# A sound with fewer consonants than this also gets the name's next vowel, because too many names
# share it.
MIN_CONSONANTS = 2
VOWELS = {"a": "a", "e": "i", "i": "i", "y": "i", "j": "i", "o": "u", "u": "u", "w": "u", "v": "u"}


@cache
def encode_sound(name: str) -> str:
    """Return the consonants of a name by sound; mohammed, muhamad and mohamed give the same code.

    The first letter is kept even if it is a vowel, with e written as i and o as u. Every d becomes
    t. Many names share a sound, so comparisons have a separate level for it.
    """
    return _encode_consonants(respell(name))


def _encode_consonants(written: str) -> str:
    sounded = REPEATED.sub(r"\1", written)
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
    words = next(iter(_split_words(name, join_compounds)), ())
    return _number_repeats(map(encode_token_sound, words))


def split_given_names(forenames: str) -> tuple[str, ...]:
    """Split cleaned forenames into given names, with particles joined to the next name or dropped.

    Van Hung gives Hung, Thi Thu Huong gives Thu and Huong, and Abdul Hamza Ali gives Abdulhamza and
    Ali. Gebre Meskel is one given name. Forenames that consist of particles only are one given
    name.
    """
    words = forenames.split()
    return tuple(join_horn_compounds(join_particles(words))) or (("".join(words),) if words else ())


def find_called_name(forenames: str) -> str | None:
    """Return the given name by which a child is called, or None if no word is a name.

    It is the first given name after titles, Mohammed and Bibi, if another name follows. A title or
    a particle alone (Syed, Abdul, Thi) is no name.
    """
    given_names = split_given_names(_drop_leading_words(forenames))
    return next((each for each in given_names if not is_particle_or_title(each)), None)


def _drop_leading_words(text: str) -> str:
    """Return forenames, or a whole name, without titles and a Mohammed before another forename."""
    shortened = CALLED_BY_THE_NEXT.sub("", text)
    if shortened == text:
        return text
    rest = split_given_names(shortened.partition("|")[0])
    if not rest or is_particle_or_title(rest[0]):
        return text
    return _drop_leading_words(shortened)


def strip_servant_prefix(given_name: str) -> str | None:
    """Return the part of a given name after "servant of" (Rahman of Abdulrahman), or None."""
    written = SERVANT.sub("", given_name)
    return None if written == given_name else written.lstrip("l")


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
    written = strip_article(respell(word))
    code = _encode_consonants(written.replace("j", "y")).replace("g", "k")
    if len(code) >= MIN_CONSONANTS:
        return code
    vowel = next((letter for letter in written[1:] if letter in VOWELS), "")
    return code + VOWELS.get(vowel, "")


def strip_article(word: str) -> str:
    """Return a word without an Arabic article that is written together with it (Aljanabi)."""
    return ARTICLE.sub("", word)


def _split_words(name: str, *joins: JoinWords) -> set[tuple[str, ...]]:
    """Return the words of a cleaned name that count as tokens, once for each way to join forenames.

    A name without a given name has none. A title alone is no given name, and customary names count
    only beside another name.
    """
    forenames, _, surname = name.partition("|")
    first, family = forenames.split(), join_surname_particles(surname).split()
    if not any(len(word) > 1 for word in first):
        return set()
    if all(map(is_title, first)):
        first = []
    if first and JOINED_TO_NEXT.match(first[-1]):
        family.insert(0, first.pop())
    first, family = join_particles(first), join_compounds(join_particles(family))
    ways = {tuple(word for word in (*join(first), *family) if len(word) > 1) for join in joins}
    return {words for words in ways if not all(map(is_customary, words))}


def _join_two(words: list[str]) -> list[str]:
    """Join two words (Xiao Ming becomes Xiaoming); leave one word, or three, as they are."""
    return ["".join(words)] if len(words) == 2 else words


def _number_repeats(sounds: Iterable[str]) -> frozenset[str]:
    """Return sounds as a set in which the second and later occurrence of a sound has a number."""
    counts: Counter[str] = Counter()
    items = set()
    for each in sounds:
        counts[each] += 1
        items.add(each if counts[each] == 1 else f"{each}{counts[each]}")
    return frozenset(items)


def _list_token_sets(names: Iterable[str]) -> list[frozenset[str]]:
    """Return the token sets of names in all their forms (`_list_token_sets_of_name`).

    Sets of fewer than two or more than six tokens are left out.
    """
    token_sets = {tokens for name in names for tokens in _list_token_sets_of_name(name)}
    return [tokens for tokens in token_sets if MIN_TOKENS <= len(tokens) <= MAX_TOKENS]


@lru_cache(NAME_CACHE_SIZE)
def _list_token_sets_of_name(name: str) -> frozenset[frozenset[str]]:
    """Return the token sets of a name: with and without a first Mohammed, and joined or apart.

    A first Mohammed or title is often left out. Two forenames, or the halves of a compound, are
    often written as one word.
    """
    joins = (join_compounds, _join_two, list)
    ways = _split_words(name, *joins) | _split_words(_drop_leading_words(name), *joins)
    return frozenset(_number_repeats(map(encode_token_sound, words)) for words in ways)
