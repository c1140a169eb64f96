"""Pairs of mentions that links could bring together and that nothing speaks for themselves."""

from typing import Any

import pyarrow as pa

from register.identity.cohesion import doubted_pairs
from register.identity.decisions import joinable_links


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    links = dbt.ref("int_pair_links").to_arrow_table()
    decisions = dbt.ref("int_link_decisions").to_arrow_table()
    return doubted_pairs(
        dbt.ref("int_clean_mentions").to_arrow_table(), joinable_links(links, decisions), links
    )
