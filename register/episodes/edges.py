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
Flags = npt.NDArray[np.bool_]
SORTED = [("left_key", "ascending"), ("right_key", "ascending")]


@dataclass(frozen=True)
class Edges:
    """Sorted keys of each side and their places among all keys, and per edge its ends and cost.

    `is_late` marks what may be matched only by the slack of its own.
    """

    left_keys: pa.Array
    right_keys: pa.Array
    left_rank: Positions
    right_rank: Positions
    left: Positions
    right: Positions
    cost: Hours
    is_certain: Flags
    is_late: Flags


def read_edges(table: pa.Table, method: AssignmentMethod) -> Edges:
    """Read the edges that the method's tolerance, or their own slack, allows.

    `table` has `left_key`, `right_key` (absences of one child in two sources that may be the
    same), `gap_hours` (from the end of one to the start of the other; 0 where they meet),
    `start_apart_hours` and `end_apart_hours` (as far as precision can tell),
    `start_between_hours` (between the starts as written), `is_certain` (they surely ran at one
    time) and `slack_hours` (by which one side may be late, as it writes when work was done).
    """
    allowed = pc.max_element_wise(table["slack_hours"], method.tolerance_hours)
    table = table.filter(pc.less_equal(table["gap_hours"], allowed)).sort_by(SORTED)
    left_keys = _sorted_keys(table["left_key"])
    right_keys = _sorted_keys(table["right_key"])
    every = _sorted_keys(pa.chunked_array([left_keys, right_keys]))
    is_certain = table["is_certain"].to_numpy(zero_copy_only=False).astype(bool)
    cost, is_late = _costs(table, is_certain, method)
    return Edges(
        left_keys,
        right_keys,
        _positions(left_keys, every),
        _positions(right_keys, every),
        _positions(table["left_key"], left_keys),
        _positions(table["right_key"], right_keys),
        cost,
        is_certain,
        is_late,
    )


def _costs(table: pa.Table, is_certain: Flags, method: AssignmentMethod) -> tuple[Hours, Flags]:
    """What each match costs, and which would be none without their slack.

    A cost is the hours between starts and between ends beyond the tolerance. Slack only lets a pair
    be matched: it is ranked by its distance all the same, so that a nearer match wins. What may be
    matched, as certain or within its slack, costs less than leaving both alone.
    """
    gap, start, end, between, slack = (
        table[f"{name}_hours"].to_numpy().astype(np.float64)
        for name in ("gap", "start_apart", "end_apart", "start_between", "slack")
    )

    def beyond(tolerance: float | Hours) -> Hours:
        found: Hours = np.maximum(start - tolerance, 0) + np.maximum(end - tolerance, 0)
        return found + between * method.nearness_weight

    cost = beyond(method.tolerance_hours)
    is_near = is_certain | (cost < method.unmatched_cost)
    is_within = beyond(np.maximum(slack, method.tolerance_hours)) < method.unmatched_cost
    room = method.unmatched_cost - method.certain_cost
    above = np.maximum(cost - method.certain_cost, 0)
    capped = method.certain_cost + room * above / (above + method.unmatched_cost)
    is_late = is_within & ~(is_near & (gap <= method.tolerance_hours))
    return np.where((is_near | is_within) & (above > 0), capped, cost), is_late


def _sorted_keys(keys: pa.ChunkedArray) -> pa.Array:
    found = pc.unique(keys)
    return found.take(pc.array_sort_indices(found)).cast(pa.string())


def _positions(keys: pa.Array | pa.ChunkedArray, among: pa.Array) -> Positions:
    return np.asarray(pc.index_in(keys, value_set=among).to_numpy(zero_copy_only=False), np.int64)
