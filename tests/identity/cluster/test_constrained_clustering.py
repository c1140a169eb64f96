"""Clustering: properties for any links and pairs, and founders through merge and split."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from register.identity.cluster import cluster_mentions
from tests.identity.cluster.nine_mentions import KEYS, LINKS, MENTIONS, PAIRS, link_table
from tests.identity.people import as_sets


def clusters(links, cannot_link):
    """Cluster the nine mentions."""
    return cluster_mentions(MENTIONS, link_table(links), link_table([(p, 0) for p in cannot_link]))


@given(LINKS, PAIRS, st.randoms(use_true_random=False))
def test_links_in_any_order_and_direction_give_the_same_children(links, cannot_link, random):
    """Prevents children from depending on the order of rows after a join."""
    shuffled = [((b, a), w) if random.random() < 0.5 else ((a, b), w) for (a, b), w in links]
    random.shuffle(shuffled)
    never = list(cannot_link)
    random.shuffle(never)
    assert clusters(links, cannot_link).equals(clusters(shuffled, never))


@given(LINKS, PAIRS)
def test_no_child_contains_a_cannot_link_pair(links, cannot_link):
    """Prevents a cannot-link pair from being joined through a third record."""
    for child in as_sets(clusters(links, cannot_link)):
        assert not any(set(pair) <= child for pair in cannot_link)


@given(LINKS, PAIRS)
def test_every_mention_is_in_one_child_and_every_child_is_connected(links, cannot_link):
    """Prevents a record from being lost, and records without any link from becoming one child."""
    clusters_found = as_sets(clusters(links, cannot_link))
    assert sorted(key for child in clusters_found for key in child) == KEYS
    for child in clusters_found:
        reached, grew = {min(child)}, True
        while grew:
            near = {k for pair, _ in links if reached & set(pair) for k in pair if k in child}
            grew = not near <= reached
            reached |= near
        assert reached == child


@given(LINKS, PAIRS)
def test_clustering_the_links_inside_children_again_changes_nothing(links, cannot_link):
    """Prevents a second load of the same data from moving records between children."""
    once = clusters(links, cannot_link)
    child_of = {row["mention_key"]: row["founding_mention_key"] for row in once.to_pylist()}
    inside = [link for link in links if child_of[link[0][0]] == child_of[link[0][1]]]
    assert clusters(inside, cannot_link).equals(once)


@given(LINKS)
def test_without_constraints_children_are_connected_components(links):
    """Prevents the short way for unconstrained components from differing from the long one."""
    far = [(("m0", "m8"), 0)]
    walked = as_sets(clusters(links, []))
    guarded = as_sets(clusters(links, [far[0][0]]))
    assert walked == guarded or any({"m0", "m8"} <= child for child in walked)


def founder_of(key, links, cannot_link=()):
    """Return the founder of one mention's child."""
    rows = clusters(links, list(cannot_link)).to_pylist()
    return {row["mention_key"]: row["founding_mention_key"] for row in rows}[key]


def test_a_merge_keeps_the_older_key():
    """Prevents the newer key from replacing the one in use when two children are merged."""
    assert founder_of("m1", []) == "m1"
    assert founder_of("m1", [(("m0", "m1"), 3)]) == "m0"
    assert founder_of("m2", [(("m1", "m2"), 3)]) == "m2"


def test_a_split_leaves_the_key_with_the_founder():
    """Prevents a child from losing its key when a reviewer splits off a wrong record."""
    links = [(("m0", "m1"), 3), (("m0", "m2"), 3)]
    assert founder_of("m2", links, [("m0", "m1")]) == "m0"
    assert founder_of("m1", links, [("m0", "m1")]) == "m1"


def test_the_stronger_of_two_links_that_exclude_each_other_wins():
    """Prevents a police record from joining the twin that it fits less well."""
    links = [(("m0", "m1"), 2), (("m0", "m2"), 3)]
    assert founder_of("m2", links, [("m1", "m2")]) == "m0"
    assert founder_of("m1", links, [("m1", "m2")]) == "m1"


def cluster_groups(links, weak, sure):
    """Cluster with weakly connected pairs; return the clusters of two or more."""
    table = link_table([(pair, 0) for pair in weak])
    clusters_found = cluster_mentions(MENTIONS, link_table(links), link_table([]), table, sure)
    return sorted((set(child) for child in as_sets(clusters_found) if len(child) > 1), key=min)


CHAIN = [(("m0", "m1"), 9), (("m1", "m2"), 4)]


def test_a_weakly_connected_pair_is_split_at_the_weakest_link():
    """Prevents a chain of middling links from making one child of two people."""
    assert cluster_groups(CHAIN, [("m0", "m2")], 8) == [{"m0", "m1"}]


def test_sure_links_keep_a_weakly_connected_pair_in_one_child():
    """Prevents a child with two dissimilar names from being split if a third record links both."""
    assert cluster_groups(CHAIN, [("m0", "m2")], 4) == [{"m0", "m1", "m2"}]


def test_a_weakly_connected_pair_elsewhere_splits_nothing():
    """Prevents the keep threshold from splitting children without a weak pair."""
    assert cluster_groups(CHAIN, [("m3", "m4")], 8) == [{"m0", "m1", "m2"}]


def test_equally_strong_links_into_two_children_join_neither():
    """Prevents a record that may be either twin from joining the one whose key sorts first."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert founder_of("m2", links, [("m0", "m1")]) == "m2"


def test_a_tie_does_not_keep_apart_what_is_not_tied():
    """Prevents one ambiguous record from dissolving the child that it might belong to."""
    links = [(("m0", "m3"), 3), (("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert founder_of("m3", links, [("m0", "m1")]) == "m0"
    assert founder_of("m2", links, [("m0", "m1")]) == "m2"


def test_a_link_that_may_never_be_made_is_no_rival():
    """Prevents a record from staying alone because of a twin that a guard excludes already."""
    links = [(("m0", "m2"), 3), (("m1", "m2"), 3)]
    assert {"m1", "m2"} in as_sets(clusters(links, [("m0", "m1"), ("m0", "m2")]))


@given(LINKS, PAIRS, st.randoms(use_true_random=False))
def test_weakly_connected_pairs_in_any_order_give_the_same_children(links, weak, random):
    """Prevents children from depending on the order of weakly connected pairs."""
    shuffled, turned = list(links), [(two, one) for one, two in weak]
    random.shuffle(shuffled)
    random.shuffle(turned)
    assert cluster_groups(links, weak, 3) == cluster_groups(shuffled, turned, 3)
