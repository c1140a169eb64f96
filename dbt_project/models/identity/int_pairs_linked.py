"""Pairs of mentions that something speaks for, with the weight of it."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import CARE_SCHEMA, promote_links
from register.identity.score import links_from_scores, load_model


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return promote_links(
        dbt.ref("int_mentions_cleaned").to_arrow_table(),
        links_from_scores(dbt.ref("int_pairs_scored").to_arrow_table(), load_model()),
        dbt.ref("int_mention_care_dated").to_arrow_table().select(CARE_SCHEMA.names),
    )
