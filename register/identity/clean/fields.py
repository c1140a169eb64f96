"""Cleaning of single values: names, postcodes and identifiers in one standard form.

Whole columns are cleaned in `mentions`, and values are compared in `score`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NAME_PLACEHOLDERS = frozenset(
    {
        "anon", "anonymous", "baby", "baby boy", "baby girl", "blank", "child", "do not know",
        "female", "infant", "male", "missing", "n a", "n k", "na", "nil", "nk", "no name",
        "no surname", "none", "not given", "not known", "not provided", "not recorded", "null",
        "refused", "tba", "tbc", "test", "uasc", "unborn", "unk", "unknown", "unknown child",
        "unknown female", "unknown male", "unnamed", "x", "xx", "xxx",
    }
)  # fmt: skip
LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th"}
    | {"\u0131": "i"}  # dotless i
)
# Characters that people type as an apostrophe: quotation marks, accents and the prime.
APOSTROPHES = re.compile("['`\u00b4\u2018\u2019\u02bc\u2032]")
NOT_A_LETTER = re.compile(r"[^a-z]+")
NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
POSTCODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$")
OUTWARD_CODE = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
NHS_NUMBER = re.compile(r"^[0-9]{10}$")
UNIQUE_PUPIL_NUMBER = re.compile(r"^[A-Z][0-9]{11}[0-9A-Z]$")
HOME_OFFICE_REFERENCE = re.compile(r"^[A-Z]?[0-9]{6,9}$")
POSTCODE_PLACEHOLDERS = frozenset({"ZZ993WZ", "ZZ993VZ", "ZZ993CZ", "ZZ993GZ", "ZZ99"})
UPN_CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
MIN_REFERENCE_LENGTH = 4
# A load cleans each postcode of a nation several times, so the results are cached.
POSTCODE_CACHE_SIZE = 2**18


def compact_text(text: str) -> str:
    """Return only the letters and digits of a text, in upper case."""
    return NOT_ALPHANUMERIC.sub("", text.upper())


def clean_name(text: str | None) -> str | None:
    """Return a name as lower-case ASCII tokens with one space between them, or None.

    Apostrophes are removed (O'Neill becomes oneill). Hyphens and other marks separate tokens. A
    letter with a diacritic becomes the plain letter. A placeholder ("not known") gives None.
    """
    if text is None:
        return None
    folded = text.casefold().translate(LETTERS_WITHOUT_DECOMPOSITION)
    decomposed = unicodedata.normalize("NFKD", APOSTROPHES.sub("", folded))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    cleaned = " ".join(NOT_A_LETTER.split(plain)).strip()
    return None if not cleaned or cleaned in NAME_PLACEHOLDERS else cleaned


def clean_person_name(text: str) -> str | None:
    """Clean a name in the form `forenames|surname`, and return it in this form.

    Either part may be empty; if neither is a name, the result is None. An alias without a bar is
    split before its last token, which is taken as the surname.
    """
    first_part, bar, last_part = text.partition("|")
    forenames, surname = clean_name(first_part), clean_name(last_part)
    if not bar and forenames and " " in forenames:
        forenames, surname = forenames.rsplit(" ", 1)
    if not forenames and not surname:
        return None
    return f"{forenames or ''}|{surname or ''}"


@lru_cache(POSTCODE_CACHE_SIZE)
def clean_postcode(text: str | None) -> str | None:
    """Return a full postcode in compact upper case (S1 1AA becomes S11AA), or None.

    O and 0 are exchanged if the form of a postcode requires it, and so are I and 1. The result is
    None for an outward code alone, and for the pseudo-postcodes of no fixed abode and of abroad.
    """
    if text is None:
        return None
    compact = compact_text(text)
    if len(compact) < 5 or len(compact) > 7 or OUTWARD_CODE.match(compact):
        return None
    outward, inward = compact[:-3], compact[-3:]
    inward = _as_digits(inward[0]) + _as_letters(inward[1:])
    outward = _as_letters(outward[0]) + outward[1:]
    if len(outward) > 1 and not outward[1].isdigit() and not re.search(r"[0-9]", outward):
        outward = outward[0] + outward[1:-1] + _as_digits(outward[-1])
    repaired = outward + inward
    if repaired in POSTCODE_PLACEHOLDERS or not POSTCODE.match(repaired):
        return None
    return repaired


def clean_district(text: str | None) -> str | None:
    """Return the outward code of a postcode that is cut off after it, or else None."""
    if text is None:
        return None
    compact = compact_text(text)
    if compact in POSTCODE_PLACEHOLDERS or not OUTWARD_CODE.match(compact):
        return None
    return compact


def _as_digits(text: str) -> str:
    return text.replace("O", "0").replace("I", "1")


def _as_letters(text: str) -> str:
    return text.replace("0", "O").replace("1", "I")


def clean_nhs_number(text: str) -> str | None:
    """Return a ten-digit NHS number with a correct modulus 11 check digit, or None."""
    digits = compact_text(text)
    if not NHS_NUMBER.match(digits) or len(set(digits)) == 1:
        return None
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    check = (11 - weighted % 11) % 11
    return digits if check == int(digits[9]) else None


def clean_unique_pupil_number(text: str) -> str | None:
    """Return a permanent unique pupil number (UPN) with a correct check letter, or None."""
    compact = compact_text(text)
    if not UNIQUE_PUPIL_NUMBER.match(compact) or not compact[12].isdigit():
        return None
    weighted = sum(int(digit) * (place + 2) for place, digit in enumerate(compact[1:13]))
    return compact if UPN_CHECK_LETTERS[weighted % 23] == compact[0] else None


def clean_home_office_reference(text: str) -> str | None:
    """Return a Home Office reference in compact form, or None."""
    compact = compact_text(text)
    return compact if HOME_OFFICE_REFERENCE.match(compact) else None


def clean_police_reference(text: str) -> str | None:
    """Return a police reference in compact form, or None if it is too short or has no digit."""
    compact = compact_text(text)
    has_digit = any(character.isdigit() for character in compact)
    return compact if has_digit and len(compact) >= MIN_REFERENCE_LENGTH else None


IDENTIFIER_CLEANERS = {
    "nhs": clean_nhs_number,
    "upn": clean_unique_pupil_number,
    "home_office": clean_home_office_reference,
    "police": clean_police_reference,
}
# Police identifiers are of two types: a report's reference (`police|…`) and the number that a force
# gives a person (`police|person …`).
EVENT_REFERENCE = "police|"
PERSON_NUMBER = "police|person "


def identifies_a_person(identifier: str) -> bool:
    """Say whether a cleaned identifier identifies a person; the reference of a report does not."""
    return identifier.startswith(PERSON_NUMBER) or not identifier.startswith(EVENT_REFERENCE)


def clean_identifier(text: str) -> str | None:
    """Clean an identifier in the form `type|value`; return None for an invalid type or value."""
    prefix = PERSON_NUMBER if text.startswith(PERSON_NUMBER) else f"{text.partition('|')[0]}|"
    clean = IDENTIFIER_CLEANERS.get(prefix.partition("|")[0])
    cleaned = clean(text.removeprefix(prefix)) if clean else None
    return f"{prefix}{cleaned}" if cleaned else None
