"""Levels of the linkage model, with the weights that the pairs of this load would give them."""

from typing import Any

import pyarrow as pa

from register.identity.score import load_model, weight_drift
from register.linkage_models import build_model_path
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    chosen = load_model(build_model_path(load_settings()))
    mentions = dbt.ref("int_clean_mentions")
    scored = dbt.ref("int_pair_score_cache").filter("left_mention_key is not null")
    columns = ["match_weight", "capped_by", *(f"gamma_{name}" for name in chosen.comparison_names)]
    pairs = scored.select(*columns).to_arrow_table()
    return weight_drift(pairs, chosen, mentions.count("*").fetchone()[0])
