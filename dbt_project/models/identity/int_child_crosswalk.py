"""Mentions with the child that each is about, whose key is that of its founding mention."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import cluster_mentions, joinable_links
from register.identity.keys import build_child_crosswalk
from register.identity.score import load_model
from register.linkage_models import build_model_path
from register.settings import load_settings


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
        load_model(build_model_path(load_settings())).thresholds.strict,
    )
    return build_child_crosswalk(clusters, mentions)
