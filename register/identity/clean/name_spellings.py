"""Name spellings: one spelling for each name that clerks write in several ways.

Most spellings of a name have one sound by the letter rules of `name_tokens`. This module has what
those rules cannot bring together: rules for the letters of one language, and a table of given names
that are not spelt as English would spell their sound (`name_spellings.yaml`).

A capital vowel in a spelling is part of the sound. It keeps apart two names with the same
consonants, such as Hassan and Hussein.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from register.identity.clean.name_words import ABBREVIATION
from register.yaml_file import read_yaml

# "Servant of" (Abd al-, Abdul, Abdel, Abdi, Abdu) counts as one prefix, however it is spelt. The l
# stays if it begins the name of God.
SERVANT = re.compile(r"^abd(?:oo|ou|[aeiou])?(?:l(?!l?ah?i?$|l?aye?$))?(?=[a-z]{3})")
# Rules for the letters of a language. Each applies to the result of those before it.
RULES = (
    ABBREVIATION,
    # Somali: x sounds as h and c is silent. Kurdish: x sounds as kh, and c as j.
    (re.compile(r"^x(?=al[ie]d|[ae]lil|ani?$|at[ou]+n|ad[ie]j|urs|osr)"), "kh"),
    (re.compile(r"^baxt(?=[iy])"), "bakht"),
    (re.compile(r"^c(?=emal|emil|elal|ihan|af[ae]r)"), "j"),
    (re.compile(r"^(?:x|hs)(?=(?:i[aeou]*(?:ng?)?|u[ae]?n?)$)"), "sh"),  # Chinese: Xu and Hsu
    (re.compile(r"^x(?=[aeiou])"), "h"),
    (re.compile(r"(?<=aa|ii|uu)x|(?<=[ae])x(?=m[aeu])"), "h"),
    (re.compile(r"^[ae](?:x|ch|h)m"), "ahm"),
    (re.compile(r"^maxa"), "maha"),
    (re.compile(r"c(?=aa|ii|uu)"), ""),
    (re.compile(r"(?<=abdi)c(?=[aeiou])"), ""),
    (re.compile(r"^c(?=(ab[bd]|ali|adan|ais|as[lm]|i[lsy][mls]|um[ae]r|usm))"), ""),
    # Chinese: Zhang and Chang, Cai and Tsai.
    (re.compile(r"^zh(?=[aeiou]+(?:ng?)?$)"), "ch"),
    (re.compile(r"^c(?=(?:ai|ui)$)"), "ts"),
    # Vietnamese: ng before a vowel is heard as n.
    (re.compile(r"^ng(?=[aeiou])"), "n"),
    # Albanian and French letters of the sound j. Egyptian g, and Bengali j for z and b for v.
    (re.compile(r"xh|gj|dj|dzh"), "j"),
    (re.compile(r"^g(?=[ae]m[ai]l|ihan|alal)|(?<=^na)gu?(?=[iy]+b|la$|wa$)"), "j"),
    (re.compile(r"(?<=^ma)gu?(?=d[iy]$|[ie]+d$)|(?<=^ra)g(?=ab$|a[iy]$)|(?<=^ha)g(?=[ae]r$)"), "j"),
    (re.compile(r"^j(?=ah[ie]+d$|ak[ie]+r$|[ae][iy]n[aeu]b|ub[ae]i?[iy]r$|ulfi[kq])"), "z"),
    (re.compile(r"^v(?=ikram|ijay|ipin)"), "b"),
    # Arabic, Persian and Urdu: a d or z that has a dot, th for s, and ch as in French.
    (re.compile(r"^r[aei]+(?:dh|z)a$"), "rIza"),
    (re.compile(r"^q[ou]l(?=am)"), "ghul"),
    (re.compile(r"^ram(?:a(?:dh?|th|z)|z)an"), "ramazan"),
    (re.compile(r"^ch(?=[aei]*(?:rif|kib|[iy]m))|(?<=^ra)ch(?=id)|(?<=^hi)ch(?=am)"), "sh"),
    (re.compile(r"(?<=^a)ch(?=raf)|(?<=^bou)ch(?=ra)"), "sh"),
    (re.compile(r"^c?(i|u|o|ou|oo)(s+|th)m+a+n+(?=[aei]?$)"), "usman"),
    (re.compile(r"^m[ai]r[iy][aeu][mn]$"), "maryam"),
    (re.compile(r"^ou|^oo"), "u"),
    (re.compile(r"^s[ae]*y+[ei]*d$|^sai+d$|^saee?d$"), "said"),
    (re.compile(r"^k(?:au|aw|o|ou|oo)re?$"), "kaur"),
    # Names of the same consonants that are not the same name.
    (re.compile(r"^h(?:oo|ou|[ouy])s+(?=(?:[ae]|[ae]?[iy]+|ee|aye)n)"), "hUs"),
    (re.compile(r"^m[aou]+hh?a?m+(?:oo|ou|u+)d"), "mahmUd"),
    (re.compile(r"^a+l+[iy]+ya?h?$|^a+l+[iy]+ah?$"), "alIa"),
    # Tigrinya and Amharic, also as Italians wrote them: no h, u for w, and i for y.
    (re.compile(r"^u(?=[aeo]ld)|^wu(?=[aeo]ld)"), "w"),
    (re.compile(r"^h?a(?=bt[eo]|gos$|[iy]le(?=$|m|s))"), "ha"),
    (re.compile(r"^[aei]m+an[ue]+[wu]?[aeiu]?l"), "emanuel"),
    (re.compile(r"^(?:i|j|y)(?=o+h?an+[ei]s|o[ns]+as|us+[ou]+[fp]|eton)"), "y"),
    # Irish and Scottish: Mc and Mac.
    (re.compile(r"^ma?c+(?=[bdfghklmnpqrtw][a-z]{3}|arth|ormac|onn|all|ull)"), "mac"),
    (SERVANT, "abd"),
)  # fmt: skip


@cache
def respell(word: str) -> str:
    """Return the spelling of a cleaned word of a name from which its sound is made.

    Siobhan and Shivaun have one spelling, and so have Cali and Ali. The result is for comparison
    only: it may be no name, and it must not be respelt again.
    """
    word = find_standard_spelling(word)
    for pattern, replacement in RULES:
        word = pattern.sub(replacement, word)
    return word


def find_standard_spelling(given_name: str) -> str:
    """Return the listed name of which a given name is a spelling, or the name itself."""
    return _read_spellings().get(given_name, given_name)


@cache
def _read_spellings() -> dict[str, str]:
    """Return the listed name of each spelling and pet form; a listed name is its own spelling."""
    table = read_yaml(Path(__file__).with_suffix(".yaml"))
    return {each: name for name, spellings in table.items() for each in (name, *spellings)}
