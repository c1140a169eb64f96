"""Slices: computes a model of absences for some children at a time, so that memory stays bounded.

The result must follow from the rows of each child alone.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa

# Rows of the longest relation that Python has in memory at once.
ROWS_AT_ONCE = 500_000


def compute_by_children(
    compute: Callable[..., pa.Table], *relations: duckdb.DuckDBPyRelation
) -> pa.Table:
    """Return the results of `compute` for all children, called with some children at a time.

    Each relation has `child_id_register`; `compute` gets them as Arrow tables, in their order.
    """
    count = 1 + max(len(relation) for relation in relations) // ROWS_AT_ONCE
    slices = (f"hash(child_id_register) % {count} = {number}" for number in range(count))
    return pa.concat_tables(
        compute(*(relation.filter(chosen).to_arrow_table() for relation in relations))
        for chosen in slices
    )
