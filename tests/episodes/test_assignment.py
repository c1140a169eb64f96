"""Assignment of absences across two sources: one to one first, then many to one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from register.episodes.assignment import GROUP_SCHEMA, group_absences


def edge_table(*edges):
    """Edges: police absence, authority absence, hours apart, whether they surely overlap."""
    return pa.table(
        {
            "left_key": pa.array([edge[0] for edge in edges], pa.string()),
            "right_key": pa.array([edge[1] for edge in edges], pa.string()),
            "distance_hours": pa.array([edge[2] for edge in edges], pa.float64()),
            "is_certain": pa.array([edge[3] for edge in edges], pa.bool_()),
        }
    )


def groups_of(*edges):
    """Group the absences and return for each its group and role."""
    table = group_absences(edge_table(*edges))
    assert table.schema == GROUP_SCHEMA
    return {row["absence_key"]: (row["group_key"], row["role"]) for row in table.to_pylist()}


def test_two_nights_in_a_row_are_two_episodes():
    """A child who leaves every evening is counted as missing once, for weeks."""
    found = groups_of(
        ("p1", "a1", 0, True), ("p1", "a2", 20, False),
        ("p2", "a1", 20, False), ("p2", "a2", 1, True),
    )  # fmt: skip
    assert found["a1"][0] == found["p1"][0] == "p1"
    assert found["a2"][0] == found["p2"][0] == "p2"


def test_the_total_distance_is_least_even_where_the_nearest_pair_is_parted():
    """A greedy match takes the nearest pair and leaves two absences alone."""
    found = groups_of(("p1", "a1", 2, False), ("p1", "a2", 3, False), ("p2", "a1", 3, False))
    assert found["a2"] == ("p1", "matched")
    assert found["a1"] == ("p2", "matched")


def test_one_long_record_takes_several_short_ones_that_ran_within_it():
    """Three police reports within one authority absence become three extra episodes."""
    found = groups_of(("p1", "a1", 1, True), ("p2", "a1", 30, True), ("p3", "a1", 60, True))
    assert found["a1"] == ("p1", "matched")
    assert found["p2"] == ("p1", "attached")
    assert found["p3"] == ("p1", "attached")


def test_what_may_only_touch_is_not_attached():
    """A record of the day after is swallowed because dates have no hours."""
    found = groups_of(("p1", "a1", 1, True), ("p2", "a1", 20, False))
    assert "p2" not in found


def test_absences_days_apart_are_left_alone():
    """Two absences of one week become one because nothing nearer was recorded."""
    assert groups_of(("p1", "a1", 72, False)) == {}


def test_two_that_surely_overlap_are_matched_though_their_ends_lie_far_apart():
    """An authority that closes its records a week late never matches the police."""
    assert groups_of(("p1", "a1", 200, True))["a1"] == ("p1", "matched")


def test_no_edges_give_no_groups():
    """A register with one source cannot be built."""
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
    """Episodes depend on the order in which rows came out of a join."""
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert groups_of(*edges) == groups_of(*shuffled)


@given(EDGES)
def test_every_group_is_one_match_and_what_is_attached_to_it(edges):
    """An absence is in two episodes, or a group has no match to hold it."""
    found = groups_of(*edges)
    for group in {group for group, _ in found.values()}:
        members = [key for key, (other, _) in found.items() if other == group]
        matched = [key for key in members if found[key][1] == "matched"]
        assert sorted(key[0] for key in matched) == ["a", "p"]
