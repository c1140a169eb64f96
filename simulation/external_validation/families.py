"""Children and families of a validation nation: siblings, addresses and periods of care.

Everything in this module is true; `records` writes what sources record about it. `planted` adds
hard cases on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from simulation.external_validation.naming import (
    TRANSLITERATED,
    FamilyName,
    FullName,
    Names,
    are_one_name,
    spellings,
)
from simulation.external_validation.parameters import GROUPS, Parameters
from simulation.external_validation.places import Authority, Places

FAMILY_SIZES = (2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)
FOSTER_TYPES = ("U1", "U3", "U4", "U4", "U4", "U5", "U6", "U6", "U6")
OTHER_TYPES = ("R1", "S1", "K1", "R5", "Z1")
UNACCOMPANIED_TYPES = ("H5", "H5", "H5", "U6", "U6", "P2", "K2")
LEAST_BETWEEN_BIRTHS = 290


@dataclass(frozen=True)
class CarePeriod:
    """A stay of a looked-after child in one place, under one authority."""

    authority: Authority
    place: str
    placed_in: Authority
    start: date
    end: date | None
    placement_type_code: str


@dataclass
class Child:
    """One child as they truly are, with all columns of the truth table.

    `paper_dates` are the dates of birth that papers and agencies state, the usual date first.
    """

    key: str
    family_key: str
    name: FullName
    sex: str
    born: date
    authority: Authority
    home: str
    old_home: str
    is_unaccompanied: bool = False
    is_looked_after: bool = False
    twin_of: str | None = None
    adoption_pair: str | None = None
    adoption_date: date | None = None
    known_after: date | None = None
    planted_class: str | None = None
    care: list[CarePeriod] = field(default_factory=list)
    paper_dates: list[date] = field(default_factory=list)
    siblings: list[Child] = field(default_factory=list)
    police_record_count: int | None = None
    # Rates that make a planted case happen; they replace the clerk's rates.
    forced: dict[str, float] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The group of naming origins for which results are reported."""
        return GROUPS[self.name.origin]


