"""Children of a port city: families, twins, and children who arrived alone. All of it is true.

`offices` writes what police forces and authorities record about them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from simulation.port_city.city import Authority, draw_authority, draw_street
from simulation.port_city.romanise import SCHEMES, romanise

AS_OF = date(2026, 3, 31)
YOUNGEST, OLDEST = 3, 17
# The share of children with a family who have been in care.
IN_CARE = 0.42
# Each system's share of settled families, and of children who arrived alone.
FAMILIES = {
    "english": 0.60, "urdu_bengali": 0.08, "arabic": 0.045, "somali": 0.035, "nigerian": 0.04,
    "polish": 0.04, "romanian": 0.035, "irish": 0.03, "welsh": 0.025, "punjabi": 0.025,
    "albanian": 0.01, "persian_kurdish": 0.01, "dari_pashto": 0.01, "vietnamese": 0.008,
    "tigrinya": 0.007,
}  # fmt: skip
ALONE = {
    "dari_pashto": 0.27, "tigrinya": 0.15, "sudanese": 0.16, "persian_kurdish": 0.13,
    "vietnamese": 0.08, "albanian": 0.08, "arabic": 0.07, "amharic": 0.03, "somali": 0.03,
}  # fmt: skip
CALENDARS = {
    "tigrinya": "ethiopian", "amharic": "ethiopian", "dari_pashto": "solar_hijri",
    "persian_kurdish": "solar_hijri", "arabic": "hijri", "sudanese": "hijri", "somali": "hijri",
}  # fmt: skip
FATHERS_NAME = frozenset({"tigrinya", "amharic", "somali", "sudanese"})
GROUPS = {
    "english": "english", "irish": "irish_welsh", "welsh": "irish_welsh", "polish": "polish",
    "romanian": "romanian", "nigerian": "nigerian", "punjabi": "south_asian",
    "urdu_bengali": "south_asian", "albanian": "albanian", "vietnamese": "vietnamese",
    "tigrinya": "tigrinya_amharic", "amharic": "tigrinya_amharic", "somali": "arabic_somali",
    "arabic": "arabic_somali", "sudanese": "arabic_somali", "dari_pashto": "persian_pashto",
    "persian_kurdish": "persian_pashto",
}  # fmt: skip
SIZES = (1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5)
# Shares of younger children who are twins of the child before, and of families with two surnames.
TWINS, TWO_SURNAMES = 0.032, 0.05


@dataclass(frozen=True)
class Name:
    """A child's name in the notation of `names.yaml`, and the Latin spelling in the child's papers.

    The family has two parts if the child bears a father's and a grandfather's name.
    """

    system: str
    given_name: str
    family: tuple[str, ...]
    paper_given: str
    paper_family: tuple[str, ...]


@dataclass
class Child:
    """One child. `stated` has the dates of birth that offices write, the usual one first."""

    number: int
    family_key: str
    name: Name
    sex: str
    born: date
    authority: Authority
    home: str
    is_alone: bool = False
    twin: str | None = None
    stated: list[date] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    planted: str | None = None

    @property
    def key(self) -> str:
        """The key of the child in the truth."""
        return f"child-{self.number:06d}"


@dataclass(frozen=True)
class Stay:
    """A stay of a looked-after child at one address."""

    authority: Authority
    place: str
    start: date
    end: date | None
    type_code: str


@cache
def name_lists() -> dict[str, Any]:
    """Return the lists of names, each word with `_` as a space."""
    return dict(yaml.safe_load(Path(__file__).with_name("names.yaml").read_text(encoding="utf-8")))


@cache
def _weighted(system: str, kind: str) -> tuple[list[str], list[float]]:
    words = [each.replace("_", " ") for each in name_lists()[system][kind].split()]
    return words, [1 / (place + 4) ** 0.8 for place in range(len(words))]


def draw_word(random: Random, system: str, kind: str) -> str:
    """Return a given name (`male`, `female`) or a family name (`family`) of a system."""
    return random.choices(*_weighted(system, kind))[0]


class Population:
    """The children of one city, made family by family."""

    def __init__(self, random: Random, authorities: list[Authority]) -> None:
        self.random = random
        self.authorities = authorities
        self.children: list[Child] = []
        self.families = 0

    def add_all(self, count: int, alone_share: float, strangers: float) -> None:
        """Add `count` children: a share arrived alone, and a share are planted strangers."""
        alone = round(count * alone_share)
        planted = round(count * strangers)
        while len(self.children) < count - alone - planted:
            self._add_family()
        for _ in range(alone):
            self._add_alone()
        for _ in range(planted):
            self._add_stranger()

    def _add_family(self) -> None:
        random = self.random
        system = random.choices(list(FAMILIES), list(FAMILIES.values()))[0]
        authority = draw_authority(random, self.authorities)
        home = draw_street(random, authority)
        family = self._draw_family_names(system)
        paper = self._write_paper(system, family)
        family_key = self._next_family()
        born = self._draw_birthday()
        members: list[Child] = []
        size = random.choice(SIZES)
        while len(members) < size:
            is_twin = bool(members) and random.random() < TWINS
            if members and not is_twin:
                born -= timedelta(days=random.randint(400, 1500))
            if born <= AS_OF - timedelta(days=365 * (OLDEST + 1)):
                break
            child = self._add(system, family, paper, born, authority, home, family_key, members)
            if is_twin:
                child.twin, members[-1].twin = members[-1].key, child.key
            members.append(child)
        for child in members:
            if random.random() < IN_CARE:
                self._take_into_care(child)

    def _add(  # noqa: PLR0913, PLR0917 - the facts of a child
        self, system: str, family: tuple[str, ...], paper: tuple[str, ...], born: date,
        authority: Authority, home: str, family_key: str, siblings: list[Child],
    ) -> Child:  # fmt: skip
        random = self.random
        sex = random.choice(("male", "female"))
        given_name = draw_word(random, system, sex)
        while any(given_name == each.name.given_name for each in siblings):
            given_name = draw_word(random, system, sex)
        name = Name(system, given_name, family, self._write_paper(system, (given_name,))[0], paper)
        number = len(self.children)
        child = Child(number, family_key, name, sex, born, authority, home, stated=[born])
        self.children.append(child)
        return child

    def _add_alone(self) -> None:
        """Add a child who arrived alone, mostly a boy of 15 to 17, often without papers."""
        random = self.random
        system = random.choices(list(ALONE), list(ALONE.values()))[0]
        family = self._draw_family_names(system)
        authority = draw_authority(random, self.authorities)
        born = AS_OF - timedelta(days=random.randint(14 * 365, 18 * 365 - 5))
        child = self._add(
            system, family, self._write_paper(system, family), born, authority,
            draw_street(random, authority), self._next_family(), [],
        )  # fmt: skip
        child.is_alone = True
        if child.sex == "female" and random.random() < 0.75:
            child.sex = "male"
            given_name = draw_word(random, system, "male")
            paper = self._write_paper(system, (given_name,))[0]
            child.name = Name(system, given_name, family, paper, child.name.paper_family)
        self._take_into_care(child)

    def _add_stranger(self) -> None:
        """Add a child with the name and date of birth of another, in another family."""
        random = self.random
        like = random.choice([each for each in self.children if each.planted is None])
        authority = draw_authority(random, self.authorities)
        child = self._add(
            like.name.system, like.name.family, like.name.paper_family, like.born, authority,
            draw_street(random, authority), self._next_family(), [],
        )  # fmt: skip
        child.name, child.sex, child.is_alone = like.name, like.sex, like.is_alone
        child.planted = "stranger"
        if random.random() < 0.5 or child.is_alone:
            self._take_into_care(child)

    def _take_into_care(self, child: Child) -> None:
        """Give a child one to three stays, a few of them under another authority."""
        random = self.random
        start = AS_OF - timedelta(days=random.randint(30, 1200))
        authority = child.authority
        for _ in range(random.choice((1, 1, 2, 2, 3))):
            if child.is_alone and random.random() < 0.12:
                authority = draw_authority(random, self.authorities)
            end = start + timedelta(days=random.randint(40, 500))
            place, code = self._draw_place(child, authority)
            is_last = end >= AS_OF
            child.stays.append(Stay(authority, place, start, None if is_last else end, code))
            if is_last:
                break
            start = end

    def _draw_place(self, child: Child, authority: Authority) -> tuple[str, str]:
        random = self.random
        drawn = random.random()
        if child.is_alone and drawn < 0.4:
            return random.choice(authority.hotels), "H5"
        if drawn < 0.06 and not child.is_alone:
            return child.home, "P1"
        if drawn < 0.7:
            return random.choice(authority.carers), "U6"
        return random.choice(authority.homes), "K2"

    def _draw_family_names(self, system: str) -> tuple[str, ...]:
        random = self.random
        if system in FATHERS_NAME:
            return (draw_word(random, system, "male"), draw_word(random, system, "family"))
        family = draw_word(random, system, "family")
        if system in {"english", "welsh", "irish"} and random.random() < TWO_SURNAMES:
            return (f"{family}-{draw_word(random, system, 'family')}",)
        return (family,)

    def _write_paper(self, system: str, words: tuple[str, ...]) -> tuple[str, ...]:
        if not name_lists()[system].get("sounds"):
            return words
        scheme = self.random.choice(SCHEMES[system])
        return tuple(romanise(self.random, each, scheme) for each in words)

    def _draw_birthday(self) -> date:
        return AS_OF - timedelta(days=self.random.randint(YOUNGEST * 365, OLDEST * 365 + 300))

    def _next_family(self) -> str:
        self.families += 1
        return f"family-{self.families:06d}"
