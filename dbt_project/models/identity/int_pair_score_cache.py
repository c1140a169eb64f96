"""Scores of candidate pairs, and the hash of every person as it was scored.

Reads what the last load left of this same table, and scores only what is new or changed since.
"""

from typing import Any

import pyarrow as pa

from register.earlier_rows import read_earlier_rows
from register.identity.score import load_model, rescore_in_batches
from register.linkage_models import build_model_path
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.RecordBatchReader:
    """Build the table for dbt; `session` is asked for the table as the last load left it.

    A build on Spark gives `dbt` an engine, for more mentions than its driver compares.
    """
    dbt.config(materialized="table")
    mentions = dbt.ref("int_clean_mentions").to_arrow_table()
    earlier = read_earlier_rows(session, dbt.this)
    kept = None if earlier is None else earlier.to_arrow_reader()
    chosen = load_model(build_model_path(load_settings()))
    return rescore_in_batches(mentions, chosen, kept, getattr(dbt, "scoring_engine", None))
