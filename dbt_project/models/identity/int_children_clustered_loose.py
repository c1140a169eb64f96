"""Mentions with the founder of the child that each would be about at the loose threshold."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import CARE_SCHEMA, cluster_children
from register.identity.score import links_at


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return cluster_children(
        dbt.ref("int_mentions_cleaned").to_arrow_table(),
        links_at(dbt.ref("int_pairs_linked").to_arrow_table(), "loose"),
        dbt.ref("int_mention_care_dated").to_arrow_table().select(CARE_SCHEMA.names),
        dbt.ref("int_link_decisions_in_force").to_arrow_table(),
    )
