"""Records of a validation nation: what every authority and police force records of each child.

Each person record of a source is one mention, as the warehouse collects them (`int_mentions`). It
has all names, dates, addresses and numbers that the source has for the person. The truth is in
`families`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from simulation.external_validation import details
from simulation.external_validation.clerks import everyday_name, write_name
from simulation.external_validation.families import CarePeriod, Child
from simulation.external_validation.naming import Names
from simulation.external_validation.parameters import Habits, Parameters, draw_habits
from simulation.external_validation.places import Places, force_code

Row = dict[str, Any]
PLACEHOLDERS = ("Unknown", "Not Known", "UNK", "Child", "N/K")


class Clerks:
    """The clerks of one nation; they collect rows in `mentions`, `care` and `truth`."""

    def __init__(
        self, random: Random, parameters: Parameters, places: Places, names: Names
    ) -> None:
        self.random = random
        self.parameters = parameters
        self.places = places
        self.names = names
        self.mentions: list[Row] = []
        self.care: list[Row] = []
        self.truth: list[Row] = []
        self.numbers: dict[str, int] = {}
        careless = parameters.rates["careless"]
        self.habits = {
            authority.issuer_code: draw_habits(random, authority.issuer_code, "authority", careless)
            for authority in places.authorities
        } | {code: draw_habits(random, code, "police", careless) for code in places.codes}

    def write(self, children: list[Child]) -> None:
        """Write every record of these children."""
        self.numbers = {child.key: number for number, child in enumerate(children)}
        for child in children:
            references = [
                self._write_police_record(child, force) for force in self._choose_forces(child)
            ]
            for issuer in dict.fromkeys(each.authority.issuer_code for each in child.care):
                periods = [each for each in child.care if each.authority.issuer_code == issuer]
                self._authority(child, issuer, periods, references)

    def _choose_forces(self, child: Child) -> list[int]:
        """Return the force of each police record of a child.

        It is the force of the child's authority or of one of the last two placements. A record
        after the first may be of another force.
        """
        random, rates = self.random, self.parameters.rates
        count = child.police_record_count
        if count is None:
            share = rates["looked_after_known_to_police"] if child.is_looked_after else 1.0
            count = int(random.random() < share)
            while count and count < 7 and random.random() < rates["second_nominal"]:
                count += 1
        own = [child.authority.force]
        own += [period.placed_in.force for period in child.care[-2:]]
        forces = []
        for number in range(count):
            is_elsewhere = number and random.random() < rates["other_force"]
            elsewhere = self.places.other_authority(child.authority).force
            forces.append(elsewhere if is_elsewhere else random.choice(own))
        return forces

    def _write_police_record(self, child: Child, force: int) -> str:
        """Write one police nominal (person record), and return its reference."""
        random = self.random
        habits = self._habits_for(child, force_code(force))
        known_on = self._known_on(child)
        names, primary = self._write_names(child, habits)
        born = self._birth_date(child, habits, known_on, is_police=True)
        reference = f"{force_code(force)}/{random.randint(1000, 999_999)}/{known_on.year % 100}"
        identifiers = [f"police|{reference}"]
        if child.is_unaccompanied and random.random() < habits.rates["home_office"] / 5:
            identifiers.append(self._write_number(child, "home_office", habits))
        self._add(
            child, habits, "police", known_on, primary, names, born,
            self._police_postcodes(child, habits, known_on), identifiers,
        )  # fmt: skip
        return reference

    def _authority(
        self, child: Child, issuer: str, periods: list[CarePeriod], references: list[str]
    ) -> None:
        """Write one authority's record of a child, with the child's periods of care there."""
        random = self.random
        habits = self._habits_for(child, issuer)
        known_on = max(periods[0].start, date(2023, 4, 1)) + timedelta(days=random.randint(1, 60))
        known_on = min(known_on, self.parameters.as_of)
        names, primary = self._write_names(child, habits)
        born = self._birth_date(child, habits, known_on, is_police=False)
        addresses = [child.home, *(period.place for period in periods)]
        if child.old_home != child.home and random.random() < 0.5:
            addresses.append(child.old_home)
        written = [details.write_postcode(random, habits, each) for each in addresses]
        kinds = ["nhs_number", "upn"]
        kinds += ["home_office"] if child.is_unaccompanied else []
        identifiers = [
            self._write_number(child, kind, habits)
            for kind in kinds
            if random.random() < habits.rates[kind]
        ]
        if references and random.random() < habits.rates["police_reference"]:
            identifiers.append(f"police|{random.choice(references)}")
        key = self._add(
            child, habits, "authority", known_on, primary, names, born, written, identifiers,
            care_start=periods[0].start,
        )  # fmt: skip
        for period in periods:
            self.care.append(
                {
                    "mention_key": key,
                    "place": details.write_postcode(random, habits, period.place),
                    "care_start_date": period.start,
                    "care_end_date": period.end,
                    "placement_type_code": period.placement_type_code,
                }
            )

    def _habits_for(self, child: Child, issuer: str) -> Habits:
        habits = self.habits[issuer]
        if not child.forced:
            return habits
        return Habits(
            issuer, habits.rates | child.forced, habits.name_length, habits.marks, habits.particles
        )

    def _known_on(self, child: Child) -> date:
        """Return the day on which a police record begins: a random day within the last two years.

        It lies after `known_after`, if the child has such a day.
        """
        day = self.parameters.as_of - timedelta(days=int(730 * self.random.random()))
        if child.known_after and day <= child.known_after:
            return min(child.known_after + timedelta(days=100), self.parameters.as_of)
        return day

    def _write_names(self, child: Child, habits: Habits) -> tuple[list[str], str | None]:
        """Return all names of a child in the source, the usual first, and the usual name alone."""
        random, rates = self.random, habits.rates
        is_new = child.is_unaccompanied
        forenames, surname = write_name(random, habits, child.name, is_new)
        drawn = random.random()
        if drawn < rates["no_forename"]:
            forenames = random.choice(PLACEHOLDERS) if random.random() < 0.5 else ""
        elif drawn < rates["no_forename"] + rates["no_surname"]:
            surname = ""
        elif drawn < rates["no_forename"] + rates["no_surname"] + rates["other_name"]:
            forenames = self.names.draw_given(child.name.origin, child.sex, child.born.year)
        elif random.random() < rates["sibling_forename"]:
            # A twin's name is not used: the record would then describe the twin in every respect.
            older = [each.name.called for each in child.siblings if each.born != child.born]
            forenames = random.choice(older) if older else forenames
        names = [f"{forenames}|{surname}"]
        if random.random() < 0.2:
            names.append("|".join(write_name(random, habits, child.name, is_new)))
        names += self._aliases(child, rates, forenames, surname)
        return list(dict.fromkeys(names)), names[0]

    def _aliases(
        self, child: Child, rates: dict[str, float], forenames: str, surname: str
    ) -> list[str]:
        """Return the list of aliases: short names, former names, and other people's names."""
        random = self.random
        aliases = []
        if random.random() < rates["alias_listed"]:
            short = everyday_name(random, forenames.split(" ", maxsplit=1)[0])
            other = child.name.former_surname or surname
            choice = random.random()
            if short and choice < 0.6:
                aliases.append(f"{short} {surname}")
            elif choice < 0.8 and len(child.name.given_names) > 1:
                aliases.append(f"{child.name.given_names[-1]} {surname}")
            elif other:
                aliases.append(f"{child.name.called} {other}")
        if child.siblings and random.random() < rates["alias_of_other"] * 3:
            sibling = random.choice(child.siblings)
            aliases.append(f"{sibling.name.called} {sibling.name.family[-1]}")
        elif random.random() < rates["alias_of_other"]:
            friend = self.names.draw_given(child.name.origin, child.sex, child.born.year)
            aliases.append(f"{friend} {self.names.draw_family(child.name.origin).surname}")
        return aliases

    def _birth_date(
        self, child: Child, habits: Habits, known_on: date, is_police: bool
    ) -> details.BirthDates:
        papers = child.paper_dates
        if child.siblings and self.random.random() < habits.rates["sibling_date"]:
            papers = self.random.choice(child.siblings).paper_dates
        return details.write_birth_date(self.random, habits, papers, known_on, is_police)

    def _police_postcodes(self, child: Child, habits: Habits, known_on: date) -> list[str | None]:
        """Return the child's postcodes as the police have them.

        The first is that of the home, of the current placement, or of another area where the child
        was found. Often the placement's postcode follows.
        """
        random, rates = self.random, habits.rates
        placed = [
            period.place
            for period in child.care
            if period.start <= known_on and (period.end is None or period.end > known_on)
        ]
        home = child.old_home if random.random() < rates["old_postcode"] else child.home
        if random.random() < rates["postcode_found"]:
            found_in = self.places.other_authority(child.authority)
            home_postcode = self.places.draw_street(found_in)
        elif placed:
            home_postcode = placed[-1] if random.random() < 0.7 else home
        else:
            home_postcode = home
        written = [details.write_postcode(random, habits, home_postcode)]
        if placed and random.random() < 0.45:
            written.append(details.write_postcode(random, habits, placed[-1]))
        return written

    def _write_number(self, child: Child, kind: str, habits: Habits) -> str:
        """Return one of the child's numbers, sometimes mistyped or in fact a sibling's."""
        random = self.random
        owner = child
        if child.siblings and random.random() < habits.rates["number_of_sibling"]:
            owner = random.choice(child.siblings)
        number = self.numbers[owner.key]
        prefix, text = {
            "nhs_number": ("nhs", details.nhs_number),
            "upn": ("upn", details.unique_pupil_number),
            "home_office": ("home_office", details.home_office_reference),
        }[kind]
        value = text(number)
        if random.random() < habits.rates["number_mistyped"]:
            value = details.mistyped_number(random, value)
        return f"{prefix}|{value}"

    def _add(  # noqa: PLR0913, PLR0917 - the fields of a record
        self, child: Child, habits: Habits, source: str, known_on: date, primary: str | None,
        names: list[str], born: details.BirthDates, postcodes: list[str | None],
        identifiers: list[str], care_start: date | None = None,
    ) -> str:  # fmt: skip
        """Add a mention and its truth; return the key of the mention."""
        random, rates = self.random, habits.rates
        key = f"{random.getrandbits(64):016x}"
        sex: str | None = child.sex
        if random.random() < rates["no_sex"]:
            sex = None
        elif random.random() < rates["wrong_sex"]:
            sex = "male" if child.sex == "female" else "female"
        self.mentions.append(
            {
                "mention_key": key,
                "source": source,
                "issuer_code": habits.issuer_code,
                "first_received_at": datetime(known_on.year, known_on.month, known_on.day)  # noqa: DTZ001
                + timedelta(days=40),
                "first_period_start": known_on.replace(day=1),
                "primary_name": primary,
                "names": names,
                "sex_code": sex,
                "birth_dates": born.dates,
                "birth_date_earliest": born.earliest,
                "birth_date_latest": born.latest,
                "postcodes": [each for each in dict.fromkeys(postcodes) if each],
                "identifiers": identifiers,
                "care_first_start_date": care_start,
                "adoption_date": child.adoption_date if source == "authority" else None,
            }
        )
        self.truth.append(_truth_of(child, key))
        return key


def _truth_of(child: Child, key: str) -> Row:
    return {
        "mention_key": key,
        "child_key": child.key,
        "family_key": child.family_key,
        "origin_code": child.name.origin,
        "group_code": child.group,
        "is_unaccompanied": child.is_unaccompanied,
        "is_looked_after": child.is_looked_after,
        "is_placed_with_parents": any(each.placement_type_code == "P1" for each in child.care),
        "twin_child_key": child.twin_of,
        "adoption_pair_child_key": child.adoption_pair,
        "is_planted_stranger": child.planted_class == "stranger",
        "planted_class": child.planted_class,
    }
