"""Assignment of absences across two sources: one to one first, then many to one."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.episodes import (
    GROUP_SCHEMA,
    AssignmentMethod,
    group_absences,
    group_at_tolerances,
    read_edges,
    read_method,
)
from tests.episodes.chain import method_of_chain as method_of_seeds

METHOD = AssignmentMethod(
    unmatched_cost=48, certain_cost=47, nearness_weight=0.001, tolerance_hours=0
)


def edge_table(*edges):
    """Edges: police and authority absence, hours apart, whether they surely overlap, gap, slack."""
    return pa.table(
        {
            "left_key": pa.array([edge[0] for edge in edges], pa.string()),
            "right_key": pa.array([edge[1] for edge in edges], pa.string()),
            "gap_hours": pa.array([(*edge, 0)[4] for edge in edges], pa.float64()),
            "start_apart_hours": pa.array([edge[2] for edge in edges], pa.float64()),
            "end_apart_hours": pa.array([0] * len(edges), pa.float64()),
            "start_between_hours": pa.array([edge[2] for edge in edges], pa.float64()),
            "is_certain": pa.array([edge[3] for edge in edges], pa.bool_()),
            "is_category_equal": pa.array([True for _ in edges], pa.bool_()),
            "slack_hours": pa.array(
                [(*edge, 0, 0)[5 if len(edge) > 5 else -1] for edge in edges], pa.float64()
            ),
        }
    )


def groups_of(*edges, method=METHOD):
    """Group the absences and return for each its group and role."""
    table = group_absences(edge_table(*edges), method)
    assert table.schema == GROUP_SCHEMA
    rows = table.to_pylist()
    assert len(rows) == len({row["absence_key"] for row in rows})
    return {row["absence_key"]: (row["group_key"], row["role"]) for row in rows}


def test_two_nights_in_a_row_are_two_episodes():
    """Prevents nightly absences from being chained into one that lasts for weeks."""
    grouped = groups_of(
        ("p1", "a1", 0, True), ("p1", "a2", 20, False),
        ("p2", "a1", 20, False), ("p2", "a2", 1, True),
    )  # fmt: skip
    assert grouped["a1"][0] == grouped["p1"][0] == "p1"
    assert grouped["a2"][0] == grouped["p2"][0] == "p2"


def test_the_total_distance_is_least_even_where_the_nearest_pair_is_parted():
    """Prevents a greedy match that takes the nearest pair and leaves two absences unmatched."""
    grouped = groups_of(("p1", "a1", 2, False), ("p1", "a2", 3, False), ("p2", "a1", 3, False))
    assert grouped["a2"] == ("p1", "matched")
    assert grouped["a1"] == ("p2", "matched")


def test_one_long_record_takes_several_short_ones_that_ran_within_it():
    """Prevents three police reports within one authority absence from being three more episodes."""
    grouped = groups_of(("p1", "a1", 1, True), ("p2", "a1", 30, True), ("p3", "a1", 60, True))
    assert grouped["a1"] == ("p1", "matched")
    assert grouped["p2"] == ("p1", "attached")
    assert grouped["p3"] == ("p1", "attached")


def test_what_may_only_touch_is_not_attached():
    """Prevents a record of the next day from being attached because dates have no hours."""
    grouped = groups_of(("p1", "a1", 1, True), ("p2", "a1", 20, False))
    assert "p2" not in grouped


def test_absences_days_apart_are_left_alone():
    """Prevents two absences of one week from being joined where nothing nearer was recorded."""
    assert groups_of(("p1", "a1", 72, False)) == {}


def test_two_that_surely_overlap_are_matched_though_their_ends_lie_far_apart():
    """Prevents an authority that closes its records a week late from never matching the police."""
    assert groups_of(("p1", "a1", 200, True))["a1"] == ("p1", "matched")


def test_no_edges_give_no_groups():
    """Prevents a register with one source from failing to build."""
    assert groups_of() == {}


EDGE = st.tuples(
    st.sampled_from(["p1", "p2", "p3", "p4"]),
    st.sampled_from(["a1", "a2", "a3", "a4"]),
    st.integers(0, 90),
    st.booleans(),
)
EDGES = st.lists(EDGE, max_size=12, unique_by=lambda edge: edge[:2])


@given(EDGES, st.randoms(use_true_random=False))
def test_edges_in_any_order_give_the_same_groups(edges, random):
    """Prevents episodes that depend on the order in which rows came out of a join."""
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert groups_of(*edges) == groups_of(*shuffled)


@given(EDGES)
def test_every_group_is_one_match_and_what_is_attached_to_it(edges):
    """Prevents an absence in two episodes, and a group without a match."""
    grouped = groups_of(*edges)
    for group in {group for group, _ in grouped.values()}:
        members = [key for key, (other, _) in grouped.items() if other == group]
        matched = [key for key in members if grouped[key][1] == "matched"]
        assert sorted(key[0] for key in matched) == ["a", "p"]


def sets_of(grouped):
    """The groups as sets of their members with their roles, whatever they are called."""
    groups = {group for group, _ in grouped.values()}
    return {
        frozenset((key, role) for key, (other, role) in grouped.items() if other == group)
        for group in groups
    }


@given(EDGES)
def test_either_source_may_be_called_left(edges):
    """Prevents episodes that depend on which source is named first."""
    turned = [(right, left, hours, certain) for left, right, hours, certain in edges]
    assert sets_of(groups_of(*turned)) == sets_of(groups_of(*edges))


@given(EDGES)
def test_no_other_matching_is_cheaper(edges):
    """Prevents an assignment that is only nearly the cheapest and leaves absences unmatched."""
    grouped = read_edges(edge_table(*edges), METHOD)
    cost = {
        (grouped.left_keys[left].as_py(), grouped.right_keys[right].as_py()): hours
        for left, right, hours in zip(grouped.left, grouped.right, grouped.cost, strict=True)
    }
    groups = groups_of(*edges)
    matched = [pair for pair in cost if all(groups.get(key, "")[1:] == ("matched",) for key in pair)
               and groups[pair[0]][0] == groups[pair[1]][0]]  # fmt: skip
    saved = sum(METHOD.unmatched_cost - cost[pair] for pair in matched)
    possible = [pair for pair in cost if cost[pair] < METHOD.unmatched_cost]
    best = max(
        sum(METHOD.unmatched_cost - cost[pair] for pair in pairs)
        for size in range(5)
        for pairs in combinations(possible, size)
        if len({key for pair in pairs for key in pair}) == 2 * size
    )
    assert saved == pytest.approx(best)


@given(EDGES)
def test_what_certainly_ran_together_is_never_parted_while_both_stand_alone(edges):
    """Prevents two records of one long absence from being two episodes for ends far apart."""
    grouped = groups_of(*edges)
    for left, right, _, certain in edges:
        if certain:
            assert left in grouped or right in grouped


def test_of_equal_matches_the_nearer_start_decides():
    """Prevents chance from deciding between two nights at the same distance by dates."""
    edges = edge_table(("p1", "a1", 0, False), ("p1", "a2", 0, False))
    edges = edges.set_column(5, "start_between_hours", pa.array([20.0, 4.0]))
    grouped = group_absences(edges, METHOD).to_pylist()
    assert {row["absence_key"] for row in grouped} == {"p1", "a2"}


def test_a_tolerance_is_taken_off_both_ends_and_lets_intervals_meet():
    """Prevents a wider tolerance that admits more pairs and then costs them out of a match."""
    apart = ("p1", "a1", 60, False, 20)
    assert groups_of(apart) == {}
    wider = replace(METHOD, tolerance_hours=24)
    assert groups_of(apart, method=wider)["a1"] == ("p1", "matched")
    assert groups_of(("p1", "a1", 60, False, 25), method=wider) == {}
    assert groups_of(("p1", "a1", 90, False, 20), method=wider) == {}


def test_each_tolerance_is_tried_on_the_same_pairs():
    """Prevents tolerances that are compared with everything but the register's own."""
    table = edge_table(("p1", "a1", 60, False, 20), ("p2", "a2", 1, True))
    grouped = group_at_tolerances(table, METHOD, [0, 1])
    assert grouped.filter(pc.equal(grouped["tolerance_days"], 0)).num_rows == 2
    assert grouped.filter(pc.equal(grouped["tolerance_days"], 1)).num_rows == 4
    assert group_at_tolerances(table, METHOD, []).num_rows == 0


def test_the_numbers_are_those_of_the_seeds():
    """Prevents a number in the code that has no reason written down."""
    grouped = method_of_seeds()
    assert grouped.tolerance_hours == 0
    assert grouped.unmatched_cost > grouped.certain_cost > 0
    days = pa.table({"source": ["across"], "tolerance": [2], "unit": ["days"]})
    parameters = pa.table(
        {
            "parameter_code": [
                "unmatched_cost", "certain_cost", "nearness_weight", "category_cost"
            ],
            "value": [9.0, 8.0, 0.5, 0.25],
        }
    )  # fmt: skip
    assert read_method(parameters, days) == AssignmentMethod(9, 8, 0.5, 48, 0.25)


def test_a_certain_match_must_be_worth_making():
    """Prevents seeds by which leaving two certainly overlapping absences unmatched is cheaper."""
    with pytest.raises(ValueError, match="certain_cost"):
        replace(METHOD, certain_cost=48)
