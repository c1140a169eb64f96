"""Which report each record is of, where one reference stands for several reports."""

from typing import Any

import pyarrow as pa

from register.report_versions import number_records


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    return number_records(dbt.ref("int_repeated_references").to_arrow_table())
