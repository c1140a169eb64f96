"""Every level of every comparison has an example pair that is on no closer level."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from register.identity.clean import CROWDED_HOLDERS
from register.identity.score import comparisons
from tests.identity.linkage_people import level_of, levels_of, new_person

HERE, THERE = "S11AA", "LE26BB"


@cache
def levels_of_cases(name: str) -> dict[str, str]:
    """The level of each two values of a comparison's list, all compared in one run."""
    cases, record = LISTS[name]
    pairs = [(record("a", left), record("b", right)) for _, left, right in cases]
    labels = levels_of(COMPARISONS[name], pairs)
    return {f"{left} {right}": level for (_, left, right), level in zip(cases, labels, strict=True)}


FORENAMES = [
    ("same", "aisha|harlow", "aisha|harlow"),
    ("swapped_with_surname", "aisha|harlow", "harlow|aisha"),
    ("nearly_swapped", "aisha|harlow", "harlowe|aisha"),
    ("another_forename", "mary ann|harlow", "maryann|harlow"),
    ("nickname", "william|harlow", "bill|harlow"),
    ("one_letter_off", "jayden|harlow", "jaydan|harlow"),
    ("one_letter_off", "jayden|harlow", "jadyen|harlow"),
    ("initial_or_part", "mo|harlow", "mohammed|harlow"),
    ("initial_or_part", "a|harlow", "aisha|harlow"),
    # A particle is no name: Thi Hoa is Hoa, and here the family's name comes first.
    ("swapped_with_surname", "thi hoa|nguyen", "nguyen thi|hoa"),
    ("same", "van hung|nguyen", "hung|nguyen"),
    ("differs", "van hung|nguyen", "van tuan|nguyen"),
    ("same_sound", "yusuf|harlow", "youssef|harlow"),
    ("same_sound", "mohammed|harlow", "muhamad|harlow"),
    # All names in another order, or a middle name used as the first.
    ("same_tokens", "minh trang|dang", "trang minh|dahng"),
    ("same_tokens", "hadi karim|noori", "karim noori|hadi"),
    ("within_the_names", "fern|harlow", "angelina fern|harlow"),
    ("within_the_names", "karim|noori", "hadi karim|noori"),
    # Brothers have all names but their own in common.
    ("similar", "hadi karim|noori", "latif karim|noori"),
    ("differs", "hadi karim|noori", "omar karim|noori"),
    ("similar", "marlena|harlow", "marlowe|harlow"),
    ("differs", "jayden|harlow", "aisha|harlow"),
    ("not_known", "|harlow", "aisha|harlow"),
]


@pytest.mark.parametrize(("level", "left", "right"), FORENAMES)
def test_each_forename_level_has_its_pair(level: str, left: str, right: str) -> None:
    """Prevents an error mode of a forename from being weighed as another, or as none."""
    assert levels_of_cases("forename")[f"{left} {right}"] == level


SURNAMES = [
    ("same", "aisha|harlow", "aisha|harlow"),
    ("same", "aisha|o harlow", "aisha|oharlow"),
    ("half_of_double_barrelled", "aisha|harlow bright", "aisha|bright"),
    ("one_letter_off", "aisha|harlow", "aisha|harlaw"),
    ("same_sound", "aisha|qureshi", "aisha|koreishi"),
    # A father's name as the surname, and the family's.
    ("not_weighed", "hadi|karim", "hadi karim|noori"),
    ("not_weighed", "hadi karim|", "hadi|karim noori"),
    ("differs", "hadi karim|noori", "hadi latif|barzani"),
    ("similar", "aisha|thorwick", "aisha|thorpewell"),
    ("differs", "aisha|harlow", "aisha|bright"),
    ("not_weighed", "aisha|", "aisha|harlow"),
    # Weighed with the forename, and once only: the names are swapped, or compared as a whole.
    ("not_weighed", "aisha|harlow", "harlow|aisha"),
    ("not_weighed", "karim|noori", "hadi karim|noori"),
    ("not_weighed", "hadi karim|noori", "karim hadi|noori"),
    # Part of a forename is a level of its own, so the surname counts.
    ("same", "mo|harlow", "mohammed|harlow"),
    ("same", "hadi|noori", "hadi karim|noori"),
    # Without a forename there is no whole name, and the surname is all there is.
    ("same", "|karim noori", "hadi|karim noori"),
]


