"""Mentions with the child that each is about, whose key is that of its founding mention."""

from typing import Any

import pyarrow as pa

from register.identity.clustering import cluster_mentions
from register.identity.crosswalk import child_crosswalk
from register.identity.decisions import joinable_links
from register.identity.model import load_model


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    links = dbt.ref("int_pair_links").to_arrow_table()
    decisions = dbt.ref("int_link_decisions").to_arrow_table()
    mentions = dbt.ref("int_clean_mentions").to_arrow_table()
    clusters = cluster_mentions(
        mentions,
        joinable_links(links, decisions),
        dbt.ref("int_pairs_cannot_link").to_arrow_table(),
        dbt.ref("int_pairs_below_keep_threshold").to_arrow_table(),
        load_model().thresholds.strict,
    )
    return child_crosswalk(clusters, mentions)
