"""Candidate splits: weakly connected pairs within a child, and the sides of each split."""

from __future__ import annotations

from hypothesis import given

from register.identity.cluster import cluster_mentions, find_candidate_splits
from tests.identity.cluster.nine_mentions import LINKS, MENTIONS, PAIRS, link_table

SURE = 3.5


def find_splits(links, weak, cannot_link=()):
    """Each weakly connected pair of a child with the mentions on either side, or neither."""
    sides_by_pair = {}
    table = find_candidate_splits(
        MENTIONS,
        link_table(links),
        link_table([(pair, 0) for pair in cannot_link]),
        link_table([(pair, 0) for pair in weak]),
        SURE,
    )
    for row in table.to_pylist():
        pair = (row["left_mention_key"], row["right_mention_key"])
        sides = sides_by_pair.setdefault(pair, {"left": set(), "right": set(), "neither": set()})
        sides[row["side_code"]].add(row["mention_key"])
    return sides_by_pair


def test_a_weakly_connected_pair_within_a_child_is_split_at_the_weakest_link():
    """Prevents two dissimilar records in one child from never being shown to a reviewer."""
    links = [(("m3", "m2"), 9), (("m2", "m1"), 4), (("m1", "m0"), 9), (("m5", "m6"), 9)]
    assert find_splits(links, [("m3", "m0"), ("m5", "m8")]) == {
        ("m0", "m3"): {"left": {"m0", "m1"}, "right": {"m2", "m3"}, "neither": set()}
    }


def test_a_record_that_fits_both_sides_equally_is_on_neither():
    """Prevents the impact of a split from depending on a record that fits both sides."""
    links = [(("m0", "m1"), 4), (("m1", "m2"), 4)]
    assert find_splits(links, [("m0", "m2")]) == {
        ("m0", "m2"): {"left": {"m0"}, "right": {"m2"}, "neither": {"m1"}}
    }


def test_a_split_of_one_pair_leaves_the_others_together():
    """Prevents the impact of one split from being that of splitting all weak pairs of the child."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 5), (("m2", "m3"), 4)]
    assert find_splits(links, [("m0", "m2"), ("m0", "m3")]) == {
        ("m0", "m2"): {"left": {"m0", "m1"}, "right": {"m2", "m3"}, "neither": set()},
        ("m0", "m3"): {"left": {"m0", "m1", "m2"}, "right": {"m3"}, "neither": set()},
    }


def test_a_weakly_connected_pair_that_is_split_already_is_no_candidate():
    """Prevents a list of candidate splits from naming children that are split already."""
    assert find_splits([(("m0", "m1"), 9), (("m1", "m2"), 3)], [("m0", "m2")]) == {}


DECIDED = (("m0", "m3"), 1_000_000)


def test_a_reviewers_link_does_not_hide_the_other_links_of_a_weakly_connected_pair():
    """Prevents a reviewer's confirmation from counting as a decision against the model."""
    links = [(("m0", "m1"), 9), (("m1", "m3"), 9)]
    assert list(find_splits([*links, DECIDED], [("m0", "m3")])) == [("m0", "m3")]


def test_a_pair_connected_only_by_a_reviewers_link_is_no_candidate():
    """Prevents a decision against the model from being taken as one that only confirms it."""
    assert find_splits([(("m0", "m1"), 9), DECIDED], [("m0", "m3"), ("m1", "m3")]).keys() == {
        ("m1", "m3")
    }


@given(LINKS, PAIRS, PAIRS)
def test_a_split_has_the_sides_that_deciding_it_gives(links, weak, cannot_link):
    """Prevents a candidate split from showing sides other than those that the decision gives."""
    apart = link_table([(pair, 0) for pair in cannot_link])
    weak_table = link_table([(pair, 0) for pair in weak])
    child_of = _children(links, apart, weak_table)
    sides_by_pair = find_splits(links, weak, cannot_link)
    pairs = {(min(pair), max(pair)) for pair in weak}
    linked = {(min(pair), max(pair)) for pair, _ in links}
    joined_pairs = {pair for pair in pairs if child_of[pair[0]] == child_of[pair[1]]}
    assert joined_pairs - linked <= set(sides_by_pair) <= joined_pairs
    for pair, sides in sides_by_pair.items():
        inside = [
            (ends, weight)
            for ends, weight in links
            if {child_of[end] for end in ends} == {child_of[pair[0]]} and set(ends) != set(pair)
        ]
        decided = _children(inside, link_table([(pair, 0)]), weak_table)
        for end, side in zip(pair, ("left", "right"), strict=True):
            assert sides[side] == {key for key in decided if decided[key] == decided[end]}


def _children(links, cannot_link, weak):
    clustered = cluster_mentions(MENTIONS, link_table(links), cannot_link, weak, SURE)
    return {row["mention_key"]: row["founding_mention_key"] for row in clustered.to_pylist()}
