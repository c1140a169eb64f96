"""Assignment: one-to-one matches of one child's absences in two sources, at the lowest cost.

Suppose that a child leaves every evening. A greedy rule, or a rule of overlapping intervals, joins
the nights into one long episode. An assignment does not (Kuhn 1955; the solver is Jonker and
Volgenant's, in SciPy). One source may have one long record and the other several short ones. Then
an unmatched absence that certainly overlaps a matched absence is attached to it.

The result depends neither on the order of rows nor on which source is called left. Candidate pairs
are chosen in SQL; costs and tolerances are seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Positions = npt.NDArray[np.int64]
Hours = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# The number of digits after the letter E in an episode's key. They are the first digits of the key
# of the report that founded the episode.
EPISODE_KEY_LENGTH = 24
GROUP_SCHEMA = pa.schema(
    [("absence_key", pa.string()), ("group_key", pa.string()), ("role", pa.string())]
)
SORTED = [("left_key", "ascending"), ("right_key", "ascending")]
HOURS_OF_UNIT = {"hours": 1.0, "days": 24.0}


@dataclass(frozen=True)
class AssignmentMethod:
    """Costs and tolerances in hours, and one weight, from the seed `ref__episode_parameters`.

    `category_cost` is the extra cost of matching a missing with an away absence. It is so small
    that it decides only if times do not, as between two absences of one day. `tolerance_hours`
    applies to every pair. A pair may also have its own entry delay (`slack_hours` in `read_edges`).
    Raises `ValueError` if leaving two absences unmatched would cost no more than matching two
    absences that certainly overlap.
    """

    unmatched_cost: float
    certain_cost: float
    nearness_weight: float
    tolerance_hours: float
    category_cost: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.certain_cost < self.unmatched_cost:
            raise ValueError("certain_cost must be below unmatched_cost, and not below 0")


def read_method(parameters: pa.Table, tolerances: pa.Table) -> AssignmentMethod:
    """Build the method from the seeds `ref__episode_parameters` and `ref__merge_tolerances`."""
    values = {row["parameter_code"]: float(row["value"]) for row in parameters.to_pylist()}
    across = next(row for row in tolerances.to_pylist() if row["source"] == "across")
    return AssignmentMethod(
        unmatched_cost=values["unmatched_cost"],
        certain_cost=values["certain_cost"],
        nearness_weight=values["nearness_weight"],
        category_cost=values["category_cost"],
        tolerance_hours=across["tolerance"] * HOURS_OF_UNIT[across["unit"]],
    )


@dataclass(frozen=True)
class Edges:
    """Candidate pairs of absences (edges), as arrays.

    `left_keys` and `right_keys` are sorted. Their ranks are positions among the keys of both sides
    together. `left` and `right` have the position of each edge's absences among the keys of their
    side. `is_late` marks edges that may be matched only because of their own entry delay.
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


def group_absences(edges: pa.Table, method: AssignmentMethod) -> pa.Table:
    """Return the absences that are matched with or attached to another one, in `GROUP_SCHEMA`.

    `edges` has the columns that `read_edges` reads. `group_key` is the left absence of the match.
    `role` is `matched`, `matched_late` (only because of a case system's entry delay) or `attached`.
    All other absences are left out.
    """
    pairs = read_edges(edges, method)
    left, right = pairs.left, pairs.right
    is_matched = _assign_edges(pairs, method.unmatched_cost)
    group_of_left = np.full(len(pairs.left_keys), -1, dtype=np.int64)
    group_of_right = np.full(len(pairs.right_keys), -1, dtype=np.int64)
    group_of_left[left[is_matched]] = left[is_matched]
    group_of_right[right[is_matched]] = left[is_matched]
    late = is_matched & pairs.is_late
    attached_left = _attach_unmatched(pairs, (left, right), group_of_right, group_of_left < 0)
    attached_right = _attach_unmatched(pairs, (right, left), group_of_left, group_of_right < 0)
    return pa.concat_tables([
        _build_groups(pairs, pairs.left_keys, group_of_left, attached_left, left[late]),
        _build_groups(pairs, pairs.right_keys, group_of_right, attached_right, right[late]),
    ])  # fmt: skip


