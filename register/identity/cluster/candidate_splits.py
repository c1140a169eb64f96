"""Candidate splits: weakly connected pairs within a child, and the two parts after a split.

Strong links may join two records of one child that are weakly connected themselves. Nothing is
split here: the warehouse counts what would change if such a child were split.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from register.identity.cluster.cluster_tables import build_table
from register.identity.cluster.constrained_clustering import (
    Edges,
    Link,
    Positions,
    find_constrained_clusters,
    find_edges,
    label_components,
)

COLUMNS = ("left_mention_key", "right_mention_key", "mention_key", "side_code")
SPLIT_SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])


def find_candidate_splits(
    mentions: pa.Table, links: pa.Table, cannot_link: pa.Table, weak: pa.Table, sure_weight: float
) -> pa.Table:
    """Return one row per mention of a child and weakly connected pair within that child.

    The result is in `SPLIT_SCHEMA`. `side_code` (left, right or neither) says on which side of the
    pair the mention would be if the pair were kept apart. For this, the links within the child are
    clustered again. A pair is left out if only a reviewer's link joins it. The parameters are those
    of `cluster_mentions`.
    """
    keys = mentions["mention_key"].sort()
    edges, never, weak_edges = (find_edges(keys, each) for each in (links, cannot_link, weak))
    labels = find_constrained_clusters(len(keys), edges, never, weak_edges, sure_weight).labels
    doubted = _select_edges(weak_edges, labels[weak_edges.left] == labels[weak_edges.right])
    names = keys.to_pylist()
    rows = []
    for child in np.unique(labels[doubted.left]):
        members = np.flatnonzero(labels == child)
        is_within = (labels[edges.left] == child) & (labels[edges.right] == child)
        links_within = _renumber(_select_edges(edges, is_within), members)
        weak_within = _renumber(_select_edges(doubted, labels[doubted.left] == child), members)
        for pair in sorted(set(weak_within.list_pairs())):
            is_other = np.array([each != pair for each in links_within.list_pairs()], dtype=bool)
            others = _select_edges(links_within, is_other)
            connected = label_components(len(members), others)
            if connected[pair[0]] != connected[pair[1]]:
                continue
            apart = Edges(np.array(pair[:1]), np.array(pair[1:]), np.zeros(1))
            sides, _ = find_constrained_clusters(
                len(members), others, apart, weak_within, sure_weight
            )
            left, right = (names[members[end]] for end in pair)
            for member, side in zip(members, sides, strict=True):
                rows.append((left, right, names[member], _name_side(side, sides, pair)))
    return build_table(rows, SPLIT_SCHEMA)


def _name_side(side: int, sides: Positions, pair: Link) -> str:
    if side == sides[pair[0]]:
        return "left"
    return "right" if side == sides[pair[1]] else "neither"


def _select_edges(edges: Edges, is_selected: npt.NDArray[np.bool_]) -> Edges:
    return Edges(edges.left[is_selected], edges.right[is_selected], edges.weights[is_selected])


def _renumber(edges: Edges, members: Positions) -> Edges:
    """Replace the ends of edges (positions) by their indexes among the members."""
    left, right = np.searchsorted(members, edges.left), np.searchsorted(members, edges.right)
    return Edges(left, right, edges.weights)
