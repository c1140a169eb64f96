"""Mentions with cleaned names, dates of birth, postcodes and identifiers."""

from typing import Any

import pyarrow as pa

from register.identity.clean import clean_mentions


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return clean_mentions(dbt.ref("int_mentions").to_arrow_table())