def group_at_tolerances(
    edges: pa.Table, method: AssignmentMethod, tolerance_days: list[int]
) -> pa.Table:
    """Group the absences once for each tolerance, and add `tolerance_days` to `GROUP_SCHEMA`."""
    parts = []
    for days in tolerance_days:
        table = group_absences(edges, replace(method, tolerance_hours=24.0 * days))
        column = pa.array([days] * len(table), pa.int32())
        parts.append(table.append_column("tolerance_days", column))
    empty = GROUP_SCHEMA.append(pa.field("tolerance_days", pa.int32())).empty_table()
    return pa.concat_tables([empty, *parts])


def name_source_absences(reports: pa.Table, groups: pa.Table) -> pa.Table:
    """Return each report with `source_absence_key`, the absence in its source to which it belongs.

    `reports` are rows of `int_report_intervals`. A report without a `feed_absence_key` belongs to
    no absence and is left out. `groups` are in `GROUP_SCHEMA`, by the absences of a feed.
    """
    columns = ["report_key", "child_id_register", "source", "feed", "feed_absence_key"]
    counted = reports.select(columns).filter(pc.is_valid(reports["feed_absence_key"]))
    grouped = counted.join(
        groups.select(["absence_key", "group_key"]), "feed_absence_key", "absence_key"
    )
    absences = pc.coalesce(grouped["group_key"], grouped["feed_absence_key"])
    return grouped.select(columns[:-1]).append_column("source_absence_key", absences)


