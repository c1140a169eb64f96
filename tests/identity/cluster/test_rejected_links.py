"""Undone links: one named case for each cause, and what holds for any links."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.identity.cluster import cluster_mentions, find_rejected_links
from tests.identity.cluster.nine_mentions import LINKS, MENTIONS, PAIRS, link_table

SURE = 3.5
GUARDS = ("twins", "adoption", "never_link_decision")


def forbidden_table(pairs):
    """Forbidden pairs with the guard of each, the lower key left."""
    rows = {(min(pair), max(pair)): guard for pair, guard in pairs}
    return pa.table(
        {
            "left_mention_key": pa.array([one for one, _ in rows], pa.string()),
            "right_mention_key": pa.array([other for _, other in rows], pa.string()),
            "guard_code": pa.array(list(rows.values()), pa.string()),
        }
    )


def undone(links, forbidden=(), doubted=(), sure=SURE):
    """Undone links as (left, right): (cause, guard, the cause's pair)."""
    found = find_rejected_links(
        MENTIONS,
        link_table(links),
        forbidden_table(forbidden),
        link_table([(pair, 0) for pair in doubted]),
        sure,
    )
    return {
        (row["left_mention_key"], row["right_mention_key"]): (
            row["cause_code"],
            row["guard_code"],
            (row["cause_left_mention_key"], row["cause_right_mention_key"]),
        )
        for row in found.to_pylist()
    }


def test_a_tie_names_the_other_of_two_equally_strong_links():
    """A reviewer is not told that the record fits two children equally well."""
    links = [(("m0", "m2"), 3), (("m2", "m1"), 3)]
    assert undone(links, [(("m0", "m1"), "twins")]) == {
        ("m0", "m2"): ("tie", None, ("m1", "m2")),
        ("m1", "m2"): ("tie", None, ("m0", "m2")),
    }


def test_a_tie_is_one_also_where_the_doubt_of_a_pair_makes_the_clusters_exclude_each_other():
    """Two children whom nothing but doubt keeps apart are reported as if one were unlike."""
    assert undone([(("m0", "m2"), 3), (("m1", "m2"), 3)], doubted=[("m0", "m1")]) == {
        ("m0", "m2"): ("tie", None, ("m1", "m2")),
        ("m1", "m2"): ("tie", None, ("m0", "m2")),
    }


def test_a_tie_that_a_weaker_link_settled_is_none_any_more():
    """The link to the child that lost is said to tie with one that was made."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3), (("m0", "m3"), 4), (("m2", "m3"), 2)]
    found = undone(links, [(("m0", "m1"), "twins")])
    assert found == {("m1", "m2"): ("guard", "twins", ("m0", "m1"))}


def test_a_tie_stays_one_when_the_record_between_finds_another():
    """What joined the record after the tie is taken for the cause."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3), (("m2", "m3"), 2)]
    found = undone(links, [(("m0", "m1"), "twins")], [("m0", "m3")])
    assert {cause for cause, _, _ in found.values()} == {"tie"}


def test_a_link_that_a_guard_forbids_is_no_tie_however_strong_its_rival():
    """A reviewer settles a tie with a link that can never be made."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    found = undone(links, [(("m0", "m1"), "twins"), (("m0", "m2"), "adoption")])
    assert found == {("m0", "m2"): ("guard", "adoption", ("m0", "m2"))}


def test_of_several_causes_the_nearest_is_named():
    """A reviewer reads of two strangers where the link's own records are the matter."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m2", "m3"), 9)]
    far = (("m0", "m3"), "twins")
    assert undone(links, [far, (("m1", "m2"), "adoption")])["m1", "m2"][2] == ("m1", "m2")
    assert undone(links, [far, (("m2", "m1"), "adoption"), (("m1", "m3"), "twins")]) == {
        ("m1", "m2"): ("guard", "adoption", ("m1", "m2"))
    }
    assert undone(links, doubted=[("m0", "m3"), ("m1", "m3")]) == {
        ("m1", "m2"): ("doubt", None, ("m1", "m3"))
    }


def test_a_doubt_is_of_one_of_the_two_linked_records():
    """A record that is unlike another of the child is taken for a broken chain."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3)]
    assert undone(links, doubted=[("m0", "m2")]) == {("m1", "m2"): ("doubt", None, ("m0", "m2"))}


def test_a_broken_cluster_is_split_at_its_weakest_edge():
    """Two groups that a middling link would join are reported as if one of its ends were unlike."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m2", "m3"), 9)]
    found = undone(links, doubted=[("m0", "m3")])
    assert found == {("m1", "m2"): ("weakest_edge", None, ("m0", "m3"))}


