"""Slices: a dbt model of absences is computed for some children at a time, to save memory.

This works only if each child's result follows from that child's rows alone.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa

# The longest relation is divided into slices with at most this many rows on average.
ROWS_AT_ONCE = 500_000


def compute_by_children(
    compute: Callable[..., pa.Table], *relations: duckdb.DuckDBPyRelation
) -> pa.Table:
    """Return the results of `compute` for all children, computed for some children at a time.

    Each relation has the column `child_id_register`. `compute` gets the relations as Arrow tables,
    in the same order.
    """
    count = 1 + max(len(relation) for relation in relations) // ROWS_AT_ONCE
    slices = (f"hash(child_id_register) % {count} = {number}" for number in range(count))
    return pa.concat_tables(
        compute(*(relation.filter(chosen).to_arrow_table() for relation in relations))
        for chosen in slices
    )
