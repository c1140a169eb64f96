"""The absence that each report is part of inside its source: extract and return matched."""

from typing import Any

import pyarrow as pa

from register.episodes import (
    compute_by_children,
    group_absences,
    name_source_absences,
    read_method,
)


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )

    def name(reports: pa.Table, pairs: pa.Table) -> pa.Table:
        return name_source_absences(reports, group_absences(pairs, method))

    intervals = dbt.ref("int_report_intervals")
    named = ("child_id_register", "report_key", "source", "feed", "feed_absence_key")
    return compute_by_children(
        name, intervals.select(*named), dbt.ref("int_authority_absence_pairs")
    )
