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


def test_a_nearer_match_wins_over_slack():
    """Prevents chance from deciding among matches within the entry delay."""
    near, far = ("p1", "a1", 45, False), ("p1", "a2", 60, False, 30, 48)
    assert groups_of(near, far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 47.9, False), far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 70, False, 30, 48), far).keys() == {"p1", "a2"}


def test_nothing_is_attached_by_slack():
    """Prevents a second record of a weekend from being attached to the first."""
    found = groups_of(("p1", "a1", 1, True, 0, 48), ("p2", "a1", 40, False, 10, 48))
    assert "p2" not in found


@given(EDGES)
def test_slack_adds_matches_and_takes_none_away(edges):
    """Prevents a late pair from taking an absence from a match that needed no entry delay."""
    without = groups_of(*edges)
    slack = [(*edge, 0, 48) for edge in edges]
    found = groups_of(*slack)
    assert {key for key in without if without[key][1] == "matched"} <= found.keys()
