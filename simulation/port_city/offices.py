"""What police forces and authorities of a port city record about a child, with their errors.

The errors are those of a city where one child in seven arrived alone: names heard and spelt anew,
dates converted from another calendar or set to a default day, disputed ages, and a sex that was
entered wrongly.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from simulation.port_city.calendars import convert_badly
from simulation.port_city.city import Authority
from simulation.port_city.residents import AS_OF, CALENDARS, GROUPS, Child, Stay, name_lists
from simulation.port_city.romanise import ENGLISH, romanise

Row = dict[str, Any]
Rate = tuple[float, float]


@dataclass(frozen=True)
class RateRanges:
    """Lowest and highest rate (0 to 1) of each habit; each office draws its own."""

    paper_copied: Rate = (0.25, 0.7)
    heard: Rate = (0.08, 0.3)
    letter_wrong: Rate = (0.01, 0.05)
    everyday_name: Rate = (0.02, 0.1)
    given_name_only: Rate = (0.01, 0.06)
    names_swapped: Rate = (0.02, 0.1)
    first_mohammed_left_out: Rate = (0.2, 0.6)
    name_divided: Rate = (0.02, 0.12)
    fathers_name_kept: Rate = (0.2, 0.6)
    alias: Rate = (0.03, 0.2)
    no_forename: Rate = (0.0, 0.01)
    date_copied: Rate = (0.3, 0.6)
    date_mistyped: Rate = (0.005, 0.02)
    age_only: Rate = (0.0, 0.06)
    no_date: Rate = (0.0, 0.03)
    wrong_sex: Rate = (0.003, 0.02)
    no_sex: Rate = (0.0, 0.06)
    no_postcode: Rate = (0.03, 0.15)
    other_postcode: Rate = (0.05, 0.2)
    nhs: Rate = (0.3, 0.8)
    upn: Rate = (0.3, 0.85)
    home_office: Rate = (0.3, 0.8)
    police_reference: Rate = (0.0, 0.1)
    two_nominals: Rate = (0.2, 0.4)


KNOWS_DAY, DISPUTED = 0.5, 0.3
KNOWN_TO_POLICE, OTHER_FORCE = 0.72, 0.12
# The police write the habits of slips at their full rate, authorities at this share of it.
AUTHORITY_SHARE = 0.5
SLIPS = (
    "heard", "letter_wrong", "given_name_only", "names_swapped", "no_forename", "date_mistyped",
    "age_only", "no_date", "wrong_sex", "no_sex", "no_postcode", "everyday_name",
)  # fmt: skip
SOUND_CHANGES = (
    ("ou", "u"), ("ee", "i"), ("oo", "u"), ("ph", "f"), ("ck", "k"), ("y", "i"), ("c", "k"),
    ("v", "w"), ("sh", "ch"), ("th", "t"), ("ei", "ay"), ("ai", "ay"), ("a", "e"), ("o", "u"),
    ("e", "i"), ("z", "s"), ("kh", "h"), ("q", "k"),
)  # fmt: skip
PLAIN = str.maketrans({"ł": "l", "Ł": "L"})


class Clerks:
    """Writes the rows of all children: `mentions`, `care` and `truth`."""

    def __init__(self, random: Random, authorities: list[Authority]) -> None:
        self.random = random
        forces = sorted({each.force for each in authorities})
        self.rates = {force: self._draw_rates(1.0) for force in forces}
        self.rates |= {each.code: self._draw_rates(AUTHORITY_SHARE) for each in authorities}
        self.forces = forces
        self.mentions: list[Row] = []
        self.care: list[Row] = []
        self.truth: list[Row] = []

    def _draw_rates(self, share: float) -> dict[str, float]:
        return {
            each.name: self.random.uniform(*each.default)  # type: ignore[misc]
            * (share if each.name in SLIPS else 1)
            for each in fields(RateRanges)
        }

    def write(self, children: list[Child]) -> None:
        """Write the records of all children; every child has at least one."""
        for child in children:
            self._state_birth_dates(child)
            references = self._write_police(child)
            by_authority: dict[str, list[Stay]] = {}
            for stay in child.stays:
                by_authority.setdefault(stay.authority.code, []).append(stay)
            for code, stays in by_authority.items():
                self._write_authority(child, code, stays, references)

    def _state_birth_dates(self, child: Child) -> None:
        """Decide which dates offices may write: as registered, as converted anew, as assessed."""
        random = self.random
        calendar = CALENDARS.get(child.name.system, "gregorian")
        if not child.is_alone or (calendar == "gregorian" and random.random() < 0.7):
            child.stated = [child.born]
            return
        knows_day = random.random() < KNOWS_DAY
        dates = [convert_badly(random, child.born, calendar, knows_day) for _ in range(2)]
        if random.random() < 0.25:
            dates[1] = child.born
        if random.random() < DISPUTED:
            years = random.choice((1, 1, 2, 2, 3, 4))
            dates.append(date(dates[0].year - years, *random.choice(((1, 1), (1, 1), (7, 1)))))
        child.stated = dates

    def _write_police(self, child: Child) -> list[str]:
        random = self.random
        if child.stays and random.random() > KNOWN_TO_POLICE:
            return []
        own = child.authority.force
        forces = [own]
        if random.random() < self.rates[own]["two_nominals"]:
            forces.append(own)
        if random.random() < OTHER_FORCE * (2 if child.is_alone else 1):
            forces.append(random.choice(self.forces))
        references = []
        for force in forces:
            rates = self.rates[force]
            known_on = AS_OF - timedelta(days=random.randint(1, 700))
            reference = f"{force[:2].upper()}{random.randint(10_000, 9_999_999)}/{known_on.year}"
            references.append(reference)
            identifiers = [f"police|{reference}"]
            if child.is_alone and random.random() < rates["home_office"] / 4:
                identifiers.append(_write_number("home_office", child.number))
            place = self._find_place(child, known_on)
            postcodes = [place if random.random() < 0.75 else child.home]
            if random.random() < rates["other_postcode"]:
                postcodes = [random.choice(child.authority.streets)]
            self._add(child, force, "police", known_on, postcodes, identifiers, None)
        return references

    def _find_place(self, child: Child, day: date) -> str:
        for stay in child.stays:
            if stay.start <= day and (stay.end is None or day < stay.end):
                return stay.place
        return child.home

    def _write_authority(
        self, child: Child, code: str, stays: list[Stay], references: list[str]
    ) -> None:
        random, rates = self.random, self.rates[code]
        known_on = min(stays[0].start + timedelta(days=random.randint(1, 60)), AS_OF)
        kinds = ["nhs", "upn"] + (["home_office"] if child.is_alone else [])
        identifiers = [
            _write_number(kind, child.number) for kind in kinds if random.random() < rates[kind]
        ]
        if references and random.random() < rates["police_reference"]:
            identifiers.append(f"police|{random.choice(references)}")
        postcodes = [*([] if child.is_alone else [child.home]), *(stay.place for stay in stays)]
        key = self._add(child, code, "authority", known_on, postcodes, identifiers, stays[0].start)
        self.care += [
            {
                "mention_key": key, "place": stay.place, "care_start_date": stay.start,
                "care_end_date": stay.end, "placement_type_code": stay.type_code,
            }
            for stay in stays
        ]  # fmt: skip

    def _add(  # noqa: PLR0913, PLR0917 - the fields of a record
        self, child: Child, issuer: str, source: str, known_on: date, postcodes: list[str],
        identifiers: list[str], care_start: date | None,
    ) -> str:  # fmt: skip
        random, rates = self.random, self.rates[issuer]
        names = self._write_names(child, rates)
        dates, earliest, latest = self._write_birth_date(child, rates, known_on, source)
        sex: str | None = child.sex
        if random.random() < rates["no_sex"]:
            sex = None
        elif random.random() < rates["wrong_sex"] * (2 if child.is_alone else 1):
            sex = "male" if child.sex == "female" else "female"
        key = f"{random.getrandbits(64):016x}"
        self.mentions.append(
            {
                "mention_key": key,
                "source": source,
                "issuer_code": issuer,
                "first_received_at": datetime(known_on.year, known_on.month, known_on.day)  # noqa: DTZ001
                + timedelta(days=35),
                "first_period_start": known_on.replace(day=1),
                "primary_name": names[0],
                "names": list(dict.fromkeys(names)),
                "sex_code": sex,
                "birth_dates": dates,
                "birth_date_earliest": earliest,
                "birth_date_latest": latest,
                "postcodes": [
                    each for each in dict.fromkeys(postcodes)
                    if random.random() >= rates["no_postcode"]
                ],
                "identifiers": identifiers,
                "care_first_start_date": care_start,
                "adoption_date": None,
            }
        )  # fmt: skip
        self.truth.append(_truth_of(child, key))
        return key

    def _write_names(self, child: Child, rates: dict[str, float]) -> list[str]:
        """Return a record's names as `forenames|surname`, the usual one first, then aliases."""
        names = ["|".join(self._write_name(child, rates))]
        if self.random.random() < rates["alias"]:
            names.append("|".join(self._write_name(child, rates)))
        return names

    def _write_name(self, child: Child, rates: dict[str, float]) -> tuple[str, str]:
        random, system = self.random, child.name.system
        given_name = self._spell_name(child, rates, child.name.given_name, child.name.paper_given)
        family = [
            self._spell_name(child, rates, word, paper)
            for word, paper in zip(child.name.family, child.name.paper_family, strict=True)
        ]
        if random.random() < rates["no_forename"]:
            given_name = ""
        given_name, family = self._arrange(system, given_name, family, rates)
        if child.is_alone and random.random() < rates["given_name_only"]:
            family = []
        surname = " ".join(family)
        share = rates["names_swapped"] * (1 if child.is_alone else 0.2)
        if surname and given_name and random.random() < share:
            given_name, surname = surname, given_name
        return self._mistype(given_name, rates), self._mistype(surname, rates)

    def _spell_name(self, child: Child, rates: dict[str, float], word: str, paper: str) -> str:
        random = self.random
        names = name_lists()[child.name.system]
        if names.get("sounds"):
            share = rates["paper_copied"] if child.is_alone else 0.5 + rates["paper_copied"] / 2
            if random.random() < share:
                return paper
            return romanise(random, word, ENGLISH, 0.3)
        if child.name.system == "english" and random.random() < rates["everyday_name"]:
            return str(names["everyday"].get(word, word))
        heard = names.get("heard", {})
        words = []
        for each in word.split(" "):
            if random.random() >= rates["heard"]:
                words.append(_strip_marks(each))
            elif each in heard:
                words.append(heard[each])
            elif random.random() < 0.3:
                words.append(self._mishear(_strip_marks(each)))
            else:
                words.append(_strip_marks(each))
        return " ".join(words)

    def _arrange(
        self, system: str, given_name: str, family: list[str], rates: dict[str, float]
    ) -> tuple[str, list[str]]:
        """Return the forenames and surnames that a clerk takes a name for."""
        if len(family) == 2:
            return self._arrange_fathers_name(given_name, family, rates)
        if system == "vietnamese":
            return self._arrange_vietnamese(given_name, family)
        words, random = given_name.split(" "), self.random
        if words[0][:1] == "M" and words[0][-1:] == "d" and len(words) > 1:
            if random.random() < rates["first_mohammed_left_out"]:
                words = words[1:]
            elif random.random() < 0.2:
                words = ["Md", *words[1:]]
        elif system == "dari_pashto" and len(words) > 1 and random.random() < rates["name_divided"]:
            words, family = words[:1], words[1:2]
        elif system == "punjabi" and " " in family[0] and random.random() < 0.3:
            family = [random.choice(family[0].split(" "))]
        return " ".join(words), family

    def _arrange_fathers_name(
        self, given_name: str, family: list[str], rates: dict[str, float]
    ) -> tuple[str, list[str]]:
        random = self.random
        father, grandfather = family
        if random.random() >= rates["fathers_name_kept"]:
            return given_name, [father if random.random() < 0.6 else grandfather]
        if random.random() < 0.6:
            return f"{given_name} {father}", [grandfather]
        return given_name, [father, grandfather]

    def _arrange_vietnamese(self, given_name: str, family: list[str]) -> tuple[str, list[str]]:
        words, way = given_name.split(" "), self.random.random()
        if way < 0.15:
            return " ".join([*family, *words[:-1]]), words[-1:]
        return (words[-1], family) if way < 0.4 else (given_name, family)

    def _mishear(self, word: str) -> str:
        fitting = [pair for pair in SOUND_CHANGES if pair[0] in word[1:]]
        if not fitting:
            return word
        old, new = self.random.choice(fitting)
        return word[0] + word[1:].replace(old, new, 1)

    def _mistype(self, text: str, rates: dict[str, float]) -> str:
        random = self.random
        if len(text) < 4 or random.random() >= rates["letter_wrong"]:
            return text
        place = random.randrange(1, len(text) - 1)
        way = random.randrange(3)
        if way == 0:
            return text[:place] + text[place + 1 :]
        if way == 1:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        return text[:place] + random.choice("aeinorst") + text[place + 1 :]

    def _write_birth_date(
        self, child: Child, rates: dict[str, float], known_on: date, source: str
    ) -> tuple[list[date], date | None, date | None]:
        """Return the dates of birth in a record, or the bounds that follow from an age."""
        random = self.random
        born = child.stated[0]
        if len(child.stated) > 1 and random.random() >= rates["date_copied"]:
            born = random.choice(child.stated[1:])
        drawn = random.random()
        if source == "police" and drawn < rates["age_only"]:
            age = (known_on - born).days // 365 + random.choice((0, 0, 0, 0, -1, 1))
            return [], known_on - timedelta(days=366 * (age + 1)), known_on - timedelta(365 * age)
        if drawn < rates["age_only"] + rates["no_date"]:
            return [], None, None
        if random.random() < rates["date_mistyped"]:
            way = random.randrange(3)
            if way == 0 and born.day <= 12:
                born = born.replace(day=born.month, month=born.day)
            elif way == 1:
                born = born.replace(day=min(28, max(1, born.day + random.choice((-1, 1, 10, -10)))))
            else:
                born = born.replace(year=born.year + random.choice((-1, 1)), day=min(born.day, 28))
        return [min(born, known_on)], None, None


