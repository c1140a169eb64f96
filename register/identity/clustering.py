"""Constrained clustering: links become children, and no child holds a forbidden pair.

Links are taken from the strongest to the weakest, ties by key, and two clusters are joined only
if no pair across them is forbidden. The same links and pairs give the same clusters in whatever
order they come. What forbids a pair belongs in `guards`, what makes a link in `matching`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from register.identity.keys import founders, founding_ranks

Positions = npt.NDArray[np.int64]

CLUSTER_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("founding_mention_key", pa.string()),
        ("cluster_size", pa.int64()),
    ]
)


class Edges(NamedTuple):
    """Pairs of positions with a weight each (0 where it does not matter)."""

    left: Positions
    right: Positions
    weights: npt.NDArray[np.float64]


def cluster_mentions(mentions: pa.Table, links: pa.Table, forbidden: pa.Table) -> pa.Table:
    """Return one row per mention with the founder of its cluster, in `CLUSTER_SCHEMA`.

    `links` has `left_mention_key`, `right_mention_key`, `match_weight` (higher joins first; human
    decisions carry an infinite weight); `forbidden` has the two keys. Rows that name a mention
    that does not exist are ignored.
    """
    ordered = mentions.sort_by("mention_key")
    keys = ordered["mention_key"]
    labels = constrained_labels(len(keys), edges(keys, links), edges(keys, forbidden))
    founder = founders(labels, founding_ranks(ordered))
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return pa.table(
        [
            keys.combine_chunks(),
            keys.combine_chunks().take(pa.array(founder)),
            pa.array(counts[inverse], pa.int64()),
        ],
        schema=CLUSTER_SCHEMA,
    )


def components(count: int, links: Edges) -> Positions:
    """Label `count` positions by connected component of the links, ignoring every guard."""
    ones = np.ones(len(links.left), dtype=bool)
    graph = coo_array((ones, (links.left, links.right)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def constrained_labels(count: int, links: Edges, forbidden: Edges) -> Positions:
    """Label positions (sorted by key) by cluster; only components that break a guard are walked."""
    labels = components(count, links)
    is_broken = labels[forbidden.left] == labels[forbidden.right]
    if not is_broken.any():
        return labels
    broken = np.zeros(labels.max() + 1, dtype=bool)
    broken[labels[forbidden.left[is_broken]]] = True
    walked = np.flatnonzero(broken[labels[links.left]])
    low = np.minimum(links.left, links.right)[walked]
    high = np.maximum(links.left, links.right)[walked]
    order = np.lexsort((high, low, -links.weights[walked]))
    walk = _ConstrainedUnion(
        forbidden.left[is_broken].tolist(), forbidden.right[is_broken].tolist()
    )
    for one, other in zip(low[order].tolist(), high[order].tolist(), strict=True):
        walk.join(one, other)
    members = np.flatnonzero(broken[labels])
    roots = np.array([walk.find(member) for member in members.tolist()], dtype=np.int64)
    result = labels.copy()
    result[members] = labels.max() + 1 + roots
    return result


class _ConstrainedUnion:
    """Union-find in which a root knows the positions that its cluster may never hold."""

    def __init__(self, never_left: list[int], never_right: list[int]) -> None:
        self.parent: dict[int, int] = {}
        self.members: dict[int, set[int]] = {}
        self.never: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in zip(never_left, never_right, strict=True):
            self.never[one].add(other)
            self.never[other].add(one)

    def find(self, position: int) -> int:
        root = position
        while (above := self.parent.get(root, root)) != root:
            root = above
        while (above := self.parent.get(position, position)) != root:
            self.parent[position] = root
            position = above
        return root

    def join(self, one: int, other: int) -> bool:
        """Join two clusters unless a pair across them is forbidden; the lower root stays."""
        low, high = sorted((self.find(one), self.find(other)))
        if low == high:
            return True
        high_members = self.members.get(high, {high})
        if not self.never[low].isdisjoint(high_members):
            return False
        self.parent[high] = low
        self.members[low] = self.members.get(low, {low}) | high_members
        self.never[low] |= self.never.pop(high, set())
        return True


def edges(keys: pa.ChunkedArray, pairs: pa.Table) -> Edges:
    """Turn pairs of keys into pairs of positions; those with an unknown or the same end go."""
    left = pc.index_in(pairs["left_mention_key"], value_set=keys)
    right = pc.index_in(pairs["right_mention_key"], value_set=keys)
    known = pc.and_(pc.is_valid(left), pc.is_valid(right))
    known = pc.fill_null(pc.and_(known, pc.not_equal(left, right)), False)
    left, right = left.filter(known), right.filter(known)
    weights = np.zeros(len(left))
    if "match_weight" in pairs.column_names:
        weights = pairs["match_weight"].filter(known).to_numpy().astype(np.float64)
    return Edges(left.to_numpy().astype(np.int64), right.to_numpy().astype(np.int64), weights)
