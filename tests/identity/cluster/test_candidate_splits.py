"""Splits tried: which pairs of a child are doubted, and how it would fall apart."""

from __future__ import annotations

from hypothesis import given

from register.identity.cluster import cluster_mentions, find_candidate_splits
from tests.identity.cluster.nine_mentions import LINKS, MENTIONS, PAIRS, link_table

SURE = 3.5


def tried(links, doubted, forbidden=()):
    """Each doubted pair of a child with the mentions that would be on either side, or neither."""
    found = {}
    table = find_candidate_splits(
        MENTIONS,
        link_table(links),
        link_table([(pair, 0) for pair in forbidden]),
        link_table([(pair, 0) for pair in doubted]),
        SURE,
    )
    for row in table.to_pylist():
        pair = (row["left_mention_key"], row["right_mention_key"])
        sides = found.setdefault(pair, {"left": set(), "right": set(), "neither": set()})
        sides[row["side_code"]].add(row["mention_key"])
    return found


def test_a_child_that_sure_links_hold_is_tried_at_its_weakest_link():
    """A reviewer does not see that two records of one child have nothing in common."""
    links = [(("m3", "m2"), 9), (("m2", "m1"), 4), (("m1", "m0"), 9), (("m5", "m6"), 9)]
    assert tried(links, [("m3", "m0"), ("m5", "m8")]) == {
        ("m0", "m3"): {"left": {"m0", "m1"}, "right": {"m2", "m3"}, "neither": set()}
    }


def test_a_record_that_fits_both_sides_equally_is_on_neither():
    """The value of a split rests on a record that nobody can place."""
    links = [(("m0", "m1"), 4), (("m1", "m2"), 4)]
    assert tried(links, [("m0", "m2")]) == {
        ("m0", "m2"): {"left": {"m0"}, "right": {"m2"}, "neither": {"m1"}}
    }


def test_a_split_of_one_pair_leaves_the_others_together():
    """The value of a decision is that of deciding every doubt of the child at once."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 5), (("m2", "m3"), 4)]
    assert tried(links, [("m0", "m2"), ("m0", "m3")]) == {
        ("m0", "m2"): {"left": {"m0", "m1"}, "right": {"m2", "m3"}, "neither": set()},
        ("m0", "m3"): {"left": {"m0", "m1", "m2"}, "right": {"m3"}, "neither": set()},
    }


def test_a_doubted_pair_that_was_split_is_not_tried():
    """A list of children to split that names some which are split."""
    assert tried([(("m0", "m1"), 9), (("m1", "m2"), 3)], [("m0", "m2")]) == {}


DECIDED = (("m0", "m3"), 1_000_000)


def test_a_person_who_says_that_a_kept_pair_is_one_child_does_not_hide_what_else_holds_it():
    """A reviewer's answer to a doubt is taken for a decision against the model."""
    links = [(("m0", "m1"), 9), (("m1", "m3"), 9)]
    assert list(tried([*links, DECIDED], [("m0", "m3")])) == [("m0", "m3")]


def test_a_pair_that_a_persons_link_alone_holds_is_not_tried():
    """A decision against the model looks like one that only confirms it."""
    assert tried([(("m0", "m1"), 9), DECIDED], [("m0", "m3"), ("m1", "m3")]).keys() == {
        ("m1", "m3")
    }


@given(LINKS, PAIRS, PAIRS)
def test_a_split_has_the_sides_that_deciding_it_gives(links, doubted, forbidden):
    """The value of a decision is that of another one."""
    never = link_table([(pair, 0) for pair in forbidden])
    doubts = link_table([(pair, 0) for pair in doubted])
    child_of = _children(links, never, doubts)
    found = tried(links, doubted, forbidden)
    pairs = {(min(pair), max(pair)) for pair in doubted}
    linked = {(min(pair), max(pair)) for pair, _ in links}
    kept = {pair for pair in pairs if child_of[pair[0]] == child_of[pair[1]]}
    assert kept - linked <= set(found) <= kept
    for pair, sides in found.items():
        inside = [
            (ends, weight)
            for ends, weight in links
            if {child_of[end] for end in ends} == {child_of[pair[0]]} and set(ends) != set(pair)
        ]
        decided = _children(inside, link_table([(pair, 0)]), doubts)
        for end, side in zip(pair, ("left", "right"), strict=True):
            assert sides[side] == {key for key in decided if decided[key] == decided[end]}


def _children(links, never, doubts):
    clustered = cluster_mentions(MENTIONS, link_table(links), never, doubts, SURE)
    return {row["mention_key"]: row["founding_mention_key"] for row in clustered.to_pylist()}
