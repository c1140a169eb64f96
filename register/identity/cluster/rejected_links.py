"""Rejected links: links whose ends are in two children after clustering, each with its cause.

The cause is a tie, a cannot-link pair or a weakly connected pair. `constrained_clustering` decides
which links are rejected. The warehouse decides the outcome of a pair.
"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from register.identity.cluster.cannot_link import NEVER_LINK
from register.identity.cluster.cluster_tables import build_table
from register.identity.cluster.constrained_clustering import (
    Edges,
    Link,
    Positions,
    find_constrained_clusters,
    find_edges,
)

REJECTED_LINK_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("match_weight", pa.float64()),
        ("cause_code", pa.string()),
        ("guard_code", pa.string()),
        ("cause_left_mention_key", pa.string()),
        ("cause_right_mention_key", pa.string()),
    ]
)

TIE = "tie"
GUARD = "guard"
DECISION = "decision"
# `WEAK_CONNECTION`: a weakly connected pair shares a record with the rejected link. `WEAKEST_EDGE`:
# no such pair exists, and the link is the weakest on the path between the two records of a weakly
# connected pair.
WEAK_CONNECTION = "doubt"
WEAKEST_EDGE = "weakest_edge"


def find_rejected_links(
    mentions: pa.Table, links: pa.Table, cannot_link: pa.Table, weak: pa.Table, sure_weight: float
) -> pa.Table:
    """Return the links whose ends are in two clusters, with causes, in `REJECTED_LINK_SCHEMA`.

    The parameters are those of `cluster_mentions`; `cannot_link` also has `guard_code`. The cause
    of a tied link is its rival, another rejected link. The cause of any other link is a pair across
    the two clusters: a cannot-link pair or, without one, a weakly connected pair. Of several pairs
    the nearest is the cause. Nearest is the link itself, then a pair that shares an end with it,
    then the pair with the lowest keys.
    """
    keys = mentions["mention_key"].sort()
    edges, never, weak_edges = (find_edges(keys, each) for each in (links, cannot_link, weak))
    labels, ties = find_constrained_clusters(len(keys), edges, never, weak_edges, sure_weight)
    rejected = _find_rejected(labels, edges)
    never_across = _group_by_clusters(labels, never)
    weak_across = _group_by_clusters(labels, weak_edges)
    guards = _map_guards(cannot_link)
    names = keys.to_pylist()
    rows = []
    for link, weight in sorted(rejected.items()):
        clusters = _find_clusters(labels, link)
        rivals = [rival for rival in ties.get(link, []) if rival in rejected]
        across = never_across[clusters] or weak_across[clusters]
        pair = rivals[0] if rivals else _find_nearest(across, link)
        left, right = names[pair[0]], names[pair[1]]
        guard = guards[left, right] if never_across[clusters] and not rivals else None
        if rivals:
            cause = TIE
        elif guard:
            cause = DECISION if guard == NEVER_LINK else GUARD
        else:
            cause = WEAK_CONNECTION if set(pair) & set(link) else WEAKEST_EDGE
        rows.append((names[link[0]], names[link[1]], weight, cause, guard, left, right))
    return build_table(rows, REJECTED_LINK_SCHEMA)


def _find_rejected(labels: Positions, links: Edges) -> dict[Link, float]:
    """Return each link whose ends are in two clusters, with the greatest of its weights."""
    weights: dict[Link, float] = {}
    for link, weight in zip(links.list_pairs(), links.weights.tolist(), strict=True):
        if labels[link[0]] != labels[link[1]]:
            weights[link] = max(weight, weights.get(link, weight))
    return weights


def _group_by_clusters(labels: Positions, edges: Edges) -> defaultdict[Link, list[Link]]:
    """Return pairs grouped by the cluster labels of their two ends."""
    by_clusters: defaultdict[Link, list[Link]] = defaultdict(list)
    for pair in edges.list_pairs():
        by_clusters[_find_clusters(labels, pair)].append(pair)
    return by_clusters


def _find_clusters(labels: Positions, link: Link) -> Link:
    one, other = int(labels[link[0]]), int(labels[link[1]])
    return min(one, other), max(one, other)


def _find_nearest(pairs: list[Link], link: Link) -> Link:
    return min(pairs, key=lambda pair: (-len(set(pair) & set(link)), pair))


def _map_guards(cannot_link: pa.Table) -> dict[tuple[str, ...], str]:
    """Return the guard code of each cannot-link pair (a tuple of keys, the lower first)."""
    return {
        tuple(sorted((row["left_mention_key"], row["right_mention_key"]))): row["guard_code"]
        for row in cannot_link.to_pylist()
    }
