"""Pairs of mentions that something speaks for, with the weight of it."""

from typing import Any

import pyarrow as pa

from register.identity.collective import promote_links
from register.identity.guards import CARE_SCHEMA
from register.identity.matching import links_from_scores
from register.identity.model import load_model


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return promote_links(
        dbt.ref("int_clean_mentions").to_arrow_table(),
        links_from_scores(
            dbt.ref("int_pair_score_cache").filter("left_mention_key is not null").to_arrow_table(),
            load_model(),
        ),
        dbt.ref("int_mention_care").to_arrow_table().select(CARE_SCHEMA.names),
    )
