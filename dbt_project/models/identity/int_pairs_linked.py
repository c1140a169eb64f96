"""Pairs of mentions that something speaks for, with the weight of it."""

from typing import Any

import pyarrow as pa

from register.identity.matching import links_from_scores
from register.identity.model import load_model


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return links_from_scores(dbt.ref("int_pairs_scored").to_arrow_table(), load_model())
