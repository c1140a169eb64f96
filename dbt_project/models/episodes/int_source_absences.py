"""The absence that each report is part of inside its source: extract and return matched."""

from typing import Any

import pyarrow as pa

from register.episodes.assignment import group_absences, name_source_absences
from register.episodes.method import read_method


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )
    pairs = dbt.ref("int_authority_absence_pairs").to_arrow_table()
    return name_source_absences(
        dbt.ref("int_report_intervals").to_arrow_table(), group_absences(pairs, method)
    )
