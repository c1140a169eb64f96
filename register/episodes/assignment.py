"""Assignment: absences of one child in two sources, matched one to one by least distance.

A greedy or an overlapping-interval rule chains the nights of a child who leaves every evening
into one long episode; an assignment does not (Kuhn 1955; the solver is Jonker and Volgenant's, in
SciPy). What is left over and certainly ran at the same time as a matched absence is attached to
it: one long record against several short ones.

Neither the order of rows nor which source is called left decides anything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from register.episodes.edges import Edges, Positions, read_edges
from register.episodes.method import AssignmentMethod

EPISODE_KEY_LENGTH = 24  # of the digits of a source key, as in every published key
GROUP_SCHEMA = pa.schema(
    [("absence_key", pa.string()), ("group_key", pa.string()), ("role", pa.string())]
)


def group_absences(edges: pa.Table, method: AssignmentMethod) -> pa.Table:
    """Return the absences that belong with another, in `GROUP_SCHEMA`.

    `edges` are those of `read_edges`. `group_key` is the left absence of the match, `role` says
    `matched`, `matched_late` (by the slack of a case system that writes work) or `attached`; an
    absence that is not in the result stands alone.
    """
    found = read_edges(edges, method)
    left, right = found.left, found.right
    chosen = _assigned(found, method.unmatched_cost)
    group_of_left = np.full(len(found.left_keys), -1, dtype=np.int64)
    group_of_right = np.full(len(found.right_keys), -1, dtype=np.int64)
    group_of_left[left[chosen]] = left[chosen]
    group_of_right[right[chosen]] = left[chosen]
    late = chosen & found.is_late
    attached_left = _attached(found, (left, right), group_of_right, group_of_left < 0)
    attached_right = _attached(found, (right, left), group_of_left, group_of_right < 0)
    return pa.concat_tables(
        [
            _groups(found, found.left_keys, group_of_left, attached_left, left[late]),
            _groups(found, found.right_keys, group_of_right, attached_right, right[late]),
        ]
    )


def _assigned(edges: Edges, unmatched_cost: float) -> npt.NDArray[np.bool_]:
    """Mark the edges of the assignment with the least cost; an unmatched pair costs its own."""
    chosen = np.zeros(len(edges.left), dtype=bool)
    possible = np.flatnonzero(edges.cost < unmatched_cost)
    if not len(possible):
        return chosen
    first = len(edges.left_keys)
    size = first + len(edges.right_keys)
    ones = np.ones(len(possible), dtype=bool)
    ends = (edges.left[possible], edges.right[possible] + first)
    labels = connected_components(coo_array((ones, ends), shape=(size, size)), directed=False)[1]
    labels = labels[edges.left[possible]]
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, labels[order][1:] != labels[order][:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    # Most pairs have no rival: they are matched without being solved one by one.
    chosen[possible[order[starts[sizes == 1]]]] = True
    several = sizes > 1
    for start, size in zip(starts[several].tolist(), sizes[several].tolist(), strict=True):
        members = possible[order[start : start + size]]
        chosen[_solved(edges, members, unmatched_cost)] = True
    return chosen


def _solved(edges: Edges, members: Positions, unmatched_cost: float) -> Positions:
    """Solve one component; of several solutions the one found from the side with the first key."""
    sides = (edges.left_rank[edges.left[members]], edges.right_rank[edges.right[members]])
    if sides[1].min() < sides[0].min():
        sides = (sides[1], sides[0])
    rows, row_of = np.unique(sides[0], return_inverse=True)
    columns, column_of = np.unique(sides[1], return_inverse=True)
    costs = np.full((len(rows), len(columns)), unmatched_cost, dtype=np.float64)
    edge = np.full(costs.shape, -1, dtype=np.int64)
    costs[row_of, column_of] = edges.cost[members]
    edge[row_of, column_of] = members
    found: Positions = edge[linear_sum_assignment(costs)]
    return found[found >= 0]


def _attached(
    edges: Edges,
    ends: tuple[Positions, Positions],
    group_of_other: Positions,
    is_lonely: npt.NDArray[np.bool_],
) -> Positions:
    """Give each lonely absence the group of the nearest matched one it certainly ran beside."""
    own, other = ends
    groups = np.full(len(is_lonely), -1, dtype=np.int64)
    usable = np.flatnonzero(edges.is_certain & is_lonely[own] & (group_of_other[other] >= 0))
    order = usable[np.lexsort((other[usable], edges.cost[usable], own[usable]))]
    first = np.r_[True, own[order][1:] != own[order][:-1]] if len(order) else np.zeros(0, bool)
    groups[own[order][first]] = group_of_other[other[order][first]]
    return groups


def _groups(
    edges: Edges, keys: pa.Array, matched: Positions, attached: Positions, late: Positions
) -> pa.Table:
    groups = np.where(matched < 0, attached, matched)
    kept = np.flatnonzero(groups >= 0)
    roles = np.where(matched < 0, "attached", "matched").astype(object)
    roles[late] = "matched_late"
    roles = roles[kept]
    columns = [
        keys.take(pa.array(kept)),
        edges.left_keys.take(pa.array(groups[kept])),
        pa.array(roles.tolist(), pa.string()),
    ]
    return pa.table(columns, schema=GROUP_SCHEMA)


def name_source_absences(reports: pa.Table, groups: pa.Table) -> pa.Table:
    """Return each report that counts with `source_absence_key`, its absence inside its source.

    `reports` are those of `int_report_intervals`; one without a `feed_absence_key` is in no
    absence and left out. `groups` are in `GROUP_SCHEMA`, by absence of a feed.
    """
    columns = ["report_key", "child_id_register", "source", "feed", "feed_absence_key"]
    counted = reports.select(columns).filter(pc.is_valid(reports["feed_absence_key"]))
    grouped = counted.join(
        groups.select(["absence_key", "group_key"]), "feed_absence_key", "absence_key"
    )
    absences = pc.coalesce(grouped["group_key"], grouped["feed_absence_key"])
    return grouped.select(columns[:-1]).append_column("source_absence_key", absences)


def episodes_of_reports(absences: pa.Table, groups: pa.Table, reports: pa.Table) -> pa.Table:
    """Return the episode of every report that counts, one row a report.

    `absences` are those of `name_source_absences`, `groups` are in `GROUP_SCHEMA` by their
    `source_absence_key`, `reports` give `first_received_at` and `first_period_start` of each
    `report_key`. The report that was received first founds the episode: its key names it.
    `match_role_code` is the role in `GROUP_SCHEMA`, or `alone`.
    """
    keys = ["report_key", "child_id_register", "source_absence_key"]
    grouped = absences.select(keys).join(groups, "source_absence_key", "absence_key")
    grouped = grouped.append_column(
        "episode_group_key", pc.coalesce(grouped["group_key"], grouped["source_absence_key"])
    )
    known = reports.select(["report_key", "first_received_at", "first_period_start"])
    order = ["episode_group_key", "first_received_at", "first_period_start", "report_key"]
    ordered = grouped.join(known, "report_key", join_type="inner").sort_by(
        [(name, "ascending") for name in order]
    )
    founders = (
        ordered.select(["episode_group_key", "report_key"])
        .group_by("episode_group_key", use_threads=False)
        .aggregate([("report_key", "first")])
        .rename_columns(["episode_group_key", "founding_report_key"])
    )
    founded = ordered.join(founders, "episode_group_key")
    digits = pc.utf8_slice_codeunits(founded["founding_report_key"], 0, EPISODE_KEY_LENGTH)
    episodes = pc.binary_join_element_wise("E", pc.utf8_upper(digits), "")
    return pa.table(
        {
            **{name: founded[name] for name in keys},
            "match_role_code": pc.fill_null(founded["role"], "alone"),
            "founding_report_key": founded["founding_report_key"],
            "episode_id_register": episodes,
        }
    )


def group_at_tolerances(
    edges: pa.Table, method: AssignmentMethod, tolerance_days: list[int]
) -> pa.Table:
    """Group the absences once for each tolerance; adds `tolerance_days` to `GROUP_SCHEMA`."""
    parts = []
    for days in tolerance_days:
        table = group_absences(edges, replace(method, tolerance_hours=24.0 * days))
        column = pa.array([days] * len(table), pa.int32())
        parts.append(table.append_column("tolerance_days", column))
    empty = GROUP_SCHEMA.append(pa.field("tolerance_days", pa.int32())).empty_table()
    return pa.concat_tables([empty, *parts])