def episodes_of_reports(absences: pa.Table, groups: pa.Table, reports: pa.Table) -> pa.Table:
    """Return the episode of every report that belongs to an absence, one row per report.

    `absences` is the result of `name_source_absences`. `groups` are in `GROUP_SCHEMA`, by
    `source_absence_key`. `reports` has the `first_received_at` and `first_period_start` of each
    `report_key`. An episode's key is made from its founder, the report that was received first.
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


def read_edges(table: pa.Table, method: AssignmentMethod) -> Edges:
    """Read the edges that are possible within the method's tolerance or their own entry delay.

    `table` has these columns:

    - `left_key` and `right_key`: absences of one child in two sources that may be the same absence
    - `gap_hours`: from the end of one absence to the start of the other; 0 if they overlap
    - `start_apart_hours` and `end_apart_hours`: the smallest differences that the precision of the
      recorded times allows
    - `start_between_hours`: the difference between the starts as recorded
    - `is_certain`: whether the absences certainly overlap
    - `is_category_equal`: whether both or neither are missing absences
    - `slack_hours`: the entry delay, by which one side may be late because its system records when
      work was done
    """
    allowed = pc.max_element_wise(table["slack_hours"], method.tolerance_hours)
    table = table.filter(pc.less_equal(table["gap_hours"], allowed)).sort_by(SORTED)
    left_keys = _sort_keys(table["left_key"])
    right_keys = _sort_keys(table["right_key"])
    every = _sort_keys(pa.chunked_array([left_keys, right_keys]))
    is_certain = table["is_certain"].to_numpy(zero_copy_only=False).astype(bool)
    cost, is_late = _compute_costs(table, is_certain, method)
    return Edges(
        left_keys,
        right_keys,
        _find_positions(left_keys, every),
        _find_positions(right_keys, every),
        _find_positions(table["left_key"], left_keys),
        _find_positions(table["right_key"], right_keys),
        cost,
        is_certain,
        is_late,
    )


def _compute_costs(
    table: pa.Table, is_certain: Flags, method: AssignmentMethod
) -> tuple[Hours, Flags]:
    """Return the cost of each match, and which matches are possible only by their entry delay.

    The cost is the hours between starts and between ends beyond the tolerance, or beyond the pair's
    entry delay. Every difference within the delay is equally likely. So the nearer start decides
    only between otherwise equal matches. A permitted match costs less than leaving both unmatched.
    """
    gap, start, end, between, slack = (
        table[f"{name}_hours"].to_numpy().astype(np.float64)
        for name in ("gap", "start_apart", "end_apart", "start_between", "slack")
    )
    is_unlike = ~table["is_category_equal"].to_numpy(zero_copy_only=False).astype(bool)
    nearness = between * method.nearness_weight + is_unlike * method.category_cost

    def cost_beyond(tolerance: float | Hours) -> Hours:
        distance: Hours = np.maximum(start - tolerance, 0) + np.maximum(end - tolerance, 0)
        return distance + nearness

    cost = cost_beyond(method.tolerance_hours)
    is_near = is_certain | (cost < method.unmatched_cost)
    delayed = cost_beyond(np.maximum(slack, method.tolerance_hours))
    is_name_within = delayed < method.unmatched_cost
    room = method.unmatched_cost - method.certain_cost
    above = np.maximum(cost - method.certain_cost, 0)
    capped = method.certain_cost + room * above / (above + method.unmatched_cost)
    is_late = is_name_within & ~(is_near & (gap <= method.tolerance_hours))
    apart = np.where(is_near & (above > 0), capped, cost)
    return np.where(is_name_within, np.minimum(delayed, apart), apart), is_late


def _sort_keys(keys: pa.ChunkedArray) -> pa.Array:
    return pc.unique(keys).sort().cast(pa.string())


def _find_positions(keys: pa.Array | pa.ChunkedArray, among: pa.Array) -> Positions:
    return np.asarray(pc.index_in(keys, value_set=among).to_numpy(zero_copy_only=False), np.int64)


def _assign_edges(edges: Edges, unmatched_cost: float) -> npt.NDArray[np.bool_]:
    """Mark the edges of the cheapest assignment; an unmatched absence has a cost too."""
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
    # An edge that shares no absence with another edge is always chosen, which saves the solver most
    # work.
    chosen[possible[order[starts[sizes == 1]]]] = True
    several = sizes > 1
    for start, size in zip(starts[several].tolist(), sizes[several].tolist(), strict=True):
        members = possible[order[start : start + size]]
        chosen[_assign_component(edges, members, unmatched_cost)] = True
    return chosen


def _assign_component(edges: Edges, members: Positions, unmatched_cost: float) -> Positions:
    """Return the chosen edges of one component.

    The side with the first key forms the rows of the matrix. So ties do not depend on which source
    is called left.
    """
    sides = (edges.left_rank[edges.left[members]], edges.right_rank[edges.right[members]])
    if sides[1].min() < sides[0].min():
        sides = (sides[1], sides[0])
    rows, row_of = np.unique(sides[0], return_inverse=True)
    columns, column_of = np.unique(sides[1], return_inverse=True)
    costs = np.full((len(rows), len(columns)), unmatched_cost, dtype=np.float64)
    edge = np.full(costs.shape, -1, dtype=np.int64)
    costs[row_of, column_of] = edges.cost[members]
    edge[row_of, column_of] = members
    assigned: Positions = edge[linear_sum_assignment(costs)]
    return assigned[assigned >= 0]


def _attach_unmatched(
    edges: Edges,
    ends: tuple[Positions, Positions],
    group_of_other: Positions,
    is_unmatched: npt.NDArray[np.bool_],
) -> Positions:
    """Give an unmatched absence the group of the nearest matched one that it certainly overlaps."""
    own, other = ends
    groups = np.full(len(is_unmatched), -1, dtype=np.int64)
    usable = np.flatnonzero(edges.is_certain & is_unmatched[own] & (group_of_other[other] >= 0))
    order = usable[np.lexsort((other[usable], edges.cost[usable], own[usable]))]
    first = np.r_[True, own[order][1:] != own[order][:-1]] if len(order) else np.zeros(0, bool)
    groups[own[order][first]] = group_of_other[other[order][first]]
    return groups


def _build_groups(
    edges: Edges, keys: pa.Array, matched: Positions, attached: Positions, late: Positions
) -> pa.Table:
    groups = np.where(matched < 0, attached, matched)
    grouped = np.flatnonzero(groups >= 0)
    roles = np.where(matched < 0, "attached", "matched").astype(object)
    roles[late] = "matched_late"
    roles = roles[grouped]
    columns = [
        keys.take(pa.array(grouped)),
        edges.left_keys.take(pa.array(groups[grouped])),
        pa.array(roles.tolist(), pa.string()),
    ]
    return pa.table(columns, schema=GROUP_SCHEMA)