def test_a_guard_is_named_with_the_pair_that_it_forbids():
    """A reviewer looks for the guard at the link's own two records, where there is none."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m4", "m5"), 9)]
    forbidden = [(("m0", "m2"), "conflicting_identifiers"), (("m4", "m5"), "adoption")]
    assert undone(links, forbidden, [("m0", "m2")]) == {
        ("m1", "m2"): ("guard", "conflicting_identifiers", ("m0", "m2")),
        ("m4", "m5"): ("guard", "adoption", ("m4", "m5")),
    }


def test_a_decision_is_not_a_guard():
    """A reviewer is asked again about what somebody decided."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3)]
    found = undone(links, [(("m0", "m2"), "never_link_decision")])
    assert found == {("m1", "m2"): ("decision", "never_link_decision", ("m0", "m2"))}


def test_a_link_that_was_decided_and_proved_is_undone_once():
    """A refused decision has two rows and doubles in the review list."""
    links = [(("m0", "m1"), 1_000_000), (("m0", "m1"), 12)]
    found = find_rejected_links(
        MENTIONS,
        link_table(links),
        forbidden_table([(("m0", "m1"), "adoption")]),
        link_table([]),
        8,
    )
    assert found["match_weight"].to_pylist() == [1_000_000]


@pytest.mark.parametrize("doubted", [[], [("m7", "m8")]])
def test_nothing_is_undone_where_nothing_stands_against_it(doubted):
    """A list of undone links that names some that were made."""
    assert undone([(("m0", "m1"), 4), (("m1", "m2"), 1)], doubted=doubted) == {}


GUARDED = st.lists(
    st.tuples(
        st.tuples(st.sampled_from(["m0", "m1", "m2", "m3"]), st.sampled_from(["m4", "m5", "m6"])),
        st.sampled_from(GUARDS),
    ),
    max_size=5,
)


@given(LINKS, GUARDED, PAIRS)
def test_every_undone_link_has_a_cause_that_stands_between_the_two_children(
    links, forbidden, doubted
):
    """A link goes missing from the list, or its cause is one that does not keep the two apart."""
    found = undone(links, forbidden, doubted)
    clustered = cluster_mentions(
        MENTIONS,
        link_table(links),
        forbidden_table(forbidden),
        link_table([(pair, 0) for pair in doubted]),
        SURE,
    )
    child = {row["mention_key"]: row["founding_mention_key"] for row in clustered.to_pylist()}
    strengths = defaultdict(set)
    for pair, weight in links:
        if child[pair[0]] != child[pair[1]]:
            strengths[min(pair), max(pair)].add(weight)
    assert set(found) == set(strengths)
    guards = {(min(pair), max(pair)): guard for pair, guard in forbidden}
    doubts = {(min(pair), max(pair)) for pair in doubted}
    for link, (cause, guard, pair) in found.items():
        if cause == "tie":
            assert pair != link
            assert strengths[pair] & strengths[link]
            assert {child[end] for end in pair} & {child[end] for end in link}
            continue
        assert {child[end] for end in pair} == {child[end] for end in link}
        assert guard == guards.get(pair)
        if guard is None:
            assert pair in doubts
            assert max(strengths[link]) < SURE
            assert cause == ("doubt" if set(pair) & set(link) else "weakest_edge")
        else:
            assert cause == ("decision" if guard == "never_link_decision" else "guard")


@given(LINKS, GUARDED, PAIRS, st.randoms(use_true_random=False))
def test_causes_are_the_same_in_any_order_of_rows(links, forbidden, doubted, random):
    """The cause that a reviewer reads depends on the order in which rows came out of a join."""
    guards = {(min(pair), max(pair)): guard for pair, guard in forbidden}
    turned = [((two, one), weight) for (one, two), weight in links]
    never, doubts = list(guards.items()), [(two, one) for one, two in doubted]
    for each in (turned, never, doubts):
        random.shuffle(each)
    assert undone(links, list(guards.items()), doubted) == undone(turned, never, doubts)
