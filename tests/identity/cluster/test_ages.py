"""An age is the interval of the dates of birth that it leaves, and ends on the birthday."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from register.identity.cluster import promote_links
from tests.identity.people import BORN, Case, care_table, mention

HOME, NEXT_STREET = ["S1 1AA"], ["S1 9ZZ"]
EXCLUDED = "age_excludes_birth_date"
# What a police record leaves of a child born on 14 May 2010 (`int_mentions` has these bounds).
AGED_15_ON_THE_DAY_BEFORE = {"born_from": date(2010, 5, 14), "born_to": date(2011, 5, 13)}
AGED_15_ON_THE_BIRTHDAY = {"born_from": date(2010, 5, 15), "born_to": date(2011, 5, 14)}
AGED_16_ON_THE_DAY_BEFORE = {"born_from": date(2009, 5, 14), "born_to": date(2010, 5, 13)}
AGED_16_ON_THE_BIRTHDAY = {"born_from": date(2009, 5, 15), "born_to": date(2010, 5, 14)}


def pair_by_age(age: dict[str, date], lives: list[str] = NEXT_STREET, **other: Any) -> Case:
    """A police record of an age, and an authority's of a date of birth or what `other` says."""
    return Case(
        mention("m1", "Oswin|Harlow", born=[], postcodes=HOME, **age),
        mention("m2", "Oswin|Harlow", source="authority", postcodes=lives, **other),
    )


def find_fate(case: Case) -> tuple[str, str | None]:
    """The band and the cap of the only pair."""
    (link,) = promote_links(case.mentions, case.links(), care_table()).to_pylist()
    return link["band"], link["capped_by"]


@pytest.mark.parametrize(
    ("case", "expected_fate"),
    [
        (pair_by_age(AGED_15_ON_THE_DAY_BEFORE), ("link", None)),
        (pair_by_age(AGED_15_ON_THE_BIRTHDAY), ("review", EXCLUDED)),
        (pair_by_age(AGED_16_ON_THE_DAY_BEFORE), ("review", EXCLUDED)),
        (pair_by_age(AGED_16_ON_THE_BIRTHDAY), ("link", None)),
    ],
    ids=["15 on the day before", "15 on the birthday", "16 on the day before",
         "16 on the birthday"],
)  # fmt: skip
def test_an_age_agrees_up_to_the_birthday_and_no_further(
    case: Case, expected_fate: tuple[str, str | None]
) -> None:
    """Prevents a child of 15 from being linked to one that was 16 already in the same year."""
    assert find_fate(case) == expected_fate


OTHER_AGE = pair_by_age(AGED_15_ON_THE_BIRTHDAY, born=[], **AGED_16_ON_THE_DAY_BEFORE)
SAME_AGE = pair_by_age(AGED_15_ON_THE_BIRTHDAY, born=[], **AGED_15_ON_THE_DAY_BEFORE)


def test_two_ages_that_no_date_of_birth_fits_do_not_agree() -> None:
    """Prevents two ages from agreeing because both leave days of one year."""
    assert find_fate(OTHER_AGE) == ("review", EXCLUDED)
    assert find_fate(SAME_AGE) == ("link", None)


@pytest.mark.parametrize(
    "case",
    [
        pair_by_age(AGED_15_ON_THE_BIRTHDAY, HOME),
        # One of the dates that an authority recorded is possible.
        pair_by_age(AGED_15_ON_THE_BIRTHDAY, born=[BORN, date(2010, 6, 14)]),
        # Neither date nor age of one.
        pair_by_age({}, HOME),
    ],
    ids=["an age a day out at home", "one of two dates", "no date and no age"],
)
def test_an_age_excludes_nothing_that_it_leaves_possible(case: Case) -> None:
    """Prevents a clerk's slip of a day from hiding a child that lives at the same address."""
    assert find_fate(case) == ("link", None)
