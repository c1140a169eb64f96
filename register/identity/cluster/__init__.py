"""Clustering: which mentions are the same child, by links, constraints and reviewers' decisions.

Match weights are computed in `score`. The published keys of children are made in the warehouse.
"""

from register.identity.cluster.candidate_splits import find_candidate_splits
from register.identity.cluster.cannot_link import ADOPTION, NOT_LIFTED, find_cannot_link_pairs
from register.identity.cluster.children import (
    DECISION_SCHEMA,
    Linkage,
    Linked,
    cluster_children,
    joinable_links,
    link_mentions,
    recluster_children,
)
from register.identity.cluster.cluster_tables import CARE_SCHEMA
from register.identity.cluster.collective_evidence import CAPS, promote_links
from register.identity.cluster.connectivity import find_weakly_connected_pairs
from register.identity.cluster.constrained_clustering import cluster_mentions
from register.identity.cluster.context_features import FEATURES, measure_features
from register.identity.cluster.doubtful_pairs import (
    SAMPLE_METHOD,
    CapSamples,
    weigh_doubtful_pairs,
)
from register.identity.cluster.rejected_links import find_rejected_links

__all__ = [
    "ADOPTION",
    "CAPS",
    "CARE_SCHEMA",
    "DECISION_SCHEMA",
    "FEATURES",
    "NOT_LIFTED",
    "SAMPLE_METHOD",
    "CapSamples",
    "Linkage",
    "Linked",
    "cluster_children",
    "cluster_mentions",
    "find_candidate_splits",
    "find_cannot_link_pairs",
    "find_rejected_links",
    "find_weakly_connected_pairs",
    "joinable_links",
    "link_mentions",
    "measure_features",
    "promote_links",
    "recluster_children",
    "weigh_doubtful_pairs",
]
