"""Absences that are the same in two sources, of children as they are at another threshold."""

from typing import Any

import pyarrow as pa

from register.episodes.assignment import group_absences
from register.episodes.method import read_method


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )
    return group_absences(dbt.ref("int_linkage_absence_pairs").to_arrow_table(), method)
