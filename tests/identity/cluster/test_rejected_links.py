"""Rejected links: one named case for each cause, and properties for any links."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.identity.cluster import cluster_mentions, find_rejected_links
from tests.identity.cluster.nine_mentions import LINKS, MENTIONS, PAIRS, link_table

SURE = 3.5
GUARDS = ("conflicting_identifiers", "adoption", "never_link_decision")


def cannot_link_table(pairs):
    """Cannot-link pairs with the guard of each, the lower key left."""
    rows = {(min(pair), max(pair)): guard for pair, guard in pairs}
    return pa.table(
        {
            "left_mention_key": pa.array([one for one, _ in rows], pa.string()),
            "right_mention_key": pa.array([other for _, other in rows], pa.string()),
            "guard_code": pa.array(list(rows.values()), pa.string()),
        }
    )


def rejected(links, cannot_link=(), weak=(), sure=SURE):
    """Rejected links as (left, right): (cause, guard, the cause's pair)."""
    rejected_links = find_rejected_links(
        MENTIONS,
        link_table(links),
        cannot_link_table(cannot_link),
        link_table([(pair, 0) for pair in weak]),
        sure,
    )
    return {
        (row["left_mention_key"], row["right_mention_key"]): (
            row["cause_code"],
            row["guard_code"],
            (row["cause_left_mention_key"], row["cause_right_mention_key"]),
        )
        for row in rejected_links.to_pylist()
    }


def test_a_tie_names_the_other_of_two_equally_strong_links():
    """Prevents a reviewer from not seeing that the record fits two children equally well."""
    links = [(("m0", "m2"), 3), (("m2", "m1"), 3)]
    assert rejected(links, [(("m0", "m1"), "conflicting_identifiers")]) == {
        ("m0", "m2"): ("tie", None, ("m1", "m2")),
        ("m1", "m2"): ("tie", None, ("m0", "m2")),
    }


def test_a_tie_between_weakly_connected_clusters_is_a_tie():
    """Prevents a tie from being reported as a weak connection of one of its ends."""
    assert rejected([(("m0", "m2"), 3), (("m1", "m2"), 3)], weak=[("m0", "m1")]) == {
        ("m0", "m2"): ("tie", None, ("m1", "m2")),
        ("m1", "m2"): ("tie", None, ("m0", "m2")),
    }


def test_a_tie_that_a_weaker_link_settled_is_none_any_more():
    """Prevents a rejected link from being reported as tied with one that was made."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3), (("m0", "m3"), 4), (("m2", "m3"), 2)]
    rejected_links = rejected(links, [(("m0", "m1"), "conflicting_identifiers")])
    assert rejected_links == {("m1", "m2"): ("guard", "conflicting_identifiers", ("m0", "m1"))}


def test_a_tie_stays_one_when_the_record_between_finds_another():
    """Prevents a link that joined the record after the tie from being reported as the cause."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3), (("m2", "m3"), 2)]
    rejected_links = rejected(links, [(("m0", "m1"), "conflicting_identifiers")], [("m0", "m3")])
    assert {cause for cause, _, _ in rejected_links.values()} == {"tie"}


def test_a_link_of_a_cannot_link_pair_is_no_tie_however_strong_its_rival():
    """Prevents a reviewer from settling a tie with a link that can never be made."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    rejected_links = rejected(
        links, [(("m0", "m1"), "conflicting_identifiers"), (("m0", "m2"), "adoption")]
    )
    assert rejected_links == {("m0", "m2"): ("guard", "adoption", ("m0", "m2"))}


def test_of_several_causes_the_nearest_is_named():
    """Prevents a cause of two other records when the link's own records are the cause."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m2", "m3"), 9)]
    far = (("m0", "m3"), "conflicting_identifiers")
    assert rejected(links, [far, (("m1", "m2"), "adoption")])["m1", "m2"][2] == ("m1", "m2")
    assert rejected(
        links, [far, (("m2", "m1"), "adoption"), (("m1", "m3"), "conflicting_identifiers")]
    ) == {("m1", "m2"): ("guard", "adoption", ("m1", "m2"))}
    assert rejected(links, weak=[("m0", "m3"), ("m1", "m3")]) == {
        ("m1", "m2"): ("doubt", None, ("m1", "m3"))
    }


def test_a_weak_connection_is_of_one_of_the_two_linked_records():
    """Prevents a record that differs from another of the child from being reported as a chain."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3)]
    assert rejected(links, weak=[("m0", "m2")]) == {("m1", "m2"): ("doubt", None, ("m0", "m2"))}


def test_a_cluster_is_split_at_its_weakest_edge():
    """Prevents a middling link between two groups from being reported as a dissimilar end of it."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m2", "m3"), 9)]
    rejected_links = rejected(links, weak=[("m0", "m3")])
    assert rejected_links == {("m1", "m2"): ("weakest_edge", None, ("m0", "m3"))}


