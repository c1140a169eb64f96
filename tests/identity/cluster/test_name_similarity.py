"""Likeness of forenames, on which the twin guard rests."""

from __future__ import annotations

import pytest

from register.identity.cluster.name_similarity import (
    are_any_similar,
    are_forenames_similar,
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
    ],
)
def test_spellings_of_one_forename_are_alike_both_ways(one, other):
    """A child whose name is misspelt is taken for its own twin and never linked."""
    assert are_forenames_similar(one, other)
    assert are_forenames_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("jayden", "hayden"), ("amelia", "emilia"), ("mohammed ali", "mohammed hassan")],
)
def test_names_that_brothers_and_sisters_bear_are_unlike(one, other):
    """Twins with rhyming names become one child."""
    assert not are_forenames_similar(one, other)


def test_an_empty_set_of_names_tells_nobody_apart():
    """A record without a forename is declared somebody else."""
    assert are_any_similar([], ["amelia"])
