"""True names of invented people: how each naming origin names a child, with lists of names.

A full name has given names, then the fathers' names or family names, in the order of its origin.
`clerks` decides how a clerk writes a name.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from math import exp
from pathlib import Path
from random import Random
from typing import Any

import yaml

HERE = Path(__file__).parent
PATRONYMIC = frozenset({"somali", "eritrean", "sudanese", "arab", "kurdish"})
# Naming origins with another script. Their names have no single correct Latin spelling.
TRANSLITERATED = PATRONYMIC | {"iranian", "afghan", "pakistani", "vietnamese", "chinese"}
# Invented, very rare English forenames consist of one beginning and one ending.
MODERN_STARTS = "Ar Bra Cal Da Ev Ja Ka La Ma Na Ra Ta Za Ty Ri Lo Le Ke Ha Ky De Tre Shay Ro"
MODERN_ENDS = {
    "male": "den lan ric son vin rel mar ron von shaun lo dan cob xon ton",
    "female": "lyn niya risa belle lee mae rah nie leigh liah sha niah vie rose",
}
SECOND_HALVES = "Mae Rose Grace Leigh Mai Jane Louise Ann Marie Jo Lou May Belle"
PARENT_YEARS = range(2005, 2022)


@dataclass(frozen=True)
class FamilyName:
    """The names that a family hands on: a surname, or a father's and grandfather's given names."""

    origin: str
    surname: str
    father: str
    grandfather: str


@dataclass(frozen=True)
class FullName:
    """A child's true name; `family` has the names after the given names, in the origin's order.

    `called` is the given name by which the child is known. `former_surname` is another surname that
    the child has had, or empty.
    """

    origin: str
    given_names: tuple[str, ...]
    family: tuple[str, ...]
    called: str
    former_surname: str = ""


def read_yaml(name: str) -> Any:
    """Return one of the package's lists of names."""
    return yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def space_entry(name: str) -> str:
    """Return an entry of a list of names with spaces, as people write it."""
    return name.replace("_", " ")


