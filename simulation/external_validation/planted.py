"""Hard cases planted on purpose. Each class is counted, so results can be given without it.

There are five classes:

- `stranger`: two children with one name and date of birth, in different cities
- `district_namesake`: two children with one name in one postcode district; one is recorded without
  a date of birth
- `sibling_alias`: a child recorded with an age instead of a date of birth, and with a sibling's
  name as an alias
- `home_namesake`: two children with one name in one children's home; one is recorded without a date
  of birth
- `parent_twin`: twins, of whom one is placed with the parents and the other is unknown to that
  authority
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from simulation.external_validation.families import CarePeriod, Child, Population
from simulation.external_validation.naming import FullName, are_one_name
from simulation.external_validation.parameters import Parameters
from simulation.external_validation.places import Authority

RATE_OF_CLASS = {
    "stranger": "planted_strangers",
    "district_namesake": "planted_district_namesakes",
    "sibling_alias": "planted_sibling_aliases",
    "home_namesake": "planted_home_namesakes",
    "parent_twin": "planted_parent_twins",
}
NO_DATE = {"age_only": 0.0, "no_date": 1.0}


def planted_counts(parameters: Parameters, children: int) -> dict[str, int]:
    """Return the number of planted children of each class, at least one."""
    return {
        planted: max(1, round(children * parameters.rates[rate]))
        for planted, rate in RATE_OF_CLASS.items()
    }


def add_planted_children(random: Random, population: Population, counts: dict[str, int]) -> None:
    """Add the planted children; class `sibling_alias` changes existing children instead."""
    planter = _Planter(random, population, list(population.children))
    for planted, count in counts.items():
        for _ in range(count):
            getattr(planter, f"add_{planted}")()


@dataclass
class _Planter:
    random: Random
    population: Population
    ordinary: list[Child]

    def add_stranger(self) -> None:
        """Add a child with the name and date of birth of another child, in another force's city."""
        child = self._choose_child()
        authority = self.population.places.other_authority(child.authority)
        while authority.force == child.authority.force:
            authority = self.random.choice(self.population.places.authorities)
        added = self._add_child(child, child.name, child.born, authority, "stranger")
        if self.random.random() < self.population.rates["looked_after"]:
            self.population.take_into_care(added)

    def add_district_namesake(self) -> None:
        """Add a second child with the same name in the same district.

        The police do not know this child's date of birth.
        """
        child = self._choose_child()
        added = self._add_child(
            child, child.name, self._other_date(child.born), child.authority, "district_namesake"
        )
        added.home = self.population.places.postcode_in((child.home.split(" ")[0],))
        added.old_home = added.home
        added.forced, added.police_record_count = dict(NO_DATE), 1

    def add_sibling_alias(self) -> None:
        """Have a child recorded with an age only, and with a sibling's name as an alias."""
        while True:
            child = self._choose_child()
            if child.siblings and child.planted_class is None and not child.adoption_pair:
                break
        child.planted_class = "sibling_alias"
        child.forced = {"age_only": 1.0, "alias_of_other": 1.0, "no_postcode": 0.0}
        child.police_record_count = child.police_record_count or 1

    def add_home_namesake(self) -> None:
        """Place a child in a children's home, and add another child of the same name there."""
        child = self._choose_child()
        while not child.is_looked_after or child.adoption_pair or child.siblings:
            child = self._choose_child()
        authority = child.authority
        home = self.random.choice(authority.homes)
        start = max(child.care[-1].start, child.born)
        child.care.append(CarePeriod(authority, home, authority, start, None, "K2"))
        added = self._add_child(
            child, child.name, self._other_date(child.born), authority, "home_namesake"
        )
        added.is_looked_after = True
        added.care = [CarePeriod(authority, home, authority, start, None, "K2")]
        added.forced, added.police_record_count = dict(NO_DATE), 1

    def add_parent_twin(self) -> None:
        """Place a looked-after child with their parents; add a twin whom only the police know."""
        child = self._choose_child()
        while child.twin_of or child.is_unaccompanied or child.adoption_pair or child.forced:
            child = self._choose_child()
        child.care = []
        self.population.take_into_care(child, "P1")
        names = self.population.names
        sex = child.sex if self.random.random() < 0.7 else self._draw_sex()
        name = names.like_name(child.name, sex, child.born.year)
        family_names = {child.name.called, *(each.name.called for each in child.siblings)}
        while any(are_one_name(name.called, each) for each in family_names):
            first = names.draw_given(child.name.origin, sex, child.born.year)
            name = replace(name, given_names=(first,), called=first)
        added = self._add_child(child, name, child.born, child.authority, "parent_twin")
        added.sex, added.family_key = sex, child.family_key
        added.home, added.old_home = child.home, child.old_home
        added.police_record_count = self.random.choice((1, 1, 2))
        child.twin_of, added.twin_of = added.key, child.key
        added.siblings = [child, *child.siblings]
        for each in added.siblings:
            each.siblings = [*each.siblings, added]

    def _choose_child(self) -> Child:
        return self.random.choice(self.ordinary)

    def _draw_sex(self) -> str:
        return self.random.choice(("female", "male"))

    def _other_date(self, born: date) -> date:
        days = self.random.randint(120, 900) * self.random.choice((-1, 1))
        latest = self.population.parameters.as_of - timedelta(days=5 * 365)
        return min(born + timedelta(days=days), latest)

    def _add_child(
        self, like: Child, name: FullName, born: date, authority: Authority, planted: str
    ) -> Child:
        population = self.population
        home = population.places.draw_street(authority)
        child = Child(
            population.new_key(), population.new_family_key(), name, like.sex, born, authority,
            home, home, planted_class=planted, paper_dates=[born],
        )  # fmt: skip
        population.children.append(child)
        return child