def _strip_marks(word: str) -> str:
    """Return a word without the marks that case systems lose."""
    folded = unicodedata.normalize("NFKD", word.translate(PLAIN))
    return "".join(each for each in folded if not unicodedata.combining(each))


def _write_number(kind: str, number: int) -> str:
    """Return an invented identifier of the child with this number, valid in form."""
    if kind == "home_office":
        return f"home_office|{'CDHPR'[number % 5]}{2_000_000 + number * 7}"
    if kind == "upn":
        digits = f"{846_000_000_000 + number * 17}"
        total = sum(int(digit) * (place + 2) for place, digit in enumerate(digits))
        return f"upn|{'ABCDEFGHJKLMNPQRTUVWXYZ'[total % 23]}{digits}"
    base = 470_000_000 + number * 11
    while (check := 11 - sum(int(d) * (10 - p) for p, d in enumerate(str(base))) % 11) == 10:
        base += 1
    return f"nhs|{base}{check % 11}"


def _truth_of(child: Child, key: str) -> Row:
    return {
        "mention_key": key,
        "child_key": child.key,
        "family_key": child.family_key,
        "origin_code": child.name.system,
        "group_code": GROUPS[child.name.system],
        "is_unaccompanied": child.is_alone,
        "is_looked_after": bool(child.stays),
        "is_placed_with_parents": any(each.type_code == "P1" for each in child.stays),
        "twin_child_key": child.twin,
        "adoption_pair_child_key": None,
        "is_planted_stranger": child.planted == "stranger",
        "planted_class": child.planted,
    }
