"""The episode of each report that counts: absences of the two sources matched by assignment."""

from typing import Any

import pyarrow as pa

from register.episodes import (
    compute_by_children,
    episodes_of_reports,
    group_absences,
    read_method,
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )

    def match(absences: pa.Table, pairs: pa.Table, reports: pa.Table) -> pa.Table:
        return episodes_of_reports(absences, group_absences(pairs, method), reports)

    intervals = dbt.ref("int_report_intervals")
    known = ("child_id_register", "report_key", "first_received_at", "first_period_start")
    return compute_by_children(
        match,
        dbt.ref("int_source_absences"),
        dbt.ref("int_absence_pairs"),
        intervals.select(*known),
    )
