"""Every source identifier with its keyed pseudonym: the one place where keys are made."""

from typing import Any

import pyarrow as pa

from register.identity.pseudonyms import pseudonymise_keys
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    source_ids = dbt.ref("int_source_ids").to_arrow_table()
    return pseudonymise_keys(load_settings().pseudonym_key, source_ids)