def test_a_guard_is_named_with_its_cannot_link_pair():
    """Prevents a reviewer from looking for the guard at the link's own records."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3), (("m4", "m5"), 9)]
    cannot_link = [(("m0", "m2"), "conflicting_identifiers"), (("m4", "m5"), "adoption")]
    assert rejected(links, cannot_link, [("m0", "m2")]) == {
        ("m1", "m2"): ("guard", "conflicting_identifiers", ("m0", "m2")),
        ("m4", "m5"): ("guard", "adoption", ("m4", "m5")),
    }


def test_a_decision_is_not_a_guard():
    """Prevents a reviewer from being asked again about a pair that was decided."""
    links = [(("m0", "m1"), 9), (("m1", "m2"), 3)]
    rejected_links = rejected(links, [(("m0", "m2"), "never_link_decision")])
    assert rejected_links == {("m1", "m2"): ("decision", "never_link_decision", ("m0", "m2"))}


def test_a_link_by_decision_and_by_the_model_is_rejected_once():
    """Prevents a refused decision from being listed twice for review."""
    links = [(("m0", "m1"), 1_000_000), (("m0", "m1"), 12)]
    rejected_links = find_rejected_links(
        MENTIONS,
        link_table(links),
        cannot_link_table([(("m0", "m1"), "adoption")]),
        link_table([]),
        8,
    )
    assert rejected_links["match_weight"].to_pylist() == [1_000_000]


@pytest.mark.parametrize("weak", [[], [("m7", "m8")]])
def test_no_link_is_rejected_without_a_cause(weak):
    """Prevents a list of rejected links from naming some that were made."""
    assert rejected([(("m0", "m1"), 4), (("m1", "m2"), 1)], weak=weak) == {}


GUARDED = st.lists(
    st.tuples(
        st.tuples(st.sampled_from(["m0", "m1", "m2", "m3"]), st.sampled_from(["m4", "m5", "m6"])),
        st.sampled_from(GUARDS),
    ),
    max_size=5,
)


@given(LINKS, GUARDED, PAIRS)
def test_every_rejected_link_has_a_cause_between_the_two_children(links, cannot_link, weak):
    """Prevents a rejected link from being missing, or from having a cause that is none."""
    rejected_links = rejected(links, cannot_link, weak)
    clustered = cluster_mentions(
        MENTIONS,
        link_table(links),
        cannot_link_table(cannot_link),
        link_table([(pair, 0) for pair in weak]),
        SURE,
    )
    child = {row["mention_key"]: row["founding_mention_key"] for row in clustered.to_pylist()}
    strengths = defaultdict(set)
    for pair, weight in links:
        if child[pair[0]] != child[pair[1]]:
            strengths[min(pair), max(pair)].add(weight)
    assert set(rejected_links) == set(strengths)
    guards = {(min(pair), max(pair)): guard for pair, guard in cannot_link}
    weak_pairs = {(min(pair), max(pair)) for pair in weak}
    for link, (cause, guard, pair) in rejected_links.items():
        if cause == "tie":
            assert pair != link
            assert strengths[pair] & strengths[link]
            assert {child[end] for end in pair} & {child[end] for end in link}
            continue
        assert {child[end] for end in pair} == {child[end] for end in link}
        assert guard == guards.get(pair)
        if guard is None:
            assert pair in weak_pairs
            assert max(strengths[link]) < SURE
            assert cause == ("doubt" if set(pair) & set(link) else "weakest_edge")
        else:
            assert cause == ("decision" if guard == "never_link_decision" else "guard")


@given(LINKS, GUARDED, PAIRS, st.randoms(use_true_random=False))
def test_causes_are_the_same_in_any_order_of_rows(links, cannot_link, weak, random):
    """Prevents the cause shown to a reviewer from depending on the order of rows after a join."""
    guards = {(min(pair), max(pair)): guard for pair, guard in cannot_link}
    turned = [((two, one), weight) for (one, two), weight in links]
    apart, reverse = list(guards.items()), [(two, one) for one, two in weak]
    for each in (turned, apart, reverse):
        random.shuffle(each)
    assert rejected(links, list(guards.items()), weak) == rejected(turned, apart, reverse)