class Population:
    """The children of one nation, made family by family."""

    def __init__(
        self, random: Random, parameters: Parameters, places: Places, names: Names
    ) -> None:
        self.random = random
        self.parameters = parameters
        self.rates = parameters.rates
        self.places = places
        self.names = names
        self.children: list[Child] = []
        self.streets: dict[str, list[Child]] = {}
        self.family_count = 0

    def create_children(self, count: int) -> list[Child]:
        """Return this many children, or a few more to complete the last family."""
        alone = round(count * self.rates["unaccompanied"])
        while len(self.children) < count - alone:
            self._add_family()
        for _ in range(alone):
            self._add_unaccompanied()
        return self.children

    def new_key(self) -> str:
        """Return the key of the next child."""
        return f"child-{len(self.children):07d}"

    def new_family_key(self) -> str:
        """Return the key of the next family."""
        self.family_count += 1
        return f"family-{self.family_count:07d}"

    def _add_family(self) -> None:
        random, rates = self.random, self.rates
        origins = self.parameters.origins
        origin = random.choices(list(origins), list(origins.values()))[0]
        family = self._settled_spelling(self.names.draw_family(origin))
        authority = self.places.draw_authority()
        home = self.places.draw_street(authority)
        near = self.streets.get(origin)
        if near and random.random() < rates["cousins_in_street"]:
            kin = random.choice(near)
            family = replace(family, surname=kin.name.family[-1], grandfather=kin.name.family[-1])
            authority, home = kin.authority, kin.home
        elif self.children and random.random() < rates["shared_household"]:
            authority, home = self.children[-1].authority, self.children[-1].home
        size = 1 if random.random() < rates["only_child"] else random.choice(FAMILY_SIZES)
        siblings = self._siblings(family, authority, home, size)
        self._decide_care(siblings)
        self.children.extend(siblings)
        self.streets.setdefault(origin, []).append(siblings[0])
        for child in siblings:
            child.siblings = [each for each in siblings if each is not child]
            if child.is_looked_after and random.random() < rates["adopted"]:
                self._adopt_child(child)

    def _siblings(
        self, family: FamilyName, authority: Authority, home: str, size: int
    ) -> list[Child]:
        """Return siblings at one address; some have another father's surname, some are twins."""
        random, rates = self.random, self.rates
        family_key = self.new_family_key()
        first_key = len(self.children)
        has_moved = random.random() < rates["moved_home"]
        former = authority if random.random() < 0.6 else self.places.other_authority(authority)
        old_home = self.places.draw_street(former) if has_moved else home
        is_half = size > 1 and random.random() < rates["half_sibling"]
        is_mixed = random.random() < rates["mixed_origin"]
        other_father = self._settled_spelling(self.names.draw_family(family.origin))
        siblings: list[Child] = []
        while len(siblings) < size:
            born = self._birth_date(siblings)
            fathers = other_father if is_half and siblings and random.random() < 0.5 else family
            is_twins = random.random() < rates["twin_maternities"]
            for number in range(2 if is_twins else 1):
                sex = random.choice(("female", "male"))
                twin = siblings[-1] if number else None
                if twin is not None and random.random() < 0.3:
                    sex = twin.sex
                name = self._choose_name(fathers, sex, born.year, siblings, twin, is_mixed)
                child = Child(
                    f"child-{first_key + len(siblings):07d}",
                    family_key, name, sex, born, authority, home, old_home,
                )  # fmt: skip
                child.paper_dates = [born]
                if twin is not None:
                    twin.twin_of, child.twin_of = child.key, twin.key
                siblings.append(child)
        return siblings

    def _birth_date(self, siblings: list[Child]) -> date:
        """Return a date of birth for a child of 5 to 17, most often in their teens.

        Siblings are born at least ten months apart.
        """
        for _ in range(50):
            age = 18.0 - 13.0 * self.random.betavariate(1.15, 2.4)
            born = self.parameters.as_of - timedelta(days=int(age * 365.25))
            if all(abs((born - each.born).days) > LEAST_BETWEEN_BIRTHS for each in siblings):
                return born
        return min(each.born for each in siblings) - timedelta(days=LEAST_BETWEEN_BIRTHS + 30)

    def _choose_name(  # noqa: PLR0913, PLR0917 - what parents know when they name a child
        self,
        family: FamilyName,
        sex: str,
        year: int,
        siblings: list[Child],
        twin: Child | None,
        is_mixed: bool,
    ) -> FullName:
        """Return a name for a child by which no sibling is called.

        Twins are often given similar names.
        """
        random = self.random
        sibling_names = {each.name.called for each in siblings}
        for _ in range(100):
            if twin and twin.sex == sex and random.random() < self.rates["like_twin_names"]:
                name = self.names.like_name(twin.name, sex, year)
            else:
                name = self.names.name_child(family, sex, year)
            if is_mixed and family.origin != "english":
                called = self.names.draw_given("english", sex, year)
                name = replace(name, given_names=(called,), called=called)
            if not any(are_one_name(name.called, each) for each in sibling_names):
                break
        if not name.former_surname and random.random() < self.rates["changed_surname"]:
            name = replace(name, former_surname=self.names.draw_family(family.origin).surname)
        return name

    def _settled_spelling(self, family: FamilyName) -> FamilyName:
        """Return the spelling of its name that a settled family uses, which may be unusual."""
        if family.origin not in TRANSLITERATED:
            return family

        def choose_spelling(name: str) -> str:
            others = spellings().get(name.lower(), ())
            return self.random.choice(others) if others and self.random.random() < 0.4 else name

        return replace(
            family,
            surname=choose_spelling(family.surname),
            father=choose_spelling(family.father),
            grandfather=choose_spelling(family.grandfather),
        )

    def _decide_care(self, siblings: list[Child]) -> None:
        """Decide which siblings are looked after: often together, but not always."""
        random, share = self.random, self.rates["looked_after"]
        is_family = random.random() < share
        for child in siblings:
            if random.random() < (0.85 if is_family else 0.12 * share):
                self.take_into_care(child)

    def take_into_care(self, child: Child, placement_type: str | None = None) -> None:
        """Give a child a history of placements that continues today or has ended."""
        random, rates = self.random, self.rates
        child.is_looked_after = True
        as_of = self.parameters.as_of
        ended = timedelta(0)
        if placement_type is None and random.random() < rates["former_care"]:
            ended = timedelta(days=random.randint(30, 900))
        oldest = max(child.born + timedelta(days=30), as_of - timedelta(days=365 * 9))
        start = as_of - ended - timedelta(days=random.randint(30, 2200))
        start = max(start, oldest)
        count = random.choice((1, 1, 1, 2, 2, 3, 4))
        last = max(as_of - ended, start + timedelta(days=40))
        edges = sorted(random.randint(5, (last - start).days - 5) for _ in range(count - 1))
        starts = [start, *(start + timedelta(days=each) for each in edges)]
        ends: list[date | None] = [*starts[1:], last if ended else None]
        authority = child.authority
        for opened, closed in zip(starts, ends, strict=True):
            code = placement_type or self._placement_type(child, opened)
            child.care.append(self._create_period(child, authority, code, opened, closed))
        if random.random() < rates["two_authorities"] and placement_type is None:
            other = self.places.other_authority(authority)
            opened = ends[-1] or as_of - timedelta(days=random.randint(5, 40))
            if child.care[-1].end is None:
                child.care[-1] = replace(child.care[-1], end=opened)
            code = self._placement_type(child, opened)
            child.care.append(self._create_period(child, other, code, opened, None))

    def _placement_type(self, child: Child, day: date) -> str:
        random = self.random
        age = (day - child.born).days / 365.25
        if child.is_unaccompanied:
            return random.choice(UNACCOMPANIED_TYPES)
        drawn = random.random()
        if drawn < self.rates["placed_with_parents"]:
            return "P1"
        if age >= 16 and drawn > 0.7:
            return random.choice(("H5", "H5", "H5", "P2"))
        if drawn > (0.8 if age >= 12 else 0.94):
            return "K2"
        return random.choice(OTHER_TYPES) if drawn > 0.78 else random.choice(FOSTER_TYPES)

    def _create_period(
        self, child: Child, authority: Authority, code: str, start: date, end: date | None
    ) -> CarePeriod:
        random = self.random
        if code == "P1":
            return CarePeriod(authority, child.home, child.authority, start, end, code)
        placed_in = authority
        if random.random() < self.rates["out_of_area"]:
            placed_in = self.places.other_authority(authority)
        if code == "K2":
            place = random.choice(placed_in.homes)
        elif child.is_unaccompanied and code in ("H5", "P2"):
            place = random.choice(placed_in.hostels)
        else:
            place = self.places.draw_street(placed_in)
        return CarePeriod(authority, place, placed_in, start, end, code)

    def _add_unaccompanied(self) -> None:
        """Add a child of 14 to 17 who arrived alone.

        Papers often state 1 January as the birthday, and sometimes two ages are recorded.
        """
        random, rates = self.random, self.rates
        shares = self.parameters.unaccompanied
        origin = random.choices(list(shares), list(shares.values()))[0]
        sex = "male" if random.random() < 0.95 else "female"
        age = 14.0 + 4.0 * random.betavariate(2.2, 1.3)
        born = self.parameters.as_of - timedelta(days=int(age * 365.25))
        name = self.names.name_child(self.names.draw_family(origin), sex, born.year)
        authority = self.places.draw_authority()
        hostel = random.choice(authority.hostels)
        child = Child(
            self.new_key(), self.new_family_key(), name, sex, born, authority, hostel, hostel,
            is_unaccompanied=True,
        )  # fmt: skip
        paper = (
            born.replace(month=1, day=1) if random.random() < rates["default_birthday"] else born
        )
        child.paper_dates = [paper]
        if random.random() < rates["disputed_age"]:
            years = random.choice((1, 1, 2, 3))
            other = paper.replace(year=paper.year - years, day=min(paper.day, 28))
            child.paper_dates.append(
                other.replace(month=1, day=1) if random.random() < 0.5 else other
            )
        self.take_into_care(child)
        self.children.append(child)

    def _adopt_child(self, child: Child) -> None:
        """End a child's care by an adoption years ago, and add the child again with a new identity.

        The new identity has another name and address.
        """
        random = self.random
        as_of = self.parameters.as_of
        day = child.born + timedelta(days=random.randint(400, 2200))
        day = min(day, as_of - timedelta(days=500))
        start = max(day - timedelta(days=random.randint(200, 600)), child.born)
        code = random.choice(("A3", "A4", "A5", "A6"))
        child.care = [self._create_period(child, child.authority, code, start, day)]
        child.adoption_date = day
        child.police_record_count = 0
        authority = self.places.other_authority(child.authority)
        home = self.places.draw_street(authority)
        family = self.names.draw_family("english")
        name = replace(child.name, family=(family.surname,), former_surname="")
        adopted = Child(
            self.new_key(), self.new_family_key(), name, child.sex, child.born, authority, home,
            home, adoption_pair=child.key, known_after=day, paper_dates=[child.born],
        )  # fmt: skip
        adopted.police_record_count = random.choice((1, 1, 2))
        child.adoption_pair = adopted.key
        self.children.append(adopted)
