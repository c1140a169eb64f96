"""The stretches of one level of every supplier's monthly counts."""

from typing import Any

import pyarrow as pa

from register.breaks import find_recording_segments


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return find_recording_segments(dbt.ref("int_supplier_months").to_arrow_table())
