"""Assignment where one source records when work was entered: the entry delay is a pair's own."""

from __future__ import annotations

from hypothesis import given

from tests.episodes.test_assignment import EDGES, groups_of


def test_slack_lets_its_own_pair_be_matched_and_no_other():
    """Prevents one supplier's entry delay from widening every supplier's matching."""
    late = ("p1", "a1", 80, False, 20, 48)
    assert groups_of(late)["a1"] == groups_of(late)["p1"] == ("p1", "matched_late")
    assert groups_of(late[:5]) == {}
    assert groups_of(late, ("p2", "a2", 80, False, 20)).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 97, False, 20, 48)) == {}
    assert groups_of(("p1", "a1", 80, False, 49, 48)) == {}


def test_a_match_that_needs_no_slack_is_not_late():
    """Prevents every match of a supplier with an entry delay from being called late."""
    assert groups_of(("p1", "a1", 20, False, 0, 48))["a1"] == ("p1", "matched")
    assert groups_of(("p1", "a1", 60, True, 0, 48))["a1"] == ("p1", "matched")
    assert groups_of(("p1", "a1", 20, False, 13, 48))["a1"] == ("p1", "matched_late")
    assert groups_of(("p1", "a1", 60, False, 0, 48))["a1"] == ("p1", "matched_late")


def test_a_nearer_match_wins_among_equal_entry_delays():
    """Prevents chance from deciding among matches within the entry delay."""
    far = ("p1", "a2", 60, False, 30, 48)
    assert groups_of(("p1", "a1", 45, False, 0, 48), far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 47.9, False, 0, 48), far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 70, False, 30), far).keys() == {"p1", "a2"}


def test_two_matches_within_the_entry_delay_are_better_than_one_that_is_near():
    """Prevents a weekly entry from taking the nearest absence and leaving two alone."""
    near, before = ("p2", "a1", 2, False, 0, 170), ("p1", "a1", 90, False, 89, 170)
    after = ("p2", "a2", 165, False, 164, 170)
    groups = groups_of(near, before, after)
    assert {key: group for key, (group, _) in groups.items()} == {
        "p1": "p1", "a1": "p1", "p2": "p2", "a2": "p2"
    }  # fmt: skip


def test_an_entry_made_before_the_police_know_of_it_is_not_preferred():
    """Prevents an entry of last week's absence from matching one that began just after it."""
    behind, ahead = ("p1", "a1", 90, False, 89, 170), ("p2", "a1", 3, True, 0, 0)
    groups = groups_of(behind, ahead)
    assert groups["p1"] == groups["a1"] == ("p1", "matched_late")


def test_nothing_is_attached_by_slack():
    """Prevents a second record of a weekend from being attached to the first."""
    groups = groups_of(("p1", "a1", 1, True, 0, 48), ("p2", "a1", 40, False, 10, 48))
    assert "p2" not in groups


@given(EDGES)
def test_slack_adds_matches_and_takes_none_away(edges):
    """Prevents a late pair from taking an absence from a match that needed no entry delay."""
    without = groups_of(*edges)
    slack = [(*edge, 0, 48) for edge in edges]
    groups = groups_of(*slack)
    assert {key for key in without if without[key][1] == "matched"} <= groups.keys()
