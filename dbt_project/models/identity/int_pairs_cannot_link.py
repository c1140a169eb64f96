"""Pairs of mentions that may not be one child although links could bring them together."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import find_cannot_link_pairs, joinable_links


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    decisions = dbt.ref("int_link_decisions").to_arrow_table()
    return find_cannot_link_pairs(
        dbt.ref("int_clean_mentions").to_arrow_table(),
        joinable_links(dbt.ref("int_pair_links").to_arrow_table(), decisions),
        decisions,
    )
