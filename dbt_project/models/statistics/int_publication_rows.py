"""The rows and counts of every public file, from the description of the data sets."""

from typing import Any

import pyarrow as pa

from official_statistics import row_table


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return row_table()
