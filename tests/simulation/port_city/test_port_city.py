"""The port city: the same each time, readable, with the errors that it is made for."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from itertools import combinations
from random import Random

import pytest

from register.identity.clean import MENTION_SCHEMA, clean_mentions
from simulation.labelled_tables import LabelledTables
from simulation.port_city import make_port_city
from simulation.port_city.calendars import (
    convert_badly,
    to_ethiopian,
    to_hijri,
    to_solar_hijri,
)
from simulation.port_city.residents import FAMILIES, GROUPS, name_lists
from simulation.port_city.romanise import ENGLISH, FRENCH, SCHEMES, romanise

CHILDREN = 1500


@cache
def _city() -> LabelledTables:
    return make_port_city(CHILDREN, 5)


def test_a_seed_gives_the_same_city_and_another_seed_another() -> None:
    """Prevents figures that nobody can reproduce, or seeds that measure one city again."""
    once, again, other = (make_port_city(300, seed) for seed in (3, 3, 4))
    assert once == again
    assert once.collected["primary_name"] != other.collected["primary_name"]


def test_records_are_cleaned_by_the_production_code() -> None:
    """Prevents a city that only its own code can read."""
    city = _city()
    mentions = clean_mentions(city.collected)
    assert mentions.schema == MENTION_SCHEMA
    assert mentions.num_rows == city.truth.num_rows
    raw, kept = (
        sum(map(len, table["identifiers"].to_pylist())) for table in (city.collected, mentions)
    )
    assert kept == raw
    dated = sum(bool(dates) for dates in mentions["birth_dates"].to_pylist())
    assert 0.9 * mentions.num_rows < dated < mentions.num_rows


def test_one_child_in_seven_arrived_alone() -> None:
    """Prevents figures of unaccompanied children that rest on a few."""
    children = {row["child_key"]: row for row in _city().truth.to_pylist()}
    alone = sum(row["is_unaccompanied"] for row in children.values())
    assert alone == round(0.14 * CHILDREN)
    assert {row["group_code"] for row in children.values()} <= set(GROUPS.values())


def test_strangers_of_one_name_and_date_are_planted_only_on_request() -> None:
    """Prevents a headline from a city in which strangers meet more often than in life."""
    assert set(_city().truth["planted_class"].to_pylist()) == {None}
    rows = make_port_city(400, 3, strangers=0.05).truth.to_pylist()
    assert len({row["child_key"] for row in rows if row["planted_class"] == "stranger"}) == 20


def test_records_of_a_child_who_arrived_alone_disagree_on_dates_and_spellings() -> None:
    """Prevents a city without the errors for which it was made."""
    city = _city()
    mentions = {row["mention_key"]: row for row in city.collected.to_pylist()}
    by_child = defaultdict(list)
    for row in city.truth.to_pylist():
        by_child[row["child_key"], row["is_unaccompanied"]].append(mentions[row["mention_key"]])
    shares = {}
    for is_alone in (True, False):
        pairs = [
            pair
            for (_, alone), records in by_child.items()
            if alone is is_alone
            for pair in combinations(records, 2)
        ]
        other_dates = sum(one["birth_dates"] != other["birth_dates"] for one, other in pairs)
        other_names = sum(not set(one["names"]) & set(other["names"]) for one, other in pairs)
        shares[is_alone] = (other_dates / len(pairs), other_names / len(pairs))
    assert shares[True][0] > 0.3
    assert shares[False][0] < 0.2
    assert shares[True][1] > 0.6 > shares[False][1]


@pytest.mark.parametrize(
    ("convert", "day", "stated"),
    [
        (to_ethiopian, date(2007, 9, 12), (2000, 1, 1)),
        (to_ethiopian, date(2007, 9, 11), (1999, 13, 6)),
        (to_ethiopian, date(2024, 9, 11), (2017, 1, 1)),
        (to_solar_hijri, date(2024, 3, 20), (1403, 1, 1)),
        (to_solar_hijri, date(2024, 3, 19), (1402, 12, 29)),
        (to_solar_hijri, date(2017, 3, 21), (1396, 1, 1)),
        (to_solar_hijri, date(2008, 3, 20), (1387, 1, 1)),
        (to_solar_hijri, date(2009, 3, 20), (1387, 12, 30)),
        (to_hijri, date(2008, 1, 10), (1429, 1, 1)),
    ],
)
def test_calendars_are_those_of_their_countries(
    convert: object, day: date, stated: tuple[int, int, int]
) -> None:
    """Prevents invented conversions: new years and leap days of each calendar."""
    assert callable(convert)
    assert convert(day) == stated


def test_an_office_that_does_not_know_the_day_writes_a_default() -> None:
    """Prevents default days that no office writes."""
    random = Random(1)
    born = date(2008, 5, 17)
    days = {
        (each.month, each.day)
        for _ in range(60)
        for each in [convert_badly(random, born, "solar_hijri", knows_day=False)]
    }
    assert days == {(1, 1), (3, 21)}


def test_a_name_by_sound_is_spelt_by_the_scheme_of_the_clerk() -> None:
    """Prevents one spelling of names that have no right one."""
    assert romanise(Random(1), "yUsuf", ENGLISH, unusual=0) == "Yusuf"
    assert romanise(Random(1), "yUsuf", FRENCH, unusual=0) == "Yousouf"
    every = {romanise(Random(seed), "3abdul+raHmAn", ENGLISH) for seed in range(40)}
    assert {"Abdulrahman", "Abdul Rahman"} <= every


def test_every_system_has_names_and_every_sound_a_spelling() -> None:
    """Prevents letters of the notation that reach a record."""
    for system, lists in name_lists().items():
        assert system in GROUPS
        assert all(lists[kind].split() for kind in ("male", "female", "family"))
        assert bool(lists.get("sounds")) is (system in SCHEMES)
    assert sum(FAMILIES.values()) == pytest.approx(1)
    sounds = Random(2)
    for system, schemes in SCHEMES.items():
        for kind in ("male", "female", "family"):
            for name in name_lists()[system][kind].replace("_", " ").split():
                for scheme in schemes:
                    written = romanise(sounds, name, scheme)
                    assert written.replace("-", "").replace(" ", "").isalpha(), written
                    assert written == written.title() or "-" in written, written
