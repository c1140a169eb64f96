"""The conditions on the base under which counts are made, from the description of the data sets."""

from typing import Any

import pyarrow as pa

from official_statistics import condition_table


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return condition_table()
