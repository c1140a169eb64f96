"""Rejected links: links whose ends are in two children after clustering, each with its cause.

The cause is a tie, a cannot-link pair, or a weakly connected pair. Which links are rejected is
decided in `constrained_clustering`; the outcome of a pair is decided in the warehouse.
"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from register.identity.cluster.cannot_link import NEVER_LINK
from register.identity.cluster.constrained_clustering import (
    Edges,
    Link,
    Positions,
    constrained_clusters,
    edges,
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
# A weakly connected pair that has an end of the link; or one of two other records, between which
# this is the weakest link.
WEAK_CONNECTION = "doubt"
WEAKEST_EDGE = "weakest_edge"


def find_rejected_links(
    mentions: pa.Table, links: pa.Table, cannot_link: pa.Table, weak: pa.Table, sure_weight: float
) -> pa.Table:
    """Return the links whose ends are in two clusters with causes, in `REJECTED_LINK_SCHEMA`.

    The parameters are those of `cluster_mentions`; `cannot_link` has `guard_code`. The cause of a
    tie is its rival, also a rejected link. Any other cause is a pair across the two clusters, the
    nearest of several: the link's own ends, a pair with one of its ends, then by key.
    """
    ordered = mentions.sort_by("mention_key")
    keys = ordered["mention_key"]
    found, never, weak_pairs = (edges(keys, each) for each in (links, cannot_link, weak))
    labels, ties = constrained_clusters(len(keys), found, never, weak_pairs, sure_weight)
    rejected = _rejected(labels, found)
    never_across, weak_across = _across(labels, never), _across(labels, weak_pairs)
    guards = _guards(cannot_link)
    names = keys.to_pylist()
    rows = []
    for link, weight in sorted(rejected.items()):
        between = _between(labels, link)
        rivals = [rival for rival in ties.get(link, []) if rival in rejected]
        pair = (
            rivals[0] if rivals else _nearest(never_across[between] or weak_across[between], link)
        )
        left, right = names[pair[0]], names[pair[1]]
        guard = guards[left, right] if never_across[between] and not rivals else None
        if rivals:
            cause = TIE
        elif guard:
            cause = DECISION if guard == NEVER_LINK else GUARD
        else:
            cause = WEAK_CONNECTION if set(pair) & set(link) else WEAKEST_EDGE
        rows.append((names[link[0]], names[link[1]], weight, cause, guard, left, right))
    columns = zip(*rows, strict=True) if rows else [()] * len(REJECTED_LINK_SCHEMA)
    arrays = [
        pa.array(each, kind) for each, kind in zip(columns, REJECTED_LINK_SCHEMA.types, strict=True)
    ]
    return pa.table(arrays, schema=REJECTED_LINK_SCHEMA)


def _rejected(labels: Positions, links: Edges) -> dict[Link, float]:
    """The links whose ends are apart, each once with its greatest weight."""
    weights: dict[Link, float] = {}
    for link, weight in zip(links.pairs(), links.weights.tolist(), strict=True):
        if labels[link[0]] != labels[link[1]]:
            weights[link] = max(weight, weights.get(link, weight))
    return weights


def _across(labels: Positions, pairs: Edges) -> defaultdict[Link, list[Link]]:
    """Pairs by the labels of the two clusters of their ends."""
    found: defaultdict[Link, list[Link]] = defaultdict(list)
    for pair in pairs.pairs():
        found[_between(labels, pair)].append(pair)
    return found


def _between(labels: Positions, link: Link) -> Link:
    one, other = int(labels[link[0]]), int(labels[link[1]])
    return min(one, other), max(one, other)


def _nearest(pairs: list[Link], link: Link) -> Link:
    return min(pairs, key=lambda pair: (-len(set(pair) & set(link)), pair))


def _guards(cannot_link: pa.Table) -> dict[tuple[str, str], str]:
    """The guard of each cannot-link pair, the lower key first."""
    return {
        (
            min(row["left_mention_key"], row["right_mention_key"]),
            max(row["left_mention_key"], row["right_mention_key"]),
        ): row["guard_code"]
        for row in cannot_link.to_pylist()
    }
