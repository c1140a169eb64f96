"""The ways in which a source writes a person record (a mention), with named errors.

An error mode is a function from text to text. It returns the text unchanged if the mode does not
apply. Errors of a single report are in `police_records` and `authority_records`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from nicknames import NickNamer

from simulation.draws import Flags, Integers, Texts, draw_flags
from simulation.geography import Geography
from simulation.plan import ErrorRates
from simulation.processes.faulty_postcodes import spoil_postcodes
from simulation.world.nation import Nation
from simulation.world.people import read_name_data

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SPELLING_RULES = (
    ("kh", "k"), ("ee", "i"), ("ou", "u"), ("gh", "g"), ("dh", "d"), ("ai", "ay"), ("y", "i"),
    ("ss", "s"), ("mm", "m"), ("q", "k"), ("w", "v"), ("th", "t"), ("ei", "ai"),
)  # fmt: skip
PLACEHOLDERS = ("Unknown", "Baby", "Not Known", "UNK")
Change = Callable[[str, int], str]


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


def shorten_to_nickname(text: str, draw: int) -> str:
    """Return a text with a familiar form of its first forename."""
    first, _, rest = text.partition(" ")
    nicknames = _nicknames(first.lower())
    if not nicknames:
        return text
    return " ".join(filter(None, (nicknames[draw % len(nicknames)].capitalize(), rest)))


def transliteration(text: str, draw: int) -> str:
    """Return another spelling of a name transliterated from another script."""
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
    """Return one half of a double-barrelled surname."""
    halves = [half for half in text.split("-") if half]
    return halves[draw % len(halves)] if len(halves) > 1 else text


def change_punctuation(text: str, draw: int) -> str:
    """Return a name with hyphens, apostrophes and spaces dropped or exchanged."""
    if not re.search(r"[-' ]", text):
        return text
    return re.sub(r"[-' ]", ("", " ", "")[draw % 3] if "-" in text or "'" in text else "-", text)


def make_typo(text: str, draw: int) -> str:
    """Return a name with one letter dropped, doubled, replaced or swapped with the next."""
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
    """Return a text that stands for an unknown name."""
    del text
    return PLACEHOLDERS[draw % len(PLACEHOLDERS)]


def letter_digit_confused(text: str, draw: int) -> str:
    """Return a postcode with O for 0 or I for 1."""
    del draw
    return text.replace("0", "O", 1) if "0" in text else text.replace("1", "I", 1)


def truncated_postcode(text: str, draw: int) -> str:
    """Return only the district part of a postcode."""
    del draw
    return text.split(" ", maxsplit=1)[0]


TEXT_ERRORS: dict[str, Change] = {
    "nickname": shorten_to_nickname,
    "transliteration": transliteration,
    "double_barrelled_half": double_barrelled_half,
    "punctuation": change_punctuation,
    "typo": make_typo,
    "placeholder": placeholder,
    "letter_digit_confused": letter_digit_confused,
    "truncated_postcode": truncated_postcode,
}


FOREIGN = ("AIND", "APKN", "ABAN", "AOTH", "BAFR", "BOTH", "OOTH", "CHNE", "WOTH", "WROM", "MOTH")


# Errors that may make it impossible to link two mentions of a child, even with careful comparison.
WEAK_LINK = ("alias", "names_swapped", "placeholder", "changed_name", "day_month_swapped",
             "year_off_by_one", "duplicate_nominal")  # fmt: skip


def identity_flags(errors: Texts) -> tuple[Flags, Flags]:
    """Return two flags from mentions' errors: identity in doubt (D13), and age in doubt (D15)."""
    modes = [set(str(text).split("|")) for text in errors.tolist()]
    weak = np.array([not child_modes.isdisjoint(WEAK_LINK) for child_modes in modes], dtype=bool)
    disputed = np.array(["age_disputed" in child_modes for child_modes in modes], dtype=bool)
    return weak, disputed


