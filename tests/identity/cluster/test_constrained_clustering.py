"""Clustering: properties for any links and pairs, and founders through merge and split."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from register.identity.cluster import cluster_mentions
from tests.identity.cluster.nine_mentions import KEYS, LINKS, MENTIONS, PAIRS, link_table
from tests.identity.people import as_sets


def clusters(links, forbidden):
    """Cluster the nine mentions."""
    return cluster_mentions(MENTIONS, link_table(links), link_table([(p, 0) for p in forbidden]))


@given(LINKS, PAIRS, st.randoms(use_true_random=False))
def test_links_in_any_order_and_direction_give_the_same_children(links, forbidden, random):
    """Children depend on the order in which rows came out of a join."""
    shuffled = [((b, a), w) if random.random() < 0.5 else ((a, b), w) for (a, b), w in links]
    random.shuffle(shuffled)
    never = list(forbidden)
    random.shuffle(never)
    assert clusters(links, forbidden).equals(clusters(shuffled, never))


@given(LINKS, PAIRS)
def test_no_child_holds_a_forbidden_pair(links, forbidden):
    """Two people whom a guard keeps apart meet through a third record."""
    for child in as_sets(clusters(links, forbidden)):
        assert not any(set(pair) <= child for pair in forbidden)


@given(LINKS, PAIRS)
def test_every_mention_is_in_one_child_and_every_child_is_connected(links, forbidden):
    """A record is lost, or records without any link become one child."""
    found = as_sets(clusters(links, forbidden))
    assert sorted(key for child in found for key in child) == KEYS
    for child in found:
        reached, grew = {min(child)}, True
        while grew:
            near = {k for pair, _ in links if reached & set(pair) for k in pair if k in child}
            grew = not near <= reached
            reached |= near
        assert reached == child


@given(LINKS, PAIRS)
def test_clustering_the_links_inside_children_again_changes_nothing(links, forbidden):
    """A second load of the same data moves children."""
    once = clusters(links, forbidden)
    child_of = {row["mention_key"]: row["founding_mention_key"] for row in once.to_pylist()}
    inside = [link for link in links if child_of[link[0][0]] == child_of[link[0][1]]]
    assert clusters(inside, forbidden).equals(once)


@given(LINKS)
def test_without_guards_children_are_what_links_connect(links):
    """The fast way for unguarded components differs from the walk."""
    far = [(("m0", "m8"), 0)]
    walked = as_sets(clusters(links, []))
    guarded = as_sets(clusters(links, [far[0][0]]))
    assert walked == guarded or any({"m0", "m8"} <= child for child in walked)


def founder_of(key, links, forbidden=()):
    """Return the founder of one mention's child."""
    rows = clusters(links, list(forbidden)).to_pylist()
    return {row["mention_key"]: row["founding_mention_key"] for row in rows}[key]


def test_a_merge_keeps_the_older_key():
    """Two children become one and the newer key replaces the one that people use."""
    assert founder_of("m1", []) == "m1"
    assert founder_of("m1", [(("m0", "m1"), 3)]) == "m0"
    assert founder_of("m2", [(("m1", "m2"), 3)]) == "m2"


def test_a_split_leaves_the_key_with_the_founder():
    """A reviewer parts a wrong record and the child loses its key."""
    links = [(("m0", "m1"), 3), (("m0", "m2"), 3)]
    assert founder_of("m2", links, [("m0", "m1")]) == "m0"
    assert founder_of("m1", links, [("m0", "m1")]) == "m1"


def test_the_stronger_of_two_links_that_exclude_each_other_wins():
    """A police record that fits one twin better goes to the other."""
    links = [(("m0", "m1"), 2), (("m0", "m2"), 3)]
    assert founder_of("m2", links, [("m1", "m2")]) == "m0"
    assert founder_of("m1", links, [("m1", "m2")]) == "m1"


def kept(links, doubted, sure):
    """Cluster with pairs below the keep threshold."""
    table = link_table([(pair, 0) for pair in doubted])
    found = cluster_mentions(MENTIONS, link_table(links), link_table([]), table, sure)
    return sorted((set(child) for child in as_sets(found) if len(child) > 1), key=min)


CHAIN = [(("m0", "m1"), 9), (("m1", "m2"), 4)]


def test_a_child_that_holds_an_unlike_pair_is_split_at_its_weakest_link():
    """A chain of middling links makes one child of two people."""
    assert kept(CHAIN, [("m0", "m2")], 8) == [{"m0", "m1"}]


def test_sure_links_hold_an_unlike_pair_together():
    """A child whose two names have nothing in common is torn apart though a third record knows."""
    assert kept(CHAIN, [("m0", "m2")], 4) == [{"m0", "m1", "m2"}]


def test_a_pair_that_nothing_doubts_stays():
    """The keep threshold undoes children that are in order."""
    assert kept(CHAIN, [("m3", "m4")], 8) == [{"m0", "m1", "m2"}]


def test_equally_strong_links_into_two_children_join_neither():
    """A record that may be either twin goes to the one whose key sorts first."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert founder_of("m2", links, [("m0", "m1")]) == "m2"


def test_a_tie_does_not_keep_apart_what_is_not_tied():
    """One ambiguous record dissolves the child that it might belong to."""
    links = [(("m0", "m3"), 3), (("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert founder_of("m3", links, [("m0", "m1")]) == "m0"
    assert founder_of("m2", links, [("m0", "m1")]) == "m2"


def test_a_link_that_may_never_be_made_is_no_rival():
    """A record stays alone for a twin whom a guard has ruled out already."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert {"m1", "m2"} in as_sets(clusters(links, [("m0", "m1"), ("m0", "m2")]))


@given(LINKS, PAIRS, st.randoms(use_true_random=False))
def test_doubts_in_any_order_give_the_same_children(links, doubted, random):
    """Children depend on the order in which pairs came out of a join."""
    shuffled, turned = list(links), [(two, one) for one, two in doubted]
    random.shuffle(shuffled)
    random.shuffle(turned)
    assert kept(links, doubted, 3) == kept(shuffled, turned, 3)
