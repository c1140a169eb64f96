"""Children: links, reviewers' decisions and constraints applied in their one order.

Which decisions are in force is decided in the warehouse (`int_link_decisions`); taking
decisions belongs to `register.review`. How clusters are made is in `constrained_clustering`.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.cannot_link import find_cannot_link_pairs
from register.identity.cluster.connectivity import find_weakly_connected_pairs
from register.identity.cluster.constrained_clustering import cluster_mentions
from register.identity.score import load_model

DECISION_WEIGHT = 1_000_000.0

DECISION_SCHEMA = pa.schema(
    [
        ("decided_at", pa.timestamp("us")),
        ("decided_by", pa.string()),
        ("decision", pa.string()),
        ("left_mention_key", pa.string()),
        ("right_mention_key", pa.string()),
        ("reason", pa.string()),
    ]
)


def cluster_children(
    mentions: pa.Table, links: pa.Table, care: pa.Table, decisions: pa.Table
) -> pa.Table:
    """Return one row per mention with the founder of its child, in `CLUSTER_SCHEMA`.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, `care` in `CARE_SCHEMA`,
    `decisions` in `DECISION_SCHEMA`.
    """
    joinable = joinable_links(links, decisions)
    cannot_link = find_cannot_link_pairs(mentions, joinable, care, decisions)
    weak = find_weakly_connected_pairs(mentions, joinable, links)
    return cluster_mentions(mentions, joinable, cannot_link, weak, load_model().thresholds.strict)


def joinable_links(links: pa.Table, decisions: pa.Table) -> pa.Table:
    """Return the pairs that may join clusters, with their match weights.

    These are the links of band `link` and the pairs that reviewers linked, which outweigh every
    other link. Pairs in review are left out until a reviewer decides.
    """
    rows = [
        {
            "left_mention_key": min(row["left_mention_key"], row["right_mention_key"]),
            "right_mention_key": max(row["left_mention_key"], row["right_mention_key"]),
            "match_weight": DECISION_WEIGHT,
        }
        for row in decisions.to_pylist()
        if row["decision"] == "link"
    ]
    columns = ["left_mention_key", "right_mention_key", "match_weight"]
    accepted = links.filter(pc.equal(links["band"], "link")).select(columns)
    return pa.concat_tables([pa.Table.from_pylist(rows, schema=accepted.schema), accepted])
