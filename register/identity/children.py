"""Children from links: decisions, guards and constrained clustering in their one order."""

from __future__ import annotations

import pyarrow as pa

from register.identity.clustering import cluster_mentions
from register.identity.cohesion import doubted_pairs
from register.identity.decisions import joinable_links
from register.identity.guards import find_forbidden_pairs
from register.identity.model import load_model


def cluster_children(
    mentions: pa.Table, links: pa.Table, care: pa.Table, decisions: pa.Table
) -> pa.Table:
    """Return one row per mention with the founder of its child, in `clustering.CLUSTER_SCHEMA`.

    `mentions` is in `mentions.MENTION_SCHEMA`, `links` in `matching.LINK_SCHEMA`, `care` in
    `guards.CARE_SCHEMA`, `decisions` in `decisions.DECISION_SCHEMA`.
    """
    joinable = joinable_links(links, decisions)
    forbidden = find_forbidden_pairs(mentions, joinable, care, decisions)
    doubted = doubted_pairs(mentions, joinable, links)
    return cluster_mentions(mentions, joinable, forbidden, doubted, load_model().thresholds.strict)
