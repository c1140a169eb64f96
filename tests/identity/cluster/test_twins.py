"""The twin guard: named cases of twins, and of one child that must not be split."""

from __future__ import annotations

from datetime import date

import pytest

from register.identity.cluster import promote_links, twins
from tests.identity.people import (
    NHS,
    Case,
    care_table,
    mention,
    mention_table,
)

HOME = ["S1 1AA"]
OTHER_HOME = ["LS1 4AP"]
REFERENCE = ["police|NOM/0012326"]


def are_apart(one: str, other: str, children_found: set[frozenset[str]]) -> bool:
    """Say whether no child contains both."""
    return not any({one, other} <= child for child in children_found)


TWIN_NAMES = [
    ("Jayden|Cole", "Hayden|Cole"),
    ("Amelia|Cole", "Emilia|Cole"),
    ("Ella|Cole", "Bella|Cole"),
    ("Aaron|Cole", "Darren|Cole"),
    ("Tia|Cole", "Mia|Cole"),
    ("Tyler|Cole", "Skyler|Cole"),
    ("Mohammed Ali|Khan", "Mohammed Hassan|Khan"),
    ("Mohammed Yusuf|Khan", "Mohammed Bilal|Khan"),
    ("Jack|O'Neill", "Ryan|ONEILL"),
    ("Grace|Smith-Jones", "Faith|Smith Jones"),
    ("Daisy|Cole", "Poppy|Cole"),
    ("Oliver|Cole", "Harry|Cole"),
    ("Mary Ann|Cole", "Jane Rose|Cole"),
    ("Abdul Rahman|Noori", "Abdul Karim|Noori"),
    ("Leo|Cole", "Theo|Cole"),
    ("Maya|Cole", "Kaya|Cole"),
    ("Louis|Cole", "Thomas|Cole"),
    # One sound, or nearly, by consonants alone.
    ("Leo|Cole", "Lee|Cole"),
    ("Eve|Cole", "Ivy|Cole"),
    ("Zoe|Cole", "Sue|Cole"),
    ("Ella|Cole", "Eli|Cole"),
    ("Lily|Cole", "Leila|Cole"),
]
OF_ONE_NUMBER = {
    (one, other): Case(
        mention("a1", one, source="authority", postcodes=HOME, identifiers=[NHS]),
        mention("a2", other, source="authority", postcodes=HOME, identifiers=[NHS]),
    )
    for one, other in TWIN_NAMES
}


@pytest.mark.parametrize(("one", "other"), TWIN_NAMES)
def test_twins_stay_two_children_though_one_number_was_typed_for_both(one, other):
    """Prevents twins at one address from becoming one child, and losing half of their absences."""
    assert are_apart("a1", "a2", OF_ONE_NUMBER[one, other].children())


NAMED_BY_THE_POLICE = Case(
    mention("a1", "Jayden|Cole", source="authority", postcodes=HOME),
    mention("a2", "Hayden|Cole", source="authority", postcodes=HOME),
    mention("p1", "Jayden|Cole", "Hayden Cole", postcodes=HOME),
)


def test_twins_stay_apart_through_a_police_record_that_names_both():
    """Prevents an alias with the other twin's name from joining the two."""
    children_found = NAMED_BY_THE_POLICE.children()
    assert are_apart("a1", "a2", children_found)
    assert len(children_found) == 2


MISSPELT = Case(
    mention("a1", "Mohammed|Khan", source="authority", postcodes=HOME, identifiers=[NHS]),
    mention("p1", "Muhammad|Khan", postcodes=HOME, identifiers=[NHS]),
)


def test_one_child_whose_forename_is_misspelt_is_not_its_own_twin():
    """Prevents the twin guard from rejecting true links."""
    assert MISSPELT.children() == {frozenset({"a1", "p1"})}


def crowd_of(*names):
    """Many mentions with these names, so that they count as common forenames."""
    return [
        mention(f"x{place:03}", f"{name}|Surname {place % 26 * 'a'}x", sex=sex, born=[])
        for place, (name, sex) in enumerate(names * 25)
    ]


CHARLIE_AND_CHARLOTTE = Case(
    mention("p1", "Charlie|Evans", sex="male", postcodes=HOME),
    mention("p2", "Evans|Charlotte", postcodes=HOME),
    *crowd_of(("Charlotte", "female"), ("Zoe", "female")),
)


def test_a_girl_and_a_boy_are_twins_though_one_name_may_be_short_for_the_other():
    """Prevents Charlie and Charlotte from becoming one child because one is short for the other."""
    assert are_apart("p1", "p2", CHARLIE_AND_CHARLOTTE.children())


def at_home(*names):
    """Two records of one home and date of birth."""
    return [mention(f"p{place}", name, postcodes=HOME) for place, name in enumerate(names, 1)]


LIKE_NAMES = at_home("Amina|Cole", "Amira|Cole")
# Nobody else bears either: one is the other misspelt.
TAVINA_AND_TAVIRA = Case(*at_home("Tavina|Cole", "Tavira|Cole"))
WHERE_BOTH_ARE_COMMON = Case(*LIKE_NAMES, *crowd_of(("Amina", "female"), ("Amira", "female")))