class Names:
    """A source of random names for one nation. Popularity depends on rank, birth year and seed."""

    def __init__(self, random: Random) -> None:
        self.random = random
        given_names, family = read_yaml("given_names"), read_yaml("family_names")
        self.given_names = {
            (origin, sex): self._by_year(_given_entries(origin, sex, text))
            for origin, sexes in given_names.items()
            for sex, text in sexes.items()
        }
        english = _distinct(family["english"]) + _compounds(family["stems"], family["endings"])
        self.family = {
            origin: _weighed([space_entry(name) for name in text.split()], 2.0, 0.75)
            for origin, text in family.items()
        } | {"english": _weighed(english, 5.0, 0.8)}

    def _by_year(self, names: list[str]) -> dict[int, tuple[list[str], list[float]]]:
        """Return cumulative weights of names by year of birth.

        Each name becomes more or less popular at its own rate.
        """
        offset, exponent = (14.0, 1.0) if len(names) > 300 else (5.0, 0.85)
        trends = [self.random.gauss(0.0, 0.05) for _ in names]
        tables = {}
        for year in PARENT_YEARS:
            weights = [
                exp(trend * (year - 2013)) / (rank + 1 + offset) ** exponent
                for rank, trend in enumerate(trends)
            ]
            tables[year] = (names, list(accumulate(weights)))
        return tables

    def draw_given(self, origin: str, sex: str, year: int) -> str:
        """Return a first given name, drawn by its popularity in a year."""
        bounded = min(max(year, PARENT_YEARS.start), PARENT_YEARS.stop - 1)
        return self._draw_name(self.given_names[origin, sex][bounded])

    def draw_family(self, origin: str) -> FamilyName:
        """Return the names that a new family hands on."""
        father, grandfather = (self.draw_given(origin, "male", 2005) for _ in range(2))
        surname = self._draw_name(self.family.get(origin, self.family["arab"]))
        random = self.random
        if origin == "english" and random.random() < 0.06:
            surname = f"{surname}-{self._draw_name(self.family['english'])}"
        elif origin == "iberian":
            link = random.choice((" ", " ", " da ", " dos ", " e "))
            surname = f"{surname}{link}{self._draw_name(self.family['iberian'])}"
        return FamilyName(origin, surname, father, grandfather)

    def name_child(self, family: FamilyName, sex: str, year: int) -> FullName:
        """Return the full name of a child of this family."""
        origin, random = family.origin, self.random
        first = self.draw_given(origin, sex, year)
        if origin in PATRONYMIC:
            return self._patronymic(family, first)
        if origin == "pakistani":
            return self._pakistani(family, first, sex)
        if origin == "indian":
            return self._name_indian_child(family, first, sex)
        if origin in ("vietnamese", "chinese"):
            return self._eastern(family, first, sex)
        if origin == "afghan" and random.random() < 0.3:
            return FullName(origin, (first,), (family.father,), first)
        given_names: tuple[str, ...] = (first,)
        if origin == "english" and sex == "female" and random.random() < 0.09:
            first = f"{first}-{random.choice(SECOND_HALVES.split())}"
            given_names = (first,)
        if random.random() < (0.75 if origin in ("english", "irish", "caribbean") else 0.3):
            given_names = (first, self.draw_given(origin, sex, 2005))
        called = given_names[-1] if len(given_names) > 1 and random.random() < 0.04 else first
        surname = family.surname
        if origin == "polish" and sex == "female" and surname.endswith(("ski", "cki")):
            surname = surname[:-1] + "a"
        elif origin == "lithuanian" and sex == "female":
            surname = surname.removesuffix("as").removesuffix("is").removesuffix("us") + "aitė"
        return FullName(origin, given_names, (surname,), called)

    def _patronymic(self, family: FamilyName, first: str) -> FullName:
        """Return the names of the child, the father and the grandfather.

        Arab and Kurdish children may have a family name instead of the grandfather's.
        """
        later: tuple[str, ...] = (family.father, family.grandfather)
        if family.origin in ("arab", "kurdish") and self.random.random() < 0.65:
            later = (family.father, family.surname)
        return FullName(family.origin, (first,), later, first)

    def _pakistani(self, family: FamilyName, first: str, sex: str) -> FullName:
        """Return a Pakistani name.

        A boy may have Mohammed before the name by which he is called. A girl may have a second name
        of her own instead of the family's.
        """
        random = self.random
        if sex == "male":
            surname = family.father if random.random() < 0.12 else family.surname
            if first not in ("Mohammed", "Ahmed") and random.random() < 0.35:
                return FullName("pakistani", ("Mohammed", first), (surname,), first)
            return FullName("pakistani", (first,), (surname,), first)
        if random.random() < 0.4:
            own = self._draw_name(self.family["pakistani_women"])
            return FullName("pakistani", (first,), (own,), first, family.surname)
        return FullName("pakistani", (first,), (family.surname,), first)

    def _name_indian_child(self, family: FamilyName, first: str, sex: str) -> FullName:
        """Return an Indian name: Singh or Kaur, the family name, or both."""
        title = "Singh" if sex == "male" else "Kaur"
        if self.random.random() < 0.4:
            later = (title,) if self.random.random() < 0.45 else (title, family.surname)
            return FullName("indian", (first,), later, first)
        return FullName("indian", (first,), (family.surname,), first)

    def _eastern(self, family: FamilyName, first: str, sex: str) -> FullName:
        """Return a Vietnamese or Chinese name.

        Vietnamese children have a middle name. Some Chinese children also have an English name.
        """
        random = self.random
        if family.origin == "chinese":
            if random.random() < 0.45:
                english = self.draw_given("english", sex, 2010)
                return FullName("chinese", (english, first), (family.surname,), english)
            return FullName("chinese", (first,), (family.surname,), first)
        middle = {"male": "Van", "female": "Thi"}[sex]
        if random.random() < 0.55:
            middle = self._draw_name(self.family["vietnamese_middle"])
        return FullName("vietnamese", (middle, first), (family.surname,), first)

    def like_name(self, name: FullName, sex: str, year: int) -> FullName:
        """Return a name for a twin that shares a part with the other twin's name."""
        called = name.called
        tried = (self.draw_given(name.origin, sex, year) for _ in range(60))
        like = (
            each
            for each in tried
            if not are_one_name(each, called)
            and (each[1:] == called[1:] or each[:3] == called[:3] or each[-3:] == called[-3:])
        )
        first = next(like, None) or self.draw_given(name.origin, sex, year)
        if name.origin in ("pakistani", "vietnamese"):
            given_names = tuple(first if each == called else each for each in name.given_names)
        else:
            later = (self.draw_given(name.origin, sex, 2005) for _ in name.given_names[1:])
            given_names = (first, *later)
        return replace(name, given_names=given_names, called=first)

    def _draw_name(self, table: tuple[list[str], list[float]]) -> str:
        names, edges = table
        return names[min(bisect(edges, self.random.random() * edges[-1]), len(names) - 1)]


def _distinct(text: str) -> list[str]:
    return [space_entry(name) for name in dict.fromkeys(text.split())]


def _given_entries(origin: str, sex: str, text: str) -> list[str]:
    """Return a list of given names, with invented English names as the rarest."""
    names = _distinct(text)
    if origin not in ("english", "caribbean"):
        return names
    invented = [start + end for end in MODERN_ENDS[sex].split() for start in MODERN_STARTS.split()]
    return list(dict.fromkeys([*names, *invented]))


def _compounds(stems: str, endings: str) -> list[str]:
    """Return the rarer English surnames, starting with those that have the commonest endings."""
    return [stem + ending for ending in endings.split() for stem in stems.split()]


def _weighed(names: list[str], offset: float, exponent: float) -> tuple[list[str], list[float]]:
    """Return names without repeats, with cumulative weights that decrease with rank."""
    weights: dict[str, float] = {}
    for rank, name in enumerate(names):
        weights[name] = weights.get(name, 0.0) + 1.0 / (rank + 1 + offset) ** exponent
    return list(weights), list(accumulate(weights.values()))


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """Return the other spellings of each name that has any, by lower-case name."""
    spellings_by_name: dict[str, dict[str, None]] = {}
    for row in read_yaml("spellings"):
        names = [space_entry(name) for name in row.split()]
        for name in names:
            spellings_by_name.setdefault(name.lower(), {}).update(dict.fromkeys(names))
    return {
        name: tuple(each for each in others if each.lower() != name)
        for name, others in spellings_by_name.items()
    }


def are_one_name(one: str, other: str) -> bool:
    """Return whether two forenames are the same name or two spellings of it."""
    return one == other or one in spellings().get(other.lower(), ())


@cache
def short_names() -> dict[str, tuple[str, ...]]:
    """Return the everyday forms of each given name."""
    return {
        name: tuple(dict.fromkeys(text.split())) for name, text in read_yaml("short_names").items()
    }
