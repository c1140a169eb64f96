"""Pairs of mentions that may not be one child although links could bring them together."""

from typing import Any

import pyarrow as pa

from register.identity.decisions import joinable_links
from register.identity.guards import CARE_SCHEMA, find_forbidden_pairs


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    decisions = dbt.ref("int_link_decisions").to_arrow_table()
    return find_forbidden_pairs(
        dbt.ref("int_clean_mentions").to_arrow_table(),
        joinable_links(dbt.ref("int_pair_links").to_arrow_table(), decisions),
        dbt.ref("int_mention_care").to_arrow_table().select(CARE_SCHEMA.names),
        decisions,
    )
