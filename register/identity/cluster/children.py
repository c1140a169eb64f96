"""Children: the whole path from mentions to children, its steps in their one order.

The warehouse materialises the same steps one by one (`dbt_project/models/identity`), since people
look at each; a test holds `link_mentions` to its crosswalk. Which decisions are in force is decided
in the warehouse (`int_link_decisions`); taking decisions belongs to `register.review`. The rule of
each step is in a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from register.identity.cluster.candidate_splits import find_candidate_splits
from register.identity.cluster.cannot_link import find_cannot_link_pairs
from register.identity.cluster.collective_evidence import promote_links
from register.identity.cluster.connectivity import find_weakly_connected_pairs
from register.identity.cluster.constrained_clustering import cluster_mentions
from register.identity.score import Model, links_from_scores, load_model, score_pairs

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


@dataclass(frozen=True)
class Linkage:
    """What each step of the path found; in brackets the model of the warehouse that has the same.

    `scored` (`int_pair_score_cache`) is the result of `score_pairs`, `links` (`int_pair_links`)
    has collective evidence, `joinable` are the pairs that may join clusters; then come
    `cannot_link` (`int_pairs_cannot_link`), `weak` (`int_pairs_below_keep_threshold`) and
    `clusters` (`int_child_crosswalk`), a row per mention in `CLUSTER_SCHEMA`.
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
        """Doubted pairs within a child, in `SPLIT_SCHEMA` (`int_candidate_splits`)."""
        sure_weight = self.model.thresholds.strict
        return find_candidate_splits(
            self.mentions, self.joinable, self.cannot_link, self.weak, sure_weight
        )


def link_mentions(
    mentions: pa.Table,
    care: pa.Table,
    decisions: pa.Table | None = None,
    model: Model | None = None,
) -> Linkage:
    """Link cleaned mentions into children as a load does, and return what every step found.

    `mentions` is in `MENTION_SCHEMA`, `care` in `CARE_SCHEMA`, `decisions` in `DECISION_SCHEMA`
    (none if left out). The caps, thresholds and weights are those of `model`: the pinned one unless
    another is given.
    """
    chosen = load_model() if model is None else model
    decided = DECISION_SCHEMA.empty_table() if decisions is None else decisions
    scored = score_pairs(mentions, chosen)
    links = links_from_scores(scored, chosen, mentions.num_rows)
    links = promote_links(mentions, links, care, chosen)
    return Linkage(
        mentions, chosen, scored, links, *_clustered(mentions, links, care, decided, chosen)
    )


def cluster_children(
    mentions: pa.Table,
    links: pa.Table,
    care: pa.Table,
    decisions: pa.Table,
    model: Model | None = None,
) -> pa.Table:
    """Return one row per mention with the founder of its child, in `CLUSTER_SCHEMA`.

    `mentions` is in `MENTION_SCHEMA`, `links` in `LINK_SCHEMA`, `care` in `CARE_SCHEMA`,
    `decisions` in `DECISION_SCHEMA`. For links at the strict or loose threshold; `link_mentions`
    runs the whole path. The sure threshold is that of `model`: the pinned one unless given.
    """
    chosen = load_model() if model is None else model
    return _clustered(mentions, links, care, decisions, chosen)[-1]


def _clustered(
    mentions: pa.Table, links: pa.Table, care: pa.Table, decisions: pa.Table, model: Model
) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """The pairs that may join, those that cannot, those weakly connected, and the clusters."""
    joinable = joinable_links(links, decisions)
    cannot_link = find_cannot_link_pairs(mentions, joinable, care, decisions)
    weak = find_weakly_connected_pairs(mentions, joinable, links)
    sure_weight = model.thresholds.strict
    clusters = cluster_mentions(mentions, joinable, cannot_link, weak, sure_weight)
    return joinable, cannot_link, weak, clusters


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