@pytest.mark.parametrize(("level", "left", "right"), SURNAMES)
def test_each_surname_level_has_its_pair(level: str, left: str, right: str) -> None:
    """Prevents an error mode of a surname from being weighed as another, or as none."""
    assert levels_of_cases("surname")[f"{left} {right}"] == level


def test_an_alias_matches_the_name_of_another_record() -> None:
    """Prevents a child known by two names from being two children."""
    left = new_person("a", names=["aisha|harlow", "zoe|bright"])
    right = new_person("b", names=["zoe|bright"])
    assert level_of(comparisons.compare_forenames(), left, right) == "another_forename"
    assert level_of(comparisons.compare_surnames(), left, right) == "another_surname"


BIRTH_DATES = [
    ("same", ["20100514"], ["20100514"]),
    ("default_day", ["20100101"], ["20100101"]),
    ("default_day", ["20100701"], ["20100701"]),
    ("default_day", ["20100321"], ["20100321"]),
    ("default_day", ["20100911"], ["20100911"]),
    # A real date of birth counts before a default one.
    ("same", ["20100101", "20100514"], ["20100101", "20100514"]),
    ("another_date", ["20100514", "20120803"], ["20120803"]),
    ("day_month_swapped", ["20100412"], ["20101204"]),
    ("year_near", ["20100514"], ["20110514"]),
    ("year_near", ["20091231"], ["20101231"]),
    ("one_digit_off", ["20100514"], ["20100517"]),
    ("one_digit_off", ["20100514"], ["20100541"]),
    ("default_against_day", ["20100101"], ["20101127"]),
    ("default_against_day", ["20100101"], ["20091127"]),
    # 29 Tahsas 2002, the Ethiopian Christmas, with its year alone converted.
    ("another_calendar", ["20100107"], ["20090429"]),
    ("another_calendar", ["20090429"], ["20100107"]),
    ("differs", ["20100107"], ["20090528"]),
    ("age_disputed", ["20100101"], ["20081127"]),
    ("age_disputed", ["20061127"], ["20100101"]),
    ("differs", ["20051127"], ["20100101"]),
    ("two_parts_equal", ["20100514"], ["20100529"]),
    ("two_parts_equal", ["20090514"], ["20130514"]),
    ("differs", ["20100514"], ["20081103"]),
]


@pytest.mark.parametrize(("level", "left", "right"), BIRTH_DATES)
def test_each_birth_date_level_has_its_pair(level: str, left: list[str], right: list[str]) -> None:
    """Prevents an error mode of a date of birth from being weighed as another, or as none."""
    assert levels_of_cases("birth_date")[f"{left} {right}"] == level


@pytest.mark.parametrize(
    ("level", "years"),
    [("age_agrees", (2009, 2010)), ("differs", (2012, 2013)), ("not_known", (None, None))],
)
def test_an_age_is_compared_with_the_year_of_birth(level: str, years: tuple[Any, Any]) -> None:
    """Prevents a record with an age alone from counting as a date that differs."""
    left, right = new_person("a"), new_person("b", born=[], years=years)
    assert level_of(comparisons.compare_birth_dates(), left, right) == level


POSTCODES = [
    ("shares_postcode", [THERE, HERE], [HERE]),
    ("one_character_off", [HERE], ["S11AB"]),
    ("shares_district", ["S11AA"], ["S19ZZ"]),
    ("differs", [HERE], [THERE]),
    ("not_known", [], [HERE]),
]


