"""Doubted pairs within a child, and with which of the two each of its mentions would be."""

from typing import Any

import pyarrow as pa

from register.identity.decisions import joinable_links
from register.identity.model import load_model
from register.identity.splits import try_splits


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    links = dbt.ref("int_pair_links").to_arrow_table()
    decisions = dbt.ref("int_link_decisions").to_arrow_table()
    return try_splits(
        dbt.ref("int_clean_mentions").to_arrow_table(),
        joinable_links(links, decisions),
        dbt.ref("int_pairs_cannot_link").to_arrow_table(),
        dbt.ref("int_pairs_below_keep_threshold").to_arrow_table(),
        load_model().thresholds.strict,
    )
