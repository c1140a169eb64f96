"""The validation nation: what it holds, that it is the same each time, and its hard cases."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from itertools import combinations
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from register.identity.clean import MENTION_SCHEMA, clean_mentions
from register.identity.cluster import CARE_SCHEMA
from simulation.external_validation import ValidationNation, make_validation_nation
from simulation.external_validation.details import (
    home_office_reference,
    nhs_number,
    unique_pupil_number,
)
from simulation.external_validation.families import Child
from simulation.external_validation.naming import Names, are_one_name, spellings
from simulation.external_validation.parameters import GROUPS
from simulation.external_validation.planted import RATE_OF_CLASS
from simulation.external_validation.validation_nation import people_of_seed

CHILDREN, SEED = 2500, 5


@cache
def _nation() -> ValidationNation:
    return make_validation_nation(CHILDREN, SEED)


def _children(nation: ValidationNation) -> dict[str, dict[str, object]]:
    return {row["child_key"]: row for row in nation.truth.to_pylist()}


def _values(table: pa.Table, name: str) -> list[object]:
    return table[name].to_pylist()


def test_a_seed_gives_the_same_nation_and_another_seed_another() -> None:
    """Prevents figures that nobody can reproduce, or seeds that measure one nation again."""
    again = make_validation_nation(400, 3)
    once = make_validation_nation(400, 3)
    for name in ("collected", "care", "truth"):
        assert getattr(again, name).equals(getattr(once, name)), name
    other = make_validation_nation(400, 4)
    assert other.parameters.rates != again.parameters.rates
    assert other.collected["primary_name"] != again.collected["primary_name"]


def test_a_nation_too_small_for_its_classes_is_refused() -> None:
    """Prevents figures of a nation in which the hard cases are most of the children."""
    with pytest.raises(ValueError, match="at least"):
        make_validation_nation(10, 1)


def test_collected_mentions_are_cleaned_by_the_production_code() -> None:
    """Prevents a nation that only its own code can read."""
    nation = _nation()
    mentions = clean_mentions(nation.collected)
    assert mentions.schema == MENTION_SCHEMA
    assert mentions.num_rows == nation.truth.num_rows
    assert set(_values(mentions, "mention_key")) == set(_values(nation.truth, "mention_key"))
    named = sum(name is not None for name in _values(mentions, "primary_name"))
    dated = sum(bool(dates) for dates in _values(mentions, "birth_dates"))
    placed = sum(bool(codes) for codes in _values(mentions, "postcodes"))
    assert named > 0.97 * mentions.num_rows
    assert sum(bool(names) for names in _values(mentions, "names")) >= named
    assert 0.85 * mentions.num_rows < dated < mentions.num_rows
    assert 0.75 * mentions.num_rows < placed < mentions.num_rows
    # A number that cleaning refuses was mistyped: most are not.
    raw = sum(map(len, _values(nation.collected, "identifiers")))
    kept = sum(map(len, _values(mentions, "identifiers")))
    assert 0.97 * raw < kept < raw


def test_care_has_the_columns_of_the_warehouse_and_the_placement_type() -> None:
    """Prevents guards that cannot read where a child was placed."""
    nation = _nation()
    assert nation.care.select(CARE_SCHEMA.names).schema == CARE_SCHEMA
    codes = Counter(_values(nation.care, "placement_type_code"))
    assert {"P1", "U4", "U6", "K2", "H5"} <= set(codes)
    assert set(_values(nation.care, "mention_key")) == {
        row["mention_key"] for row in nation.collected.to_pylist() if row["source"] == "authority"
    }


def test_every_group_and_every_planted_class_is_present() -> None:
    """Prevents a mechanism of error that the nation promises and does not have."""
    nation = _nation()
    summary = nation.summary()
    assert set(summary["children_by_group"]) == set(GROUPS.values())
    assert all(count >= 10 for count in summary["children_by_group"].values())
    assert summary["planted"] == {
        planted: max(1, round(CHILDREN * nation.parameters.rates[rate]))
        for planted, rate in sorted(RATE_OF_CLASS.items())
    }
    assert all(count >= 2 for count in summary["planted"].values())
    rows = list(_children(nation).values())
    looked_after = [row for row in rows if row["is_looked_after"]]
    with_parents = sum(bool(row["is_placed_with_parents"]) for row in looked_after)
    assert 0.03 < with_parents / len(looked_after) < 0.16
    twins = sum(row["twin_child_key"] is not None for row in rows)
    assert 0.02 < twins / len(rows) < 0.055
    alone = sum(bool(row["is_unaccompanied"]) for row in rows)
    assert 0.02 < alone / len(rows) < 0.05
    assert any(row["adoption_pair_child_key"] for row in rows)


def test_twins_share_their_birth_date_and_never_their_forename() -> None:
    """Prevents a truth in which nobody could tell two children apart."""
    nation = _nation()
    children = _true_children()
    twins = [child for child in children.values() if child.twin_of]
    assert len(twins) > 50
    for child in twins:
        twin = children[child.twin_of]
        assert twin.twin_of == child.key
        assert (twin.born, twin.home) == (child.born, child.home)
        assert twin.name.called != child.name.called
    assert nation.truth["twin_child_key"].null_count < nation.truth.num_rows


def test_no_two_children_of_a_family_have_one_name_and_birth_date() -> None:
    """Prevents siblings that are one child by everything that is ever recorded."""
    families = defaultdict(list)
    for child in _true_children().values():
        families[child.family_key].append((child.name.called, child.born))
    assert any(len(each) > 3 for each in families.values())
    for members in families.values():
        assert len(set(members)) == len(members)
        for (name, one), (another, other) in combinations(members, 2):
            assert one == other or abs((one - other).days) > 200
            assert not are_one_name(name, another)


@cache
def _true_children() -> dict[str, Child]:
    """The children behind the nation."""
    return {child.key: child for child in people_of_seed(CHILDREN, SEED)[0].children}


def test_a_stranger_is_of_another_force_and_has_one_name_and_date() -> None:
    """Prevents planted strangers that an address could tell apart or that are no strangers."""
    children = _true_children()
    by_name = defaultdict(list)
    for child in children.values():
        by_name[child.name, child.born].append(child)
    strangers = [child for child in children.values() if child.planted_class == "stranger"]
    assert strangers
    for child in strangers:
        others = [each for each in by_name[child.name, child.born] if each is not child]
        assert others
        assert all(each.family_key != child.family_key for each in others)
        assert child.authority.force not in {
            each.authority.force for each in others if each.planted_class is None
        }


def _records(planted: str) -> list[dict[str, Any]]:
    """The police records of the children of a planted class, with what is true of them."""
    truth = {row["mention_key"]: row for row in _nation().truth.to_pylist()}
    return [
        row | truth[row["mention_key"]]
        for row in _nation().collected.to_pylist()
        if row["source"] == "police" and truth[row["mention_key"]]["planted_class"] == planted
    ]


def test_a_namesake_of_the_district_or_home_is_recorded_without_a_date() -> None:
    """Prevents namesakes whose dates of birth tell them apart."""
    children = _true_children()
    for planted in ("district_namesake", "home_namesake"):
        records = _records(planted)
        assert records, planted
        for row in records:
            child = children[row["child_key"]]
            others = [
                each
                for each in children.values()
                if each.name == child.name and each is not child and each.born != child.born
            ]
            assert others
            assert row["birth_dates"] == []
            if planted == "home_namesake":
                homes = {period.place for each in others for period in each.care}
                assert child.care[0].place in homes
            else:
                districts = {each.home.split(" ")[0] for each in others}
                assert child.home.split(" ")[0] in districts


def test_a_sibling_recorded_by_age_has_the_name_of_another_as_alias() -> None:
    """Prevents the case of an age and another's name among the aliases from being left out."""
    children = _true_children()
    records = _records("sibling_alias")
    assert records
    for row in records:
        siblings = {each.name.called for each in children[row["child_key"]].siblings}
        assert row["birth_dates"] == []
        assert row["birth_date_earliest"] < row["birth_date_latest"]
        assert any(name.startswith(tuple(siblings)) for name in row["names"] if "|" not in name)


