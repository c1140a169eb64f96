"""The absences of two sources matched again, once for each tolerance that is tried."""

from typing import Any

import pyarrow as pa

from register.episodes import compute_by_children, group_at_tolerances, read_method


def model(dbt: Any, session: Any) -> pa.Table:
    """Build the table for dbt; `session` is not used."""
    dbt.config(materialized="table")
    method = read_method(
        dbt.ref("ref__episode_parameters").to_arrow_table(),
        dbt.ref("ref__merge_tolerances").to_arrow_table(),
    )
    tried = dbt.ref("ref__tolerances_tried").to_arrow_table()
    days = sorted(tried["tolerance_days"].to_pylist())

    def match(edges: pa.Table) -> pa.Table:
        groups = group_at_tolerances(edges, method, days)
        return groups.join(_children(edges), "absence_key")

    return compute_by_children(match, dbt.ref("int_absence_pairs"))


def _children(edges: pa.Table) -> pa.Table:
    """The child of each absence that is in a pair."""
    names = ["absence_key", "child_id_register"]
    sides = [
        edges.select([key, "child_id_register"]).rename_columns(names)
        for key in ("left_key", "right_key")
    ]
    return pa.concat_tables(sides).group_by(names).aggregate([])
