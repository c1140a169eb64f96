"""Pairs of absences that may be the same, as arrays, with what it costs to match each.

Which pairs there are is decided in SQL, which of them are matched in `assignment`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from register.episodes.method import AssignmentMethod

Positions = npt.NDArray[np.int64]
Hours = npt.NDArray[np.float64]
SORTED = [("left_key", "ascending"), ("right_key", "ascending")]


@dataclass(frozen=True)
class Edges:
    """Sorted keys of each side and their places among all keys, and per edge its ends and cost."""

    left_keys: pa.Array
    right_keys: pa.Array
    left_rank: Positions
    right_rank: Positions
    left: Positions
    right: Positions
    cost: Hours
    is_certain: npt.NDArray[np.bool_]


def read_edges(table: pa.Table, method: AssignmentMethod) -> Edges:
    """Read the edges that the method's tolerance allows.

    `table` has `left_key`, `right_key` (absences of one child in two sources that may be the
    same), `gap_hours` (from the end of one to the start of the other; 0 where they meet),
    `start_apart_hours` and `end_apart_hours` (as far as precision can tell),
    `start_between_hours` (between the starts as written) and `is_certain` (they surely ran at one
    time).
    """
    table = table.filter(pc.less_equal(table["gap_hours"], method.tolerance_hours))
    table = table.sort_by(SORTED)
    left_keys = _sorted_keys(table["left_key"])
    right_keys = _sorted_keys(table["right_key"])
    every = _sorted_keys(pa.chunked_array([left_keys, right_keys]))
    is_certain = table["is_certain"].to_numpy(zero_copy_only=False).astype(bool)
    return Edges(
        left_keys,
        right_keys,
        _positions(left_keys, every),
        _positions(right_keys, every),
        _positions(table["left_key"], left_keys),
        _positions(table["right_key"], right_keys),
        _cost(table, is_certain, method),
        is_certain,
    )


def _cost(table: pa.Table, is_certain: npt.NDArray[np.bool_], method: AssignmentMethod) -> Hours:
    """Hours between starts and ends beyond the tolerance; below the unmatched cost if certain."""
    start, end, between = (
        table[f"{name}_hours"].to_numpy().astype(np.float64)
        for name in ("start_apart", "end_apart", "start_between")
    )
    cost = np.maximum(start - method.tolerance_hours, 0)
    cost += np.maximum(end - method.tolerance_hours, 0)
    cost += between * method.nearness_weight
    room = method.unmatched_cost - method.certain_cost
    above = np.maximum(cost - method.certain_cost, 0)
    capped = method.certain_cost + room * above / (above + method.unmatched_cost)
    return np.where(is_certain & (above > 0), capped, cost)


def _sorted_keys(keys: pa.ChunkedArray) -> pa.Array:
    found = pc.unique(keys)
    return found.take(pc.array_sort_indices(found)).cast(pa.string())


def _positions(keys: pa.Array | pa.ChunkedArray, among: pa.Array) -> Positions:
    return np.asarray(pc.index_in(keys, value_set=among).to_numpy(zero_copy_only=False), np.int64)