def test_a_twin_that_only_police_know_has_a_twin_placed_with_the_parents() -> None:
    """Prevents twins of whom either is explained by an authority's list."""
    children = _true_children()
    twins = [child for child in children.values() if child.planted_class == "parent_twin"]
    assert twins
    for child in twins:
        other = children[child.twin_of]
        assert not child.care
        assert {period.placement_type_code for period in other.care} == {"P1"}
        assert {period.place for period in other.care} == {child.home}


def test_an_adopted_child_is_another_person_of_one_birth_date() -> None:
    """Prevents a child before and after its adoption from counting as a pair to be found."""
    children = _true_children()
    adopted = [child for child in children.values() if child.known_after]
    assert adopted
    for child in adopted:
        before = children[child.adoption_pair]
        assert before.adoption_date == child.known_after
        assert (before.born, before.name.called) == (child.born, child.name.called)
        assert before.name.family != child.name.family
    keys = {row["child_key"] for row in _nation().truth.to_pylist()}
    assert {child.key for child in adopted} <= keys


def test_unaccompanied_children_are_often_born_on_the_first_of_january() -> None:
    """Prevents default and disputed dates, the hardest of this group, from being left out."""
    alone = [child for child in _true_children().values() if child.is_unaccompanied]
    defaults = sum((each.paper_dates[0].month, each.paper_dates[0].day) == (1, 1) for each in alone)
    disputed = sum(len(each.paper_dates) > 1 for each in alone)
    assert 0.3 < defaults / len(alone) < 0.75
    assert 0.15 < disputed / len(alone) < 0.55


def test_english_names_are_as_concentrated_as_they_are() -> None:
    """Prevents a nation of rare names, in which any two that agree are one child."""
    names = Names(Random(1))
    boys = Counter(names.draw_given("english", "male", 2012) for _ in range(20_000))
    surnames = Counter(names.draw_family("english").surname for _ in range(20_000))
    assert 0.01 < max(boys.values()) / 20_000 < 0.03
    assert 0.008 < surnames["Smith"] / 20_000 < 0.018
    assert len(surnames) > 2000


def test_numbers_have_the_check_digits_that_cleaning_asks_for() -> None:
    """Prevents numbers that production refuses, so that none is ever compared."""
    numbers = [f"nhs|{nhs_number(number)}" for number in range(200)]
    numbers += [f"upn|{unique_pupil_number(number)}" for number in range(200)]
    numbers += [f"home_office|{home_office_reference(number)}" for number in range(200)]
    collected = _nation().collected.slice(0, 1)
    place = collected.column_names.index("identifiers")
    listed = pa.array([numbers], collected.schema.field("identifiers").type)
    cleaned = clean_mentions(collected.set_column(place, "identifiers", listed))
    assert len(cleaned["identifiers"][0]) == len(numbers)


def test_each_listed_name_has_other_spellings() -> None:
    """Prevents a row of the spellings that changes nothing."""
    assert all(others for others in spellings().values())
    assert "Muhammad" in spellings()["mohammed"]
