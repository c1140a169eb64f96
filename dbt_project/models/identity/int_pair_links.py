"""Pairs of mentions that something speaks for, with the weight of it."""

from typing import Any

import pyarrow as pa

from register.identity.cluster import CARE_SCHEMA, CapSamples, promote_links, weigh_doubtful_pairs
from register.identity.score import links_from_scores, load_model
from register.linkage_models import build_model_path
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    mentions = dbt.ref("int_clean_mentions").to_arrow_table()
    scored = dbt.ref("int_pair_score_cache").filter("left_mention_key is not null")
    chosen = load_model(build_model_path(load_settings()))
    links = links_from_scores(scored.to_arrow_table(), chosen, mentions.num_rows)
    care = dbt.ref("int_mention_care").to_arrow_table().select(CARE_SCHEMA.names)
    links = promote_links(mentions, links, care, chosen)
    sampled = dbt.ref("int_sampled_cap_pairs").to_arrow_table().to_pylist()
    cap_samples = CapSamples(
        frozenset(pair["capped_by"] for pair in sampled if pair["is_supported"]),
        frozenset(
            (pair["left_mention_key"], pair["right_mention_key"])
            for pair in sampled
            if pair["is_confirmed"] is False
        ),
    )
    return weigh_doubtful_pairs(mentions, links, chosen, cap_samples)
