"""Undone links: links whose ends clustering left in two children, and what stands between them.

Each has one cause: a tie, a pair that a guard or a person forbids, or a pair that is doubted. What
is undone is decided in `clustering`; what becomes of a pair, in the warehouse.
"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

from register.identity.clustering import Edges, Link, Positions, constrained_clusters, edges
from register.identity.guards import NEVER_LINK

UNDONE_SCHEMA = pa.schema(
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
# A doubted pair that one end of the link is in; or one of two others, of whom it is no more than
# the weakest link that leads from one to the other.
DOUBT = "doubt"
WEAKEST_EDGE = "weakest_edge"


def undone_links(
    mentions: pa.Table, links: pa.Table, forbidden: pa.Table, doubted: pa.Table, sure_weight: float
) -> pa.Table:
    """Return the links whose ends are in two clusters, each with its cause, in `UNDONE_SCHEMA`.

    The parameters are those of `clustering.cluster_mentions`; `forbidden` has `guard_code`. The
    cause of a tie is its rival, a link that is undone as well. Any other cause is a pair across the
    two clusters, and of several the nearest: the link's own, one with an end of it, then by key.
    """
    ordered = mentions.sort_by("mention_key")
    keys = ordered["mention_key"]
    found, never, doubts = (edges(keys, each) for each in (links, forbidden, doubted))
    labels, ties = constrained_clusters(len(keys), found, never, doubts, sure_weight)
    undone = _undone(labels, found)
    nevers, doubteds = _across(labels, never), _across(labels, doubts)
    guards = _guards(forbidden)
    names = keys.to_pylist()
    rows = []
    for link, weight in sorted(undone.items()):
        between = _between(labels, link)
        rivals = [rival for rival in ties.get(link, []) if rival in undone]
        pair = rivals[0] if rivals else _nearest(nevers[between] or doubteds[between], link)
        left, right = names[pair[0]], names[pair[1]]
        guard = guards[left, right] if nevers[between] and not rivals else None
        if rivals:
            cause = TIE
        elif guard:
            cause = DECISION if guard == NEVER_LINK else GUARD
        else:
            cause = DOUBT if set(pair) & set(link) else WEAKEST_EDGE
        rows.append((names[link[0]], names[link[1]], weight, cause, guard, left, right))
    columns = zip(*rows, strict=True) if rows else [()] * len(UNDONE_SCHEMA)
    arrays = [pa.array(each, kind) for each, kind in zip(columns, UNDONE_SCHEMA.types, strict=True)]
    return pa.table(arrays, schema=UNDONE_SCHEMA)


def _undone(labels: Positions, links: Edges) -> dict[Link, float]:
    """The links whose ends are apart, each once with its greatest weight."""
    weights: dict[Link, float] = {}
    for link, weight in zip(links.pairs(), links.weights.tolist(), strict=True):
        if labels[link[0]] != labels[link[1]]:
            weights[link] = max(weight, weights.get(link, weight))
    return weights


def _across(labels: Positions, pairs: Edges) -> defaultdict[Link, list[Link]]:
    """Pairs by the labels of the two clusters that they stand between."""
    found: defaultdict[Link, list[Link]] = defaultdict(list)
    for pair in pairs.pairs():
        found[_between(labels, pair)].append(pair)
    return found


def _between(labels: Positions, link: Link) -> Link:
    one, other = int(labels[link[0]]), int(labels[link[1]])
    return min(one, other), max(one, other)


def _nearest(pairs: list[Link], link: Link) -> Link:
    return min(pairs, key=lambda pair: (-len(set(pair) & set(link)), pair))


def _guards(forbidden: pa.Table) -> dict[tuple[str, str], str]:
    """The guard of each forbidden pair, the lower key first."""
    return {
        (
            min(row["left_mention_key"], row["right_mention_key"]),
            max(row["left_mention_key"], row["right_mention_key"]),
        ): row["guard_code"]
        for row in forbidden.to_pylist()
    }
