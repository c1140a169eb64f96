"""Words of names that do not identify a child by themselves: particles, titles, customary names.

Each class of words is listed once, for all naming systems. A particle is joined to the name to
which it belongs, or left out. A title comes before a name. Many children bear a customary name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words that are not names: articles, "son of", and middle names that tell only the sex.
NOT_NAMES = re.compile(r"^(al|el|bin|binti?|ibn|wa|th[iy]+|va+h?n+)$")
# Particles of surnames, which do not count as half of a double-barrelled surname.
SURNAME_PARTICLES = frozenset(
    {"al", "ap", "bin", "bint", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el"}
    | {"ibn", "la", "le", "mac", "mc", "o", "san", "st", "van", "von"}
)
# Particles of surnames that one source writes and another leaves out (da Silva, von Berg), and
# those that it joins to the next word (O Neill, Mc Carthy). Do, La and Le are also surnames.
LEFT_OUT_OF_SURNAME = re.compile(
    r"^(?:(?:ap|de l[ao]s?|d[aei]|d[ao]s|del|den|der|von) )+(?=[a-z]{2})"
)
JOINED_IN_SURNAME = re.compile(r"^(o|ma?c|fitz) (?=[a-z]{3})")
# Parts of Arabic names that are often joined to the next word: Abdul Rahman, Abdur Rahim, Abu Bakr,
# Noor ud Din.
JOINED_TO_NEXT = re.compile(
    r"^(abd|abd(oo|ou|[aeiu])l|abd(ou|[eou])(sh|[dnrstz])|abu|abou|aboo|ud|ul|ur)$"
)
# Second halves of names that are often joined to the word before: Saif Ullah, Salah Uddin, Ahmad
# Zai, Alizadeh, and the Eritrean and Ethiopian names after Gebre, Habte or Tekle.
SECOND_HALF = re.compile(
    r"^([uo]l+ah?|([aeou](d|l)|u?)d[iy]ne?|za[iy]|zad[ae]h?|p(oo|ou|u)r)$"
)  # fmt: skip
HORN_FIRST_HALF = re.compile(
    r"^(am[dh]e|asf[ae]|berhane|fi[ck]re|g[uh]?[aeiu]+bre|ha[iy]le|h?abte|kidane|kifle|la[ei]ke"
    r"|te[ck]le|tesfa|tewelde|wu?[aeo]lde?|u[aeo]lde?|zer[ae]|zemen)$"
)
HORN_SECOND_HALF = re.compile(
    r"^([ae]mlak|berhan|birhan|eg[zs]i\w*|g[hi]?[eio]+rgh?is|ha[iy]manot|h[ie]wet|hiwot"
    r"|[iy]+esus|k[iy]dan|[ck]h?rist[eo]s|m[ai]r[iy][aeu]m|ma?[ei]?dh[ie]?n"
    r"|mes[kq]el|mi[ck]h?a?[ei]+l|sel+as+ie?|t?s[ae]di[kq]|tens[ae]+e)$"
)
# Forms of address that are recorded as a first name. A form of address alone does not count as a
# name. Mosammat comes before the names of Bengali girls.
TITLES = re.compile(
    r"^(sa?y+[ei]?da?|ha[dj]?ji?|sh[ae]ikh|sk|mulla+h?|maulana|mst|m[ou]s+am+[aeou]t|mrs?|miss)$"
)
# Mohammed, the commonest name, and its abbreviations.
ABBREVIATED = r"(?:m[dh]|mhd|mohd|muhd)h?"
MOHAMMED = rf"(?:{ABBREVIATED}|m(?:ou|[aou])[hx]?[aou]m+[aeiou]+[dt])"
ABBREVIATION = (re.compile(rf"^{ABBREVIATED}$"), "mohammed")
# Mohammed, a title or Bibi before another forename: children with such a name are usually called
# by the second forename.
CALLED_BY_THE_NEXT = re.compile(rf"^(?:{MOHAMMED}|bibi|{TITLES.pattern[1:-1]}) (?=[a-z]{{2}})")
# Customary names as clerks in England spell them, such as Singh, Kaur and Begum, the title
# Syed, and the half names Ullah and Uddin.
CUSTOMARY = re.compile(
    r"^(sing+h?|kau+r|kour|beg[aou]+m|bibi|kh[ao]to*[aou]+n|khan[aou]+m|a[ck]h*t[ae]r|sultana|"
    rf"{MOHAMMED}|sa?y+[ei]?d|[uo]l+ah?|ud+in)$"
)


def is_particle_or_title(given_name: str) -> bool:
    """Say whether a given name is a particle or a form of address."""
    return any(each.match(given_name) for each in (NOT_NAMES, JOINED_TO_NEXT, TITLES))


def is_title(word: str) -> bool:
    """Say whether a word is a form of address."""
    return TITLES.match(word) is not None


def is_customary(word: str) -> bool:
    """Say whether a cleaned word of a name is a customary name."""
    return CUSTOMARY.match(word) is not None


def expand_abbreviation(given_name: str) -> str:
    """Return a given name in full if it is an abbreviation (Mohammed for Md), else unchanged."""
    return ABBREVIATION[0].sub(ABBREVIATION[1], given_name)


def join_surname_particles(surname: str) -> str:
    """Return a cleaned surname with O and Mac joined to the next word, and without da or von."""
    return JOINED_IN_SURNAME.sub(r"\1", LEFT_OUT_OF_SURNAME.sub("", surname))


def join_particles(words: Iterable[str]) -> list[str]:
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


def join_horn_compounds(words: Iterable[str]) -> list[str]:
    """Join the halves of an Eritrean or Ethiopian compound: Gebre Medhin becomes Gebremedhin."""
    joined: list[str] = []
    for word in words:
        if joined and HORN_FIRST_HALF.match(joined[-1]) and HORN_SECOND_HALF.match(word):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def join_compounds(words: Iterable[str]) -> list[str]:
    """Join the halves of every compound: also Saif Ullah becomes Saifullah."""
    joined: list[str] = []
    for word in join_horn_compounds(words):
        if joined and SECOND_HALF.match(word):
            joined[-1] += word
        else:
            joined.append(word)
    return joined
