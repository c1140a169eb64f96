"""Candidate splits: weakly connected pairs within a child, and what splitting each would leave.

Sure links can keep two weakly connected records in one child. What a split would move is counted in
the warehouse; nothing is split here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.cluster.constrained_clustering import (
    Edges,
    Link,
    Positions,
    components,
    constrained_clusters,
    edges,
)

SPLIT_SCHEMA = pa.schema(
    [
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("mention_key", pa.string()),
        ("side_code", pa.string()),
    ]
)


def find_candidate_splits(
    mentions: pa.Table, links: pa.Table, cannot_link: pa.Table, weak: pa.Table, sure_weight: float
) -> pa.Table:
    """Return one row per weakly connected pair within a child and mention of it, in `SPLIT_SCHEMA`.

    `side_code` is the side (left, right or neither) on which the mention would be if the pair were
    kept apart, found by clustering the links within the child again. A pair that is in one child
    only by a reviewer's link is left out. The parameters are those of `cluster_mentions`.
    """
    ordered = mentions.sort_by("mention_key")
    keys = ordered["mention_key"]
    found, never, weak_pairs = (edges(keys, each) for each in (links, cannot_link, weak))
    labels = constrained_clusters(len(keys), found, never, weak_pairs, sure_weight).labels
    kept = _chosen(weak_pairs, labels[weak_pairs.left] == labels[weak_pairs.right])
    names = keys.to_pylist()
    rows = []
    for child in np.unique(labels[kept.left]):
        members = np.flatnonzero(labels == child)
        is_within = (labels[found.left] == child) & (labels[found.right] == child)
        links_within = _placed(_chosen(found, is_within), members)
        weak_within = _placed(_chosen(kept, labels[kept.left] == child), members)
        for pair in sorted(set(weak_within.pairs())):
            others = _without(links_within, pair)
            connected = components(len(members), others)
            if connected[pair[0]] != connected[pair[1]]:
                continue
            apart = Edges(np.array(pair[:1]), np.array(pair[1:]), np.zeros(1))
            sides, _ = constrained_clusters(len(members), others, apart, weak_within, sure_weight)
            left, right = (names[members[end]] for end in pair)
            for member, side in zip(members, sides, strict=True):
                rows.append((left, right, names[member], _side(side, sides, pair)))
    columns = zip(*rows, strict=True) if rows else [()] * len(SPLIT_SCHEMA)
    return pa.table([pa.array(each, pa.string()) for each in columns], schema=SPLIT_SCHEMA)


def _side(side: int, sides: Positions, pair: Link) -> str:
    if side == sides[pair[0]]:
        return "left"
    return "right" if side == sides[pair[1]] else "neither"


def _without(links: Edges, pair: Link) -> Edges:
    return _chosen(links, np.array([each != pair for each in links.pairs()], dtype=bool))


def _chosen(pairs: Edges, is_chosen: npt.NDArray[np.bool_]) -> Edges:
    return Edges(pairs.left[is_chosen], pairs.right[is_chosen], pairs.weights[is_chosen])


def _placed(pairs: Edges, members: Positions) -> Edges:
    """Pairs by the places of their ends among the members."""
    left, right = np.searchsorted(members, pairs.left), np.searchsorted(members, pairs.right)
    return Edges(left, right, pairs.weights)
