"""Pairs of mentions that something speaks for, with the weight of it."""

from typing import Any

import pyarrow as pa

from register.identity.matching import find_links


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return find_links(dbt.ref("int_mentions_cleaned").to_arrow_table())
