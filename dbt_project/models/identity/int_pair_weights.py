"""What each comparison of a scored pair weighed, for people who ask why."""

from typing import Any

import pyarrow as pa

from register.identity.score import list_weights, load_model
from register.linkage_models import build_model_path
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return list_weights(
        dbt.ref("int_pair_score_cache").filter("left_mention_key is not null").to_arrow_table(),
        load_model(build_model_path(load_settings())),
        dbt.ref("int_pair_links").filter("band != 'unlikely'").to_arrow_table(),
    )
