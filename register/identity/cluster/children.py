"""Children: the whole path from mentions to children, with its steps in order.

The warehouse runs the same steps one by one (`dbt_project/models/identity`), since people inspect
each result. A test compares `link_mentions` with the result in the warehouse. Each step has a
module of its own. Reviewers' decisions are recorded in `register.review`. The warehouse decides
which decisions are in force (`int_link_decisions`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.candidate_splits import find_candidate_splits
from register.identity.cluster.cannot_link import find_cannot_link_pairs
from register.identity.cluster.cluster_tables import build_table
from register.identity.cluster.collective_evidence import promote_links
from register.identity.cluster.connectivity import find_weakly_connected_pairs
from register.identity.cluster.constrained_clustering import (
    cluster_mentions,
    find_edges,
    label_components,
)
from register.identity.cluster.doubtful_pairs import (
    NO_SAMPLES,
    CapSamples,
    weigh_doubtful_pairs,
)
from register.identity.score import (
    Model,
    apply_threshold,
    links_from_scores,
    load_model,
    score_pairs,
)

DECISION_WEIGHT = 1_000_000.0
ENDS = ["left_mention_key", "right_mention_key"]

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


@dataclass(frozen=True)
class Linkage:
    """The results of all steps from mentions to children.

    Brackets name the dbt model with the same rows:

    - `scored`: the result of `score_pairs` (`int_pair_score_cache`)
    - `links`: the links after collective evidence and context (`int_pair_links`)
    - `joinable`: the pairs that may join clusters
    - `cannot_link`: the cannot-link pairs (`int_pairs_cannot_link`)
    - `weak`: the weakly connected pairs (`int_pairs_below_keep_threshold`)
    - `clusters`: a row per mention, in `CLUSTER_SCHEMA` (`int_child_crosswalk`)
    """

    mentions: pa.Table
    model: Model
    scored: pa.Table
    links: pa.Table
    joinable: pa.Table
    cannot_link: pa.Table
    weak: pa.Table
    clusters: pa.Table

    def candidate_splits(self) -> pa.Table:
        """Return the candidate splits of this linkage (see `find_candidate_splits`)."""
        sure_weight = self.model.thresholds.strict
        return find_candidate_splits(
            self.mentions, self.joinable, self.cannot_link, self.weak, sure_weight
        )


def link_mentions(
    mentions: pa.Table,
    care: pa.Table,
    decisions: pa.Table | None = None,
    model: Model | None = None,
    cap_samples: CapSamples = NO_SAMPLES,
) -> Linkage:
    """Link cleaned mentions into children as a load does, and return the result of every step.

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`, and `decisions` (by default none) in
    `DECISION_SCHEMA`. `model` sets caps, thresholds and weights; the default is the pinned model.
    `cap_samples` is what people found in clerical samples of single caps.
    """
    chosen = load_model() if model is None else model
    in_force = DECISION_SCHEMA.empty_table() if decisions is None else decisions
    scored = score_pairs(mentions, chosen)
    links = links_from_scores(scored, chosen, mentions.num_rows)
    links = promote_links(mentions, links, care, chosen)
    links = weigh_doubtful_pairs(mentions, links, chosen, cap_samples)
    clustered = _cluster_links(mentions, links, in_force, chosen)
    return Linkage(mentions, chosen, scored, links, *clustered)


def cluster_children(
    mentions: pa.Table, links: pa.Table, decisions: pa.Table, model: Model | None = None
) -> pa.Table:
    """Return one row per mention with the founder of its child, in `CLUSTER_SCHEMA`.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, and `decisions` in
    `DECISION_SCHEMA`. `model` sets the sure threshold; the default is the pinned model.
    `link_mentions` runs the whole path.
    """
    chosen = load_model() if model is None else model
    return _cluster_links(mentions, links, decisions, chosen)[-1]


@dataclass(frozen=True)
class Linked:
    """Mentions with their links, cannot-link pairs and weakly connected pairs.

    `mentions`, `links` and `decisions` are as in `cluster_children`. `cannot_link` and
    `weak` were found with these links. They have the two keys of each pair, as
    `find_cannot_link_pairs` and `find_weakly_connected_pairs` return them.
    """

    mentions: pa.Table
    links: pa.Table
    decisions: pa.Table
    cannot_link: pa.Table
    weak: pa.Table


def recluster_children(linkage: str, linked: Linked, model: Model | None = None) -> pa.Table:
    """Cluster the links at the `strict` or `loose` threshold, as `cluster_children` does.

    The cannot-link and weakly connected pairs of a component depend only on its records and links.
    So only components whose links differ at this threshold are examined again. Raises `ValueError`
    for another threshold.
    """
    chosen = load_model() if model is None else model
    at_threshold = apply_threshold(linked.links, linkage)
    joinable = joinable_links(at_threshold, linked.decisions)
    in_changed = _find_changed_components(linked, joinable)
    cannot_link, weak = (
        each.select(ENDS).filter(pc.invert(in_changed(each)))
        for each in (linked.cannot_link, linked.weak)
    )
    changed = joinable.filter(in_changed(joinable))
    if changed.num_rows:
        apart = find_cannot_link_pairs(linked.mentions, changed, linked.decisions)
        cannot_link = pa.concat_tables([cannot_link, apart.select(ENDS)])
        doubted = find_weakly_connected_pairs(linked.mentions, changed, at_threshold)
        weak = pa.concat_tables([weak, doubted.select(ENDS)])
    sure_weight = chosen.thresholds.strict
    return cluster_mentions(linked.mentions, joinable, cannot_link, weak, sure_weight)


def _find_changed_components(linked: Linked, joinable: pa.Table) -> Callable[[pa.Table], pa.Array]:
    """Return a function that says, for each pair, whether its component's links changed."""
    keys = linked.mentions["mention_key"]
    before = joinable_links(linked.links, linked.decisions)
    either = pa.concat_tables([before.select(ENDS), joinable.select(ENDS)])
    labels = label_components(len(keys), find_edges(keys, either))
    is_changed = np.zeros(labels.max(initial=-1) + 1, dtype=bool)
    for one, other in ((before, joinable), (joinable, before)):
        alone = one.select(ENDS).join(other.select(ENDS), ENDS, join_type="left anti")
        is_changed[labels[find_edges(keys, alone).left]] = True

    def in_changed(pairs: pa.Table) -> pa.Array:
        places = pc.index_in(pairs[ENDS[0]], value_set=keys)
        known = pc.fill_null(places, -1).to_numpy()
        return pa.array((known >= 0) & is_changed[labels[known]] if len(labels) else known >= 0)

    return in_changed


def _cluster_links(
    mentions: pa.Table, links: pa.Table, decisions: pa.Table, model: Model
) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """Return four tables: joinable, cannot-link and weakly connected pairs, and clusters."""
    joinable = joinable_links(links, decisions)
    cannot_link = find_cannot_link_pairs(mentions, joinable, decisions)
    weak = find_weakly_connected_pairs(mentions, joinable, links)
    sure_weight = model.thresholds.strict
    clusters = cluster_mentions(mentions, joinable, cannot_link, weak, sure_weight)
    return joinable, cannot_link, weak, clusters


def joinable_links(links: pa.Table, decisions: pa.Table) -> pa.Table:
    """Return the pairs that may join clusters, with their match weights.

    These are the links of band `link`, and the pairs that reviewers decided to link. A reviewer's
    link outweighs every other link. Pairs in review are left out until a reviewer decides.
    """
    rows = [
        (*sorted(row[end] for end in ENDS), DECISION_WEIGHT)
        for row in decisions.to_pylist()
        if row["decision"] == "link"
    ]
    accepted = links.filter(pc.equal(links["band"], "link")).select([*ENDS, "match_weight"])
    return pa.concat_tables([build_table(rows, accepted.schema), accepted])
