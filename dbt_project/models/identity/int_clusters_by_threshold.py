"""Mentions with the founder of the child that each would be about at another threshold."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import Linked, recluster_children
from register.identity.score import load_model
from register.linkage_models import build_model_path
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    linked = Linked(
        mentions=dbt.ref("int_clean_mentions").to_arrow_table(),
        links=dbt.ref("int_pair_links").to_arrow_table(),
        decisions=dbt.ref("int_link_decisions").to_arrow_table(),
        cannot_link=dbt.ref("int_pairs_cannot_link").to_arrow_table(),
        weak=dbt.ref("int_pairs_below_keep_threshold").to_arrow_table(),
    )
    chosen = load_model(build_model_path(load_settings()))
    tables = []
    for threshold in ("strict", "loose"):
        clusters = recluster_children(threshold, linked, chosen)
        codes = pa.repeat(threshold, len(clusters))
        tables.append(clusters.append_column("linkage_code", codes))
    return pa.concat_tables(tables)
