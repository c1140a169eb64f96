"""Constrained clustering: links become clusters that contain no cannot-link pair.

Links join clusters, from the strongest link to the weakest. Two clusters stay apart if one has a
record that forms a cannot-link pair with a record of the other. If they have a weakly connected
pair across them, only a link at or above the sure threshold joins them. Equally strong links may
put one record into clusters that exclude each other. Then none of these links joins, and the tie
goes to clerical review. The result does not depend on the order of links and pairs.

Every cluster has a founder, its earliest-known record. The founder's key becomes the key of the
child. So a merge keeps the older key, and after a split the founder's part keeps it. Cannot-link
pairs come from `cannot_link`, weakly connected pairs from `connectivity`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.int64]
Link = tuple[int, int]

CLUSTER_SCHEMA = pa.schema(
    [
        ("mention_key", pa.string()),
        ("founding_mention_key", pa.string()),
        ("cluster_size", pa.int64()),
    ]
)
FOUNDED_BY = ["first_received_at", "first_period_start", "mention_key"]


class Edges(NamedTuple):
    """Pairs of positions, each with a weight (0 if weights do not matter)."""

    left: Positions
    right: Positions
    weights: npt.NDArray[np.float64]

    def list_pairs(self) -> list[Link]:
        """Return the pairs, each with its lower position first."""
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        return list(zip(low.tolist(), high.tolist(), strict=True))


class Clusters(NamedTuple):
    """The cluster label of each position, and the rivals of each tied link, in order."""

    labels: Positions
    ties: dict[Link, list[Link]]


NO_EDGES = Edges(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def cluster_mentions(
    mentions: pa.Table,
    links: pa.Table,
    cannot_link: pa.Table,
    weak: pa.Table | None = None,
    sure_weight: float = inf,
) -> pa.Table:
    """Return one row per mention with the founder of its cluster, in `CLUSTER_SCHEMA`.

    `links` has `left_mention_key`, `right_mention_key` and `match_weight` (bits). Links with a
    higher weight join first; a reviewer's link has the highest. `cannot_link` and `weak` (weakly
    connected pairs) have the two keys. If a weakly connected pair lies across two clusters, only a
    link of at least `sure_weight` joins them. Rows with an unknown mention are ignored.
    """
    ordered = mentions.select(FOUNDED_BY).sort_by("mention_key")
    keys = ordered["mention_key"]
    weak_pairs = find_edges(keys, weak) if weak is not None else NO_EDGES
    labels = find_constrained_clusters(
        len(keys), find_edges(keys, links), find_edges(keys, cannot_link), weak_pairs, sure_weight
    ).labels
    founder = _find_founders(labels, _rank_by_founding(ordered))
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return pa.table(
        [
            keys.combine_chunks(),
            keys.combine_chunks().take(pa.array(founder)),
            pa.array(counts[inverse], pa.int64()),
        ],
        schema=CLUSTER_SCHEMA,
    )


def label_components(count: int, links: Edges) -> Positions:
    """Return the connected component of each of `count` positions, without constraints."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(links.left), dtype=bool)
    graph = coo_array((ones, (links.left, links.right)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def label_linked_mentions(mentions: pa.Table, links: pa.Table) -> pa.Table:
    """Return the mentions that have a link, each with the number of its `component`."""
    linked = find_edges(mentions["mention_key"], links)
    labels = label_components(mentions.num_rows, linked)
    is_linked = np.zeros(mentions.num_rows, dtype=bool)
    is_linked[linked.left] = True
    is_linked[linked.right] = True
    return mentions.append_column("component", pa.array(labels)).filter(pa.array(is_linked))


def find_constrained_clusters(
    count: int, links: Edges, cannot_link: Edges, weak: Edges = NO_EDGES, sure_weight: float = inf
) -> Clusters:
    """Return a cluster label for each position (in order of keys), and the ties.

    A tied link is a pair of positions, the lower first. The parameters are those of
    `cluster_mentions`. A component becomes one cluster at once if it has no cannot-link or weakly
    connected pair. Other components are built link by link.
    """
    labels = label_components(count, links)
    apart, weak = _keep_within(labels, cannot_link), _keep_within(labels, weak)
    broken = np.zeros(labels.max(initial=-1) + 1, dtype=bool)
    for pairs in (apart, weak):
        broken[labels[pairs.left]] = True
    if not broken.any():
        return Clusters(labels, {})
    walked = np.flatnonzero(broken[labels[links.left]])
    low = np.minimum(links.left, links.right)[walked]
    high = np.maximum(links.left, links.right)[walked]
    order = np.lexsort((high, low, -links.weights[walked]))
    walk = _ConstrainedUnion(apart, weak, sure_weight)
    ordered = zip(
        (-links.weights[walked][order]).tolist(),
        low[order].tolist(),
        high[order].tolist(),
        strict=True,
    )
    for weight, equals in groupby(ordered, key=lambda edge: edge[0]):
        walk.join_all([(one, other) for _, one, other in equals], -weight)
    members = np.flatnonzero(broken[labels])
    roots = np.array([walk.find_root(member) for member in members.tolist()], dtype=np.int64)
    result = labels.copy()
    result[members] = labels.max() + 1 + roots
    return Clusters(result, walk.ties)


def _keep_within(labels: Positions, pairs: Edges) -> Edges:
    """Return the pairs whose ends are in one component."""
    is_within = labels[pairs.left] == labels[pairs.right]
    return Edges(*(each[is_within] for each in pairs))


class _ConstrainedUnion:
    """A union-find structure whose roots also store the positions that their cluster excludes."""

    def __init__(self, cannot_link: Edges, weak: Edges, sure_weight: float) -> None:
        self.parent: dict[int, int] = {}
        self.members: dict[int, set[int]] = {}
        self.ties: dict[Link, list[Link]] = {}
        self.apart, self.weak = _map_opposites(cannot_link), _map_opposites(weak)
        self.sure_weight = sure_weight

    def find_root(self, position: int) -> int:
        """Return the root of a position's cluster, and shorten the path to it."""
        root = position
        while (above := self.parent.get(root, root)) != root:
            root = above
        while (above := self.parent.get(position, position)) != root:
            self.parent[position] = root
            position = above
        return root

    def join_all(self, equals: list[Link], weight: float) -> None:
        """Join the ends of equally strong links; links that tie with each other join nothing."""
        between: defaultdict[Link, list[Link]] = defaultdict(list)
        near: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in equals:
            low, high = sorted((self.find_root(one), self.find_root(other)))
            if low != high:
                between[low, high].append((one, other))
                near[low].add(high)
                near[high].add(low)
        rivals = {roots: self._find_rivals(roots, near, weight) for roots in sorted(between)}
        for roots, others in rivals.items():
            if others and not self._exclude(*roots, weight):
                tied = sorted(link for other in others for link in between[other])
                self.ties |= {link: tied for link in between[roots] if link not in self.ties}
        for (low, high), others in rivals.items():
            if not others:
                self._join_roots(low, high, weight)

    def _find_rivals(
        self, roots: Link, near: defaultdict[int, set[int]], weight: float
    ) -> list[Link]:
        """Return the rivals of a link between two clusters.

        A rival is a pair of roots that would join one end to a cluster which excludes the other
        end. Pairs of roots that may not be joined anyway are left out.
        """
        return [
            (min(end, rival), max(end, rival))
            for end, other in (roots, roots[::-1])
            for rival in near[end] - {other}
            if self._exclude(other, rival, weight) and not self._exclude(end, rival, weight)
        ]

    def _exclude(self, one: int, other: int, weight: float) -> bool:
        """Say whether the clusters of two roots must stay apart for a link of this weight."""
        members = self.members.get(other, {other})
        if not self.apart[one].isdisjoint(members):
            return True
        return weight < self.sure_weight and not self.weak[one].isdisjoint(members)

    def _join_roots(self, one: int, other: int, weight: float) -> None:
        """Join two clusters under the lower root, unless they exclude each other."""
        low, high = sorted((self.find_root(one), self.find_root(other)))
        if low == high or self._exclude(low, high, weight):
            return
        self.parent[high] = low
        self.members[low] = self.members.get(low, {low}) | self.members.get(high, {high})
        for excluded in (self.apart, self.weak):
            excluded[low] |= excluded.pop(high, set())


def _map_opposites(pairs: Edges) -> defaultdict[int, set[int]]:
    """Return, for each position, the positions with which it is paired."""
    opposites: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        opposites[one].add(other)
        opposites[other].add(one)
    return opposites


def find_edges(keys: pa.ChunkedArray, pairs: pa.Table) -> Edges:
    """Convert pairs of keys to pairs of positions, without unknown ends and pairs of equal ends."""
    left = pc.index_in(pairs["left_mention_key"], value_set=keys)
    right = pc.index_in(pairs["right_mention_key"], value_set=keys)
    known = pc.and_(pc.is_valid(left), pc.is_valid(right))
    known = pc.fill_null(pc.and_(known, pc.not_equal(left, right)), False)
    left, right = left.filter(known), right.filter(known)
    weights = np.zeros(len(left))
    if "match_weight" in pairs.column_names:
        weights = pairs["match_weight"].filter(known).to_numpy().astype(np.float64)
    return Edges(left.to_numpy().astype(np.int64), right.to_numpy().astype(np.int64), weights)


def _rank_by_founding(mentions: pa.Table) -> Positions:
    """Rank mentions from 0 by first receipt, then earliest period, then key (`FOUNDED_BY`)."""
    positions = pa.array(np.arange(mentions.num_rows, dtype=np.int64))
    numbered = mentions.select(FOUNDED_BY).append_column("position", positions)
    ordered = numbered.sort_by([(name, "ascending") for name in FOUNDED_BY])
    order = ordered["position"].to_numpy()
    ranks = np.empty(mentions.num_rows, dtype=np.int64)
    ranks[order] = np.arange(mentions.num_rows)
    return ranks


def _find_founders(labels: Positions, ranks: Positions) -> Positions:
    """Return the position of each mention's founder: the mention of lowest rank in its cluster."""
    order = np.lexsort((ranks, labels))
    ordered_labels = labels[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = ordered_labels[1:] != ordered_labels[:-1]
    group = np.cumsum(is_first) - 1
    result = np.empty(len(order), dtype=np.int64)
    result[order] = order[is_first][group]
    return result
