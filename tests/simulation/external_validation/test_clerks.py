"""What one clerk does to a name, a date, an address and a number, one habit at a time."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest

from simulation.external_validation.clerks import write_name
from simulation.external_validation.details import (
    BirthDates,
    mistyped_number,
    nhs_number,
    write_birth_date,
    write_postcode,
)
from simulation.external_validation.naming import FullName
from simulation.external_validation.parameters import SLIPS, Habits, draw_habits

# All habits are off; each test turns on one.
OFF = dict.fromkeys(draw_habits(Random(1), "P01", "police", 1.0).rates, 0.0)
ENGLISH = FullName("english", ("Jack", "Oliver"), ("Smith-Brown",), "Jack")
SOMALI = FullName("somali", ("Yusuf",), ("Abdi", "Warsame"), "Yusuf")
VIETNAMESE = FullName("vietnamese", ("Van", "Minh"), ("Nguyen",), "Minh")
BORN, SEEN = date(2010, 3, 9), date(2025, 6, 1)


def _habits(*, marks: str = "keep", length: int | None = None, **on: float) -> Habits:
    return Habits("P01", OFF | on, length, marks, "keep")


def _written(name: FullName, *, is_new: bool = False, **habits: Any) -> set[tuple[str, str]]:
    """Everything that one habit makes of a name in many draws."""
    random = Random(7)
    return {write_name(random, _habits(**habits), name, is_new) for _ in range(300)}


def test_a_clerk_without_habits_writes_the_name_as_it_is() -> None:
    """Prevents an error that no rate describes."""
    assert _written(ENGLISH) == {("Jack", "Smith-Brown")}
    assert _written(ENGLISH, middle_kept=1.0) == {("Jack Oliver", "Smith-Brown")}


@pytest.mark.parametrize(
    ("habits", "written"),
    [
        ({"surname_first": 1.0}, {("Smith-Brown", "Jack")}),
        ({"initials": 1.0}, {("J", "Smith-Brown")}),
        ({"middle_first": 1.0}, {("Oliver Jack", "Smith-Brown")}),
        ({"half_surname": 1.0}, {("Jack", "Smith"), ("Jack", "Brown")}),
        ({"marks": "drop"}, {("Jack", "SmithBrown")}),
        ({"marks": "space"}, {("Jack", "Smith Brown")}),
        ({"length": 6}, {("Jack", "Smith-")}),
    ],
)
def test_each_habit_changes_what_it_says(
    habits: dict[str, Any], written: set[tuple[str, str]]
) -> None:
    """Prevents a rate that is drawn and reported, and does something else or nothing."""
    assert _written(ENGLISH, **habits) == written


def test_letters_are_mistyped_and_misheard() -> None:
    """Prevents a nation in which all names are spelt as they are."""
    for habit in ("letter_error", "heard_spelling"):
        found = _written(ENGLISH, **{habit: 1.0})
        assert len(found) > 5
        assert ("Jack", "Smith-Brown") not in found


def test_names_of_a_father_and_grandfather_take_many_forms() -> None:
    """Prevents patronymics that every clerk takes for the same surname."""
    assert _written(SOMALI, patronymic_dropped=1.0) == {("Yusuf", "Warsame")}
    assert _written(SOMALI, patronymic_dropped=1.0, father_as_surname=1.0) == {("Yusuf", "Abdi")}
    assert _written(SOMALI) == {
        ("Yusuf Abdi", "Warsame"),
        ("Yusuf", "Abdi Warsame"),
        ("Yusuf Abdi Warsame", ""),
    }
    assert _written(SOMALI, is_new=True, given_name_only=1.0) == {("Yusuf", "")}


def test_a_family_name_that_is_first_is_taken_for_a_forename() -> None:
    """Prevents Vietnamese names that are always in British order."""
    assert ("Nguyen Van", "Minh") in _written(VIETNAMESE, order_unsure=0.3)
    assert ("Van Minh", "Nguyen") in _written(VIETNAMESE)


def test_a_name_that_is_spelt_anew_has_many_spellings() -> None:
    """Prevents an unaccompanied child whose name every clerk spells alike."""
    found = _written(SOMALI, is_new=True, transliterated_anew=1.0)
    assert len({forenames.split(" ")[0] for forenames, _ in found}) > 4
    assert _written(SOMALI, is_new=True) == _written(SOMALI)


def _dates(papers: list[date] | None = None, **on: float) -> set[tuple[date, ...] | BirthDates]:
    random, habits = Random(3), _habits(**on)
    found = [
        write_birth_date(random, habits, papers or [BORN], SEEN, is_police=True) for _ in range(200)
    ]
    return {tuple(each.dates) if each.earliest is None else each for each in map(_frozen, found)}


def _frozen(born: BirthDates) -> BirthDates:
    return born._replace(dates=tuple(born.dates))


def test_each_habit_of_dates_changes_what_it_says() -> None:
    """Prevents dates that are wrong in another way than the parameters report."""
    assert _dates() == {(BORN,)}
    assert _dates(no_date=1.0) == {()}
    assert _dates(day_month_swapped=1.0) == {(date(2010, 9, 3),)}
    assert _dates(default_day=1.0) == {(date(2010, 1, 1),), (date(2010, 7, 1),)}
    wrong_years = _dates(year_wrong=1.0)
    assert (BORN,) not in wrong_years
    assert all((day.month, day.day) == (3, 9) for (day,) in wrong_years)
    wrong_digits = _dates(digit_wrong=1.0)
    assert len(wrong_digits) > 5
    assert all(day.year == 2010 and day != BORN for (day,) in wrong_digits)
    other = date(2008, 1, 1)
    assert _dates([BORN, other]) == {(BORN,), (other,)}


def test_an_age_gives_bounds_and_is_sometimes_a_year_out() -> None:
    """Prevents ages that are always right, or bounds that are never of the child."""
    bounds = _dates(age_only=1.0)
    assert {(each.earliest, each.latest) for each in bounds} == {
        (date(2009 - years, 6, 1), date(2010 - years, 6, 1)) for years in (-1, 0, 1)
    }


def test_postcodes_are_missing_shortened_or_wrong_by_a_character() -> None:
    """Prevents addresses that are always whole."""
    random = Random(5)

    def written(**on: float) -> set[str | None]:
        return {write_postcode(random, _habits(**on), "AB1 2CD") for _ in range(100)}

    assert written() == {"AB1 2CD", "ab12cd"}
    assert written(no_postcode=1.0) == {None}
    assert written(outward_only=1.0) == {"AB1"}
    assert all(
        len(found or "") == 7 and (found or "").startswith("AB1 ")
        for found in written(postcode_error=1.0)
    )
    assert len(written(postcode_error=1.0)) > 10


def test_a_mistyped_number_is_another_of_the_same_length() -> None:
    """Prevents a mistyped number that is the true one."""
    random, number = Random(9), nhs_number(7)
    for _ in range(200):
        wrong = mistyped_number(random, number)
        assert len(wrong) == len(number)
        assert wrong != number


def test_authorities_slip_less_than_the_police_and_every_issuer_differs() -> None:
    """Prevents one clerk who writes the records of the whole nation."""
    random = Random(2)
    police = [draw_habits(random, "P", "police", 1.0) for _ in range(60)]
    authorities = [draw_habits(random, "A", "authority", 1.0) for _ in range(60)]
    for slip in SLIPS:
        of_police = [each.rates[slip] for each in police]
        assert len(set(of_police)) > 50
        assert sum(of_police) > sum(each.rates[slip] for each in authorities)