def test_two_common_forenames_at_home_are_for_a_person_to_judge():
    """Prevents Amina and Amira, twins one letter apart, from becoming one child."""
    assert not are_apart("p1", "p2", TAVINA_AND_TAVIRA.children())
    assert are_apart("p1", "p2", WHERE_BOTH_ARE_COMMON.children())


def test_what_is_held_back_keeps_its_own_weight():
    """Prevents the weight of two records from being changed before their context is weighed."""
    children_found = WHERE_BOTH_ARE_COMMON.links()
    promoted = promote_links(WHERE_BOTH_ARE_COMMON.mentions, children_found, care_table())
    before, after = (
        next(row for row in table.to_pylist() if row["right_mention_key"] == "p2")
        for table in (children_found, promoted)
    )
    assert (after["capped_by"], after["band"]) == ("two_common_forenames", "review")
    assert after["match_weight"] == before["match_weight"]


def test_a_forename_is_common_by_its_share_and_not_by_a_count(monkeypatch):
    """Prevents a growing register from taking ever rarer names for names of their own."""
    monkeypatch.setattr(twins, "MIN_BEARERS", 2)
    monkeypatch.setattr(twins, "MIN_RATE", 0.4)
    pair = ["amina|cole"], ["amira|cole"]
    for others, is_common in ((2, True), (9, False)):
        rows = [mention(f"{name}{place}", f"{name}|Cole") for place in range(3)
                for name in ("Amina", "Amira")]  # fmt: skip
        rows += [mention(f"o{place}", "Oscar|Cole") for place in range(others - 1)]
        children_found = twins.CommonForenames(mention_table(*rows)).are_of_two(*pair)
        assert children_found is is_common


SPELLINGS = [("Aisha", "Ayesha"), ("Mohammed", "Muhammad"), ("Amy", "Amie"), ("Jakub", "Jacob")]
SPELT_TWICE = {
    (one, other): Case(
        *at_home(f"{one}|Cole", f"{other}|Cole"), *crowd_of((one, None), (other, None))
    )
    for one, other in SPELLINGS
}


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_spellings_of_one_name_are_no_twins_however_common(one, other):
    """Prevents a child spelt twice from being split once both spellings are common."""
    assert not are_apart("p1", "p2", SPELT_TWICE[one, other].children())


OF_ONE_SOUND = Case(
    mention("p1", "Daniel|Cole", sex="male", postcodes=HOME),
    mention("p2", "Danielle|Cole", sex="female", postcodes=HOME),
)


def test_a_boy_and_a_girl_of_one_sound_are_two():
    """Prevents Daniel and Danielle, twins, from becoming one child though both sexes are known."""
    assert are_apart("p1", "p2", OF_ONE_SOUND.children())


LISTED_BESIDE = Case(
    mention("p1", "Rowan|Cole", "George|Cole", postcodes=HOME, primary="Rowan|Cole"),
    mention("p2", "George|Cole", postcodes=HOME),
)
WITH_A_MIDDLE_NAME = Case(
    mention("p1", "Rowan|Cole", "Rowan George|Cole", postcodes=HOME),
    mention("p2", "Rowan|Cole", postcodes=HOME),
)


def test_a_name_beside_quite_another_may_be_a_twins():
    """Prevents a record that lists a twin's name beside its own from joining the twin."""
    assert are_apart("p1", "p2", LISTED_BESIDE.children())
    assert not are_apart("p1", "p2", WITH_A_MIDDLE_NAME.children())


SURNAME_FIRST = [
    mention("p1", "Leach|Karl", postcodes=HOME),
    mention("p2", "Leach|Lily", postcodes=HOME),
]
KARL_AND_LILY = Case(*SURNAME_FIRST)
KARL_AND_LILY_AMONG_MANY = Case(*SURNAME_FIRST, *crowd_of(("Karl", "male"), ("Lily", "female")))


def test_twins_are_two_where_both_records_put_the_surname_first():
    """Prevents a surname recorded first on both sides from being read as a shared forename."""
    assert not are_apart("p1", "p2", KARL_AND_LILY.children())
    assert are_apart("p1", "p2", KARL_AND_LILY_AMONG_MANY.children())


MISSPELT_SURNAME = Case(
    mention("p1", "Grace|Halll", postcodes=HOME, identifiers=[NHS]),
    mention("p2", "Tracey|Hall", postcodes=HOME, identifiers=[NHS]),
)


def test_twins_of_a_misspelt_surname_are_twins():
    """Prevents one letter in the surname from switching the guard off."""
    assert are_apart("p1", "p2", MISSPELT_SURNAME.children())


PLACED_TOGETHER = Case(
    mention("a1", "Jack|Smith", source="authority", postcodes=HOME),
    mention("a2", "Jackson|Smith", source="authority", postcodes=HOME),
)


def test_one_authority_does_not_look_after_a_child_twice_at_one_place():
    """Prevents twins with similar names who are placed together from becoming one child."""
    care = care_table(*[(key, "S11AA", date(2024, 1, 1), None) for key in ("a1", "a2")])
    assert are_apart("a1", "a2", PLACED_TOGETHER.children(care))
