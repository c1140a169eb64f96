"""Models of absences computed for some children after the others: all at once fill the memory.

What is computed must follow from the rows of each child alone.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pyarrow as pa

# Rows of the longest relation that are in Python's memory at once.
ROWS_AT_ONCE = 500_000


def compute_by_children(
    compute: Callable[..., pa.Table], *relations: duckdb.DuckDBPyRelation
) -> pa.Table:
    """Return what `compute` makes of the rows of all children, given those of some at a time.

    Each relation has `child_id_register`; `compute` gets them as Arrow tables, in their order.
    """
    count = 1 + max(len(relation) for relation in relations) // ROWS_AT_ONCE
    slices = (f"hash(child_id_register) % {count} = {number}" for number in range(count))
    return pa.concat_tables(
        compute(*(relation.filter(chosen).to_arrow_table() for relation in relations))
        for chosen in slices
    )