class Mentions:
    """Person records that are being written: columns of text, and the errors of each row."""

    def __init__(self, generator: np.random.Generator, frame: pd.DataFrame) -> None:
        self.generator = generator
        self.frame = frame
        self.errors: Texts = np.full(len(frame), "", dtype=object)

    def mark_errors(self, rows: Integers, mode: str) -> None:
        """Record an error mode for these rows."""
        before = self.errors[rows]
        self.errors[rows] = np.where(before == "", mode, before + "|" + mode)

    def draw(self, rate: float, fits: Flags | None = None) -> Integers:
        """Draw rows for an error mode at a given rate, among the rows that it can apply to."""
        flags = draw_flags(self.generator, rate, len(self.frame))
        return np.flatnonzero(flags if fits is None else flags & fits)

    def rewrite(self, column: str, rows: Integers, change: Change, mode: str) -> None:
        """Change a text column in some rows, and mark the rows whose text changed."""
        values = self.frame[column].to_numpy(dtype=object).copy()
        draws = self.generator.integers(0, 10_000, len(rows)).tolist()
        before = values[rows]
        after = np.array(
            [change(text, draw) for text, draw in zip(before.tolist(), draws, strict=True)],
            dtype=object,
        )
        values[rows] = after
        self.frame[column] = values
        self.mark_errors(rows[before != after], mode)


def write_mentions(
    generator: np.random.Generator, nation: Nation, person: Integers, source: str, factor: float
) -> pd.DataFrame:
    """Return the person record of each listed person in a source (police, authority).

    `factor` scales the error rates. Columns: forename, surname, alias, dob_day, sex, ethnicity,
    home_postcode, errors.
    """
    rates, geography, persons = nation.plan.rates, nation.geography, nation.persons
    frame = persons.iloc[person][
        ["forename", "surname", "is_female", "ethnicity", "home_postcode", "previous_postcode"]
    ].reset_index(drop=True)
    frame["dob_day"] = persons["paper_dob_day"].to_numpy()[person]
    frame["alias"] = ""
    frame["sex"] = np.where(frame["is_female"], "female", "male")
    mentions = Mentions(generator, frame)
    _changed_names(mentions, persons, person)
    _add_name_errors(mentions, rates, factor)
    _add_date_errors(mentions, rates, persons, person, factor)
    _postcodes(mentions, rates, geography, factor)
    spoiled_text = spoil_postcodes(
        nation.plan, source, frame["home_postcode"].to_numpy(dtype=object)
    )
    frame["home_postcode"], is_blank, is_wrong = spoiled_text
    mentions.mark_errors(np.flatnonzero(is_blank), "blank_postcode")
    mentions.mark_errors(np.flatnonzero(is_wrong), "unresolvable_postcode")
    rows = mentions.draw(rates.missing_sex * factor)
    frame.loc[rows, "sex"] = "unknown"
    mentions.mark_errors(rows, "missing_sex")
    frame["errors"] = mentions.errors
    return frame.drop(columns=["is_female", "previous_postcode"])


def _changed_names(mentions: Mentions, persons: pd.DataFrame, person: Integers) -> None:
    changed = persons["changed_surname"].to_numpy()[person]
    rows = mentions.draw(0.5, changed != "")
    surname = mentions.frame["surname"].to_numpy(dtype=object).copy()
    surname[rows] = changed[rows]
    mentions.frame["surname"] = surname
    mentions.mark_errors(rows, "changed_name")


def _add_name_errors(mentions: Mentions, rates: ErrorRates, factor: float) -> None:
    frame = mentions.frame
    foreign = np.isin(frame["ethnicity"].to_numpy().astype(str), FOREIGN)
    double = frame["surname"].str.contains("-", regex=False).to_numpy(dtype=bool)
    marked = frame["surname"].str.contains(r"[-' ]", regex=True).to_numpy(dtype=bool)
    _add_aliases(mentions, rates.alias * factor)
    for column, mode, fits in (
        ("forename", "nickname", None),
        ("forename", "transliteration", foreign),
        ("surname", "transliteration", foreign),
        ("surname", "double_barrelled_half", double),
        ("surname", "punctuation", marked),
        ("forename", "typo", None),
        ("surname", "typo", None),
        ("forename", "placeholder", None),
    ):
        share = 0.6 if mode in ("typo", "transliteration") else 1.0
        rows = mentions.draw(getattr(rates, mode) * factor * share, fits)
        mentions.rewrite(column, rows, TEXT_ERRORS[mode], mode)
    rows = mentions.draw(rates.names_swapped * factor)
    forename, surname = (
        frame[name].to_numpy(dtype=object).copy() for name in ("forename", "surname")
    )
    forename[rows], surname[rows] = surname[rows], forename[rows].copy()
    frame["forename"], frame["surname"] = forename, surname
    mentions.mark_errors(rows, "names_swapped")