@pytest.mark.parametrize(("level", "left", "right"), POSTCODES)
def test_each_postcode_level_has_its_pair(level: str, left: list[str], right: list[str]) -> None:
    """Prevents an old or mistyped address from counting as another place, or as the same."""
    assert levels_of_cases("postcode")[f"{left} {right}"] == level


def test_a_family_is_weighed_once_with_surname_and_address_together() -> None:
    """Prevents siblings from being linked by surname and address counted separately."""
    left, right = (
        new_person("a", postcodes=[HERE]),
        new_person("b", "zoe|harlow", postcodes=[HERE]),
    )
    assert level_of(comparisons.compare_postcodes(), left, right) == "shares_postcode_and_surname"
    assert level_of(comparisons.compare_surnames(), left, right) == "not_weighed"
    elsewhere = new_person("b", "zoe|harlow", postcodes=[THERE])
    assert level_of(comparisons.compare_surnames(), left, elsewhere) == "same"


def test_a_truncated_postcode_matches_its_district() -> None:
    """Prevents an outward code alone from being ignored."""
    left = new_person("a", postcodes=[HERE], districts=["S1"])
    right = new_person("b", districts=["S1"])
    assert level_of(comparisons.compare_postcodes(), left, right) == "shares_district"


def test_a_postcode_of_many_children_is_weighed_apart() -> None:
    """Prevents the residents of one children's home from being linked by their address."""
    many = [
        new_person(f"m{each}", postcodes=[HERE], districts=["S1"])
        for each in range(CROWDED_HOLDERS)
    ]
    left, right = (new_person(key, postcodes=[HERE], districts=["S1"]) for key in "ab")
    assert level_of(comparisons.compare_postcodes(), left, right) == "shares_postcode_and_surname"
    assert level_of(comparisons.compare_postcodes(), left, right, *many) == "shares_crowded"


SEXES = [("same", "male", "male"), ("differs", "male", "female"), ("not_known", None, "female")]


@pytest.mark.parametrize(("level", "left", "right"), SEXES)
def test_each_sex_level_has_its_pair(level: str, left: str | None, right: str | None) -> None:
    """Prevents a missing sex from counting against a pair."""
    assert levels_of_cases("sex")[f"{left} {right}"] == level


IDENTIFIERS = [
    ("shared_nhs_number", ["nhs|9434765919"], ["nhs|9434765919", "upn|X"]),
    ("shared_upn", ["upn|A1"], ["upn|A1"]),
    ("shared_home_office_reference", ["home_office|1234567"], ["home_office|1234567"]),
    ("shared_police_reference", ["police|AB12"], ["police|AB12"]),
    ("identifiers_differ", ["nhs|9434765919"], ["nhs|4010232137"]),
    ("not_known", ["nhs|9434765919"], ["upn|A1"]),
    ("not_known", ["police|AB12"], ["police|CD34"]),
    ("not_known", [], ["nhs|9434765919"]),
]


@pytest.mark.parametrize(("level", "left", "right"), IDENTIFIERS)
def test_each_identifier_level_has_its_pair(level: str, left: list[str], right: list[str]) -> None:
    """Prevents a second police reference from counting as a conflict of identity."""
    assert levels_of_cases("identifier")[f"{left} {right}"] == level


NAMES = {"a": "aisha|harlow", "b": "zoe|bright"}
COMPARISONS = {
    comparison["output_column_name"]: comparison
    for comparison in comparisons.build_comparisons(comparisons.ComparisonPlan())
}
LISTS: dict[str, tuple[list[Any], Callable[[str, Any], dict[str, Any]]]] = {
    "forename": (FORENAMES, new_person),
    "surname": (SURNAMES, new_person),
    "birth_date": (BIRTH_DATES, lambda key, born: new_person(key, born=born)),
    "postcode": (POSTCODES, lambda key, codes: new_person(key, NAMES[key], postcodes=codes)),
    "sex": (SEXES, lambda key, sex: new_person(key, sex=sex)),
    "identifier": (IDENTIFIERS, lambda key, numbers: new_person(key, identifiers=numbers)),
}
