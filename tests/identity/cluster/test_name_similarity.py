"""Similarity of forenames, which the twin guard uses."""

from __future__ import annotations

import pytest

from register.identity.cluster.name_similarity import (
    are_any_similar,
    are_forenames_similar,
    are_of_one_name,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amelia", "amelia"),
        ("william", "bill"),
        ("j", "jack"),
        ("mohammed", "muhammad"),
        ("katherine", "kathrine"),
        ("alex", "alexander"),
        ("mary jane", "mary"),
        ("rose", "amelia rose"),
        ("heidi mae", "heidimae elsie"),
        ("aisha", "ayesha"),
    ],
)
def test_spellings_of_one_forename_are_similar_both_ways(one, other):
    """Prevents a child with a misspelt name from being taken for its own twin and never linked."""
    assert are_forenames_similar(one, other)
    assert are_forenames_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("jayden", "hayden"), ("amelia", "emilia"), ("mohammed ali", "mohammed hassan")],
)
def test_names_of_brothers_and_sisters_are_not_similar(one, other):
    """Prevents twins with rhyming names from becoming one child."""
    assert not are_forenames_similar(one, other)


def test_an_empty_set_of_names_shows_no_difference():
    """Prevents a record without a forename from being taken for another child."""
    assert are_any_similar([], ["amelia"])


@pytest.mark.parametrize(("one", "other"), [("siobhan", "shivaun"), ("wojtek", "voytek")])
def test_listed_spellings_are_of_one_name(one: str, other: str) -> None:
    """Prevents a listed spelling from being taken for a twin's name."""
    assert are_of_one_name(one, other)
    assert are_forenames_similar(one, other)
