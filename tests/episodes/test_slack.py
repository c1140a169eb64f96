"""Assignment where one side writes when work was done: slack is a pair's own."""

from __future__ import annotations

from hypothesis import given

from tests.episodes.test_assignment import EDGES, groups_of


def test_slack_lets_its_own_pair_be_matched_and_no_other():
    """One supplier's slack widens the matching of them all, or is not used."""
    late = ("p1", "a1", 80, False, 20, 48)
    assert groups_of(late)["a1"] == groups_of(late)["p1"] == ("p1", "matched_late")
    assert groups_of(late[:5]) == {}
    assert groups_of(late, ("p2", "a2", 80, False, 20)).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 97, False, 20, 48)) == {}
    assert groups_of(("p1", "a1", 80, False, 49, 48)) == {}


def test_a_match_that_needs_no_slack_is_not_late():
    """Every match of a supplier with slack is said to be widened."""
    assert groups_of(("p1", "a1", 20, False, 0, 48))["a1"] == ("p1", "matched")
    assert groups_of(("p1", "a1", 60, True, 0, 48))["a1"] == ("p1", "matched")
    assert groups_of(("p1", "a1", 20, False, 13, 48))["a1"] == ("p1", "matched_late")
    assert groups_of(("p1", "a1", 60, False, 0, 48))["a1"] == ("p1", "matched_late")


def test_a_nearer_match_wins_over_slack():
    """Within slack every distance is the same, and chance decides."""
    near, far = ("p1", "a1", 45, False), ("p1", "a2", 60, False, 30, 48)
    assert groups_of(near, far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 47.9, False), far).keys() == {"p1", "a1"}
    assert groups_of(("p1", "a1", 70, False, 30, 48), far).keys() == {"p1", "a2"}


def test_nothing_is_attached_by_slack():
    """A second record of a weekend is swallowed by the first."""
    found = groups_of(("p1", "a1", 1, True, 0, 48), ("p2", "a1", 40, False, 10, 48))
    assert "p2" not in found


@given(EDGES)
def test_slack_adds_matches_and_takes_none_away(edges):
    """Slack lets a late pair take an absence from a match that stood without it."""
    without = groups_of(*edges)
    slack = [(*edge, 0, 48) for edge in edges]
    found = groups_of(*slack)
    assert {key for key in without if without[key][1] == "matched"} <= found.keys()