def _add_aliases(mentions: Mentions, rate: float) -> None:
    """Record some persons under another name; half of these have the true name as an alias."""
    frame = mentions.frame
    rows = mentions.draw(rate)
    if not len(rows):
        return
    forename = frame["forename"].to_numpy(dtype=object).copy()
    alias = frame["alias"].to_numpy(dtype=object).copy()
    full = forename[rows] + " " + frame["surname"].to_numpy(dtype=object)[rows]
    known = draw_flags(mentions.generator, 0.5, len(rows))
    alias[rows] = np.where(known, full, "")
    same_sex = frame["is_female"].to_numpy()
    for flag in (True, False):
        part = rows[same_sex[rows] == flag]
        pool = np.flatnonzero(same_sex == flag)
        forename[part] = frame["forename"].to_numpy(dtype=object)[
            pool[mentions.generator.integers(0, len(pool), len(part))]
        ]
    frame["forename"], frame["alias"] = forename, alias
    mentions.mark_errors(rows, "alias")


def _add_date_errors(
    mentions: Mentions, rates: ErrorRates, persons: pd.DataFrame, person: Integers, factor: float
) -> None:
    frame = mentions.frame
    disputed = persons["disputed_dob_day"].to_numpy()[person]
    rows = mentions.draw(0.5, disputed >= 0)
    dob = frame["dob_day"].to_numpy().copy()
    dob[rows] = disputed[rows]
    mentions.mark_errors(rows, "age_disputed")
    days = dob.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    day_of_month = (days - months).astype(int) + 1
    month = months.astype(int) % 12 + 1
    swappable = (day_of_month <= 12) & (day_of_month != month)
    # Only 37 % of dates are still valid after the swap, so their rate is raised to reach the
    # intended rate for all persons.
    rows = mentions.draw(min(rates.day_month_swapped * factor / 0.37, 1), swappable)
    years = months.astype("datetime64[Y]")
    swapped = (years.astype("datetime64[M]") + day_of_month - 1).astype("datetime64[D]") + month - 1
    dob[rows] = swapped.astype(int)[rows]
    mentions.mark_errors(rows, "day_month_swapped")
    rows = mentions.draw(rates.year_off_by_one * factor)
    dob[rows] += np.where(draw_flags(mentions.generator, 0.5, len(rows)), 365, -365)
    mentions.mark_errors(rows, "year_off_by_one")
    frame["dob_day"] = dob


def _postcodes(mentions: Mentions, rates: ErrorRates, geography: Geography, factor: float) -> None:
    frame = mentions.frame
    index = frame["home_postcode"].to_numpy().copy()
    rows = mentions.draw(rates.old_postcode * factor)
    index[rows] = frame["previous_postcode"].to_numpy()[rows]
    mentions.mark_errors(rows, "old_postcode")
    frame["home_postcode"] = space_postcodes(geography.postcode[index])
    for mode in ("letter_digit_confused", "truncated_postcode"):
        rows = mentions.draw(getattr(rates, mode) * factor)
        mentions.rewrite("home_postcode", rows, TEXT_ERRORS[mode], mode)


def space_postcodes(postcodes: Texts) -> Texts:
    """Return postcodes as people write them: `S1 1AA`."""
    return np.array([text[:-3] + " " + text[-3:] for text in postcodes.tolist()], dtype=object)
