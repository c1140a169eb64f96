"""The episode of each report that counts: absences of the two sources matched by assignment."""

from typing import Any

import pyarrow as pa

from register.episodes import episodes_of_reports, group_absences, read_method


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )
    groups = group_absences(dbt.ref("int_absence_pairs").to_arrow_table(), method)
    return episodes_of_reports(
        dbt.ref("int_source_absences").to_arrow_table(),
        groups,
        dbt.ref("int_report_intervals").to_arrow_table(),
    )
