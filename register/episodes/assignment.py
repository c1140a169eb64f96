"""Assignment: absences of one child in two sources, matched one to one by least distance.

A greedy or an overlapping-interval rule chains the nights of a child who leaves every evening
into one long episode; an assignment does not (Kuhn 1955; the solver is Jonker and Volgenant's, in
SciPy). What is left over and certainly ran at the same time as a matched absence is attached to
it: one long record against several short ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Matching two absences this far apart is no better than leaving both unmatched.
UNMATCHED_COST_HOURS = 48.0
# Two that certainly overlap are never left unmatched for their distance alone.
CERTAIN_COST_HOURS = 47.0

Positions = npt.NDArray[np.int64]

GROUP_SCHEMA = pa.schema(
    [("absence_key", pa.string()), ("group_key", pa.string()), ("role", pa.string())]
)


def group_absences(edges: pa.Table) -> pa.Table:
    """Return the absences that belong with another, in `GROUP_SCHEMA`.

    `edges` has `left_key`, `right_key` (absences of one child in two sources that may be the
    same), `distance_hours` (of their starts and ends, 0 or more) and `is_certain` (they surely ran
    at one time). `group_key` is the left absence of the match, `role` says `matched` or
    `attached`; an absence that is not in the result stands alone.
    """
    edges = edges.sort_by([("left_key", "ascending"), ("right_key", "ascending")])
    left_keys = pc.unique(edges["left_key"])
    right_keys = pc.unique(edges["right_key"]).sort()
    left = pc.index_in(edges["left_key"], value_set=left_keys).to_numpy().astype(np.int64)
    right = pc.index_in(edges["right_key"], value_set=right_keys).to_numpy().astype(np.int64)
    distance = edges["distance_hours"].to_numpy().astype(np.float64)
    is_certain = edges["is_certain"].to_numpy(zero_copy_only=False).astype(bool)
    cost = np.where(is_certain, np.minimum(distance, CERTAIN_COST_HOURS), distance)
    chosen = _assigned(left, right, cost, (len(left_keys), len(right_keys)))
    group_of_left = np.full(len(left_keys), -1, dtype=np.int64)
    group_of_right = np.full(len(right_keys), -1, dtype=np.int64)
    group_of_left[left[chosen]] = left[chosen]
    group_of_right[right[chosen]] = left[chosen]
    lonely_left, lonely_right = group_of_left < 0, group_of_right < 0
    attached_left = _attached(left, group_of_right[right], is_certain, cost, lonely_left)
    attached_right = _attached(right, group_of_left[left], is_certain, cost, lonely_right)
    return pa.concat_tables(
        [
            _groups(left_keys, np.where(lonely_left, attached_left, group_of_left), lonely_left,
                    left_keys),
            _groups(right_keys, np.where(lonely_right, attached_right, group_of_right),
                    lonely_right, left_keys),
        ]
    )  # fmt: skip


def _assigned(
    left: Positions, right: Positions, cost: npt.NDArray[np.float64], shape: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Mark the edges of the assignment with the least cost; an unmatched pair costs its own."""
    chosen = np.zeros(len(left), dtype=bool)
    possible = np.flatnonzero(cost < UNMATCHED_COST_HOURS)
    if not len(possible):
        return chosen
    size = shape[0] + shape[1]
    ones = np.ones(len(possible), dtype=bool)
    graph = coo_array((ones, (left[possible], right[possible] + shape[0])), shape=(size, size))
    labels = connected_components(graph, directed=False)[1][left[possible]]
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, labels[order][1:] != labels[order][:-1]])
    for members in np.split(possible[order], starts[1:]):
        chosen[members if len(members) == 1 else _solved(members, left, right, cost)] = True
    return chosen


def _solved(
    members: Positions, left: Positions, right: Positions, cost: npt.NDArray[np.float64]
) -> Positions:
    rows, row_of = np.unique(left[members], return_inverse=True)
    columns, column_of = np.unique(right[members], return_inverse=True)
    costs = np.full((len(rows), len(columns)), UNMATCHED_COST_HOURS)
    edge = np.full(costs.shape, -1, dtype=np.int64)
    costs[row_of, column_of] = cost[members]
    edge[row_of, column_of] = members
    found: Positions = edge[linear_sum_assignment(costs)]
    return found[found >= 0]


def _attached(
    own: Positions,
    other_group: Positions,
    is_certain: npt.NDArray[np.bool_],
    cost: npt.NDArray[np.float64],
    is_lonely: npt.NDArray[np.bool_],
) -> Positions:
    """Give each lonely absence the group of the nearest matched one it certainly ran beside."""
    groups = np.full(len(is_lonely), -1, dtype=np.int64)
    usable = np.flatnonzero(is_certain & is_lonely[own] & (other_group >= 0))
    order = usable[np.lexsort((other_group[usable], cost[usable], own[usable]))]
    first = np.r_[True, own[order][1:] != own[order][:-1]] if len(order) else np.zeros(0, bool)
    groups[own[order][first]] = other_group[order][first]
    return groups


def _groups(
    keys: pa.Array, groups: Positions, was_lonely: npt.NDArray[np.bool_], left_keys: pa.Array
) -> pa.Table:
    kept = np.flatnonzero(groups >= 0)
    roles = np.where(was_lonely[kept], "attached", "matched")
    return pa.table(
        [
            _flat(keys).take(pa.array(kept)),
            _flat(left_keys).take(pa.array(groups[kept])),
            pa.array(roles.tolist(), pa.string()),
        ],
        schema=GROUP_SCHEMA,
    )


def _flat(keys: pa.Array | pa.ChunkedArray) -> pa.Array:
    return keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
