"""Every source identifier with its keyed pseudonym: the one place where keys are made.

Reads what the last load left of this same table: an identifier's key is made once.
"""

from typing import Any

import pyarrow as pa

from register.earlier_rows import read_earlier_rows
from register.identity.keys import pseudonymise_keys
from register.settings import load_settings


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is asked for the table as the last load left it."""
    dbt.config(materialized="table")
    source_ids = dbt.ref("int_source_ids")
    columns = [*source_ids.columns]
    kept = read_earlier_rows(session, dbt.this, ("kind", "issuer", "source_id", "source_key"))
    if kept is not None:
        columns = [*columns, "source_key"]
        source_ids = source_ids.join(kept, "kind, issuer, source_id", "left")
    return pseudonymise_keys(
        load_settings().pseudonym_key, source_ids.to_arrow_table().select(columns)
    )
