"""What the attack proves: ends from rows alone, and points of whole numbers that reach them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suppression_attack.attack_programme import NearestPoints, Programme, System, propagate_bounds
from suppression_attack.search import Search, build_system
from suppression_attack.table import Row, Table, Unknown

FEWEST = 5


def _table(bounds: list[tuple[int, int]], rows: list[tuple[list[int], int, int]]) -> Table:
    """Hidden counts between bounds, and rows of coefficients of the first of them."""
    unknowns = [
        Unknown(f"r: file: {at}", lower=low, upper=high, hidden_in=[f"r: file: {at}"])
        for at, (low, high) in enumerate(bounds)
    ]
    table_rows = [
        Row("row", tuple((at, float(each)) for at, each in enumerate(row) if each), low, high)
        for row, low, high in rows
        if any(row)
    ]
    return Table(unknowns=unknowns, rows=table_rows)


def _all_points(table: Table) -> np.ndarray:
    ranges = [np.arange(each.lower, each.upper + 1) for each in table.unknowns]
    points = np.array(np.meshgrid(*ranges)).reshape(len(ranges), -1).T
    for row in table.rows:
        sums = sum(points[:, at] * times for at, times in row.terms)
        points = points[(sums >= row.lower) & (sums <= row.upper)]
    return points


def test_only_rows_that_no_point_within_the_bounds_breaks_are_dropped() -> None:
    """Prevents points that break a tie, since dropped rows are not checked again."""
    rows = [([1, -1], -8, 8), ([1, -1], -7, 8), ([1, -1], -8, 7), ([1, 1], 0, 16)]
    system = build_system(_table([(0, 8), (0, 8)], rows)).drop_slack_rows()
    assert system.row_lower.tolist() == [-7, -8]
    assert system.row_upper.tolist() == [8, 7]
    assert system.columns.tolist() == [0, 1, 0, 1]
    assert system.starts.tolist() == [0, 2, 4]


@settings(max_examples=60, deadline=None)
@given(
    bounds=st.lists(st.tuples(st.integers(0, 3), st.integers(3, 8)), min_size=3, max_size=4),
    rows=st.lists(
        st.tuples(
            st.lists(st.integers(-2, 2), min_size=3, max_size=3),
            st.integers(-4, 6),
            st.integers(0, 3),
        ),
        max_size=3,
    ),
)
def test_ends_are_those_of_every_set_of_whole_numbers_that_fits(
    bounds: list[tuple[int, int]], rows: list[tuple[list[int], int, int]]
) -> None:
    """Prevents a count from being called wide by fractions, or narrow by a slip of a bound."""
    table = _table(bounds, [(row, low, low + more) for row, low, more in rows])
    points = _all_points(table)
    search = Search(table, FEWEST, lambda _: None)
    intervals = search.run()
    if not len(points):
        assert search.impossible
        return
    assert not search.impossible
    least, largest = points.min(axis=0), points.max(axis=0)
    assert (intervals.lower <= least).all()
    assert (intervals.upper >= largest).all()
    assert (intervals.least_seen >= least).all()
    assert (intervals.largest_seen <= largest).all()
    wide = largest - least + 1 >= FEWEST
    assert (intervals.is_wide(FEWEST) == wide).all()
    # Of a count with too few values the ends are exact.
    assert (intervals.lower[~wide] == least[~wide]).all()
    assert (intervals.upper[~wide] == largest[~wide]).all()


def test_rows_alone_prove_what_follows_from_them_in_turn() -> None:
    """Prevents thousands of linear programmes for what two sums say."""
    system = System(
        lower=np.array([1.0, 1.0, 3.0, 1.0]),
        upper=np.array([np.inf, np.inf, 7.0, np.inf]),
        starts=np.array([0, 3, 5]),
        columns=np.array([0, 1, 2, 1, 3]),
        values=np.array([1.0, 1.0, -1.0, 2.0, -1.0]),
        row_lower=np.zeros(2),
        row_upper=np.zeros(2),
    )
    lower, upper = propagate_bounds(system)
    assert (lower[0], upper[0]) == (1.0, 6.0)
    assert (lower[3], upper[3]) == (2.0, 12.0)


def _two_sums() -> System:
    """Hidden 0 + 1 = shown 2, and 1 + 3 = 4, both sums between 8 and 12."""
    return System(
        lower=np.array([1.0, 1.0, 8.0, 1.0, 8.0]),
        upper=np.array([np.inf, 9.0, 12.0, np.inf, 12.0]),
        starts=np.array([0, 3, 6]),
        columns=np.array([0, 1, 2, 1, 3, 4]),
        values=np.array([1.0, 1.0, -1.0, 1.0, 1.0, -1.0]),
        row_lower=np.zeros(2),
        row_upper=np.zeros(2),
    )


def test_the_nearest_point_moves_one_count_and_as_few_others_as_can_be() -> None:
    """Prevents a count from being called open because it was moved back where it was."""
    point = np.array([5.0, 5.0, 10.0, 5.0, 10.0])
    nearest = NearestPoints(_two_sums(), point)
    nearest_point = nearest.move_unknown(0, 4.0)
    assert nearest_point is not None
    assert nearest_point[0] == 9.0
    assert nearest_point[0] + nearest_point[1] == nearest_point[2]
    assert nearest_point[1] + nearest_point[3] == nearest_point[4]
    assert np.abs(nearest_point - point).sum() == 10.0
    down = nearest.move_unknown(0, -4.0)
    assert down is not None
    assert down[0] == 1.0
    assert np.abs(down - point).sum() == 10.0


def test_a_point_fits_where_every_sum_and_bound_holds() -> None:
    """Prevents a count from being called wide by numbers of a solver that do not quite add up."""
    system = _two_sums()
    good = np.array([5.0, 5.0, 10.0, 5.0, 10.0])
    assert system.is_feasible(good)
    assert not system.is_feasible(np.array([6.0, 5.0, 10.0, 5.0, 10.0])), "a sum"
    assert not system.is_feasible(np.array([10.0, 3.0, 13.0, 6.0, 9.0])), "a bound above"
    assert not system.is_feasible(np.array([0.0, 9.0, 9.0, 1.0, 10.0])), "a bound below"


def test_a_point_that_does_not_fit_is_no_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a proof that rests on a point which nobody looked at again."""
    table = _table([(0, 8), (0, 8)], [([1, 1], 8, 8)])
    monkeypatch.setattr(System, "is_feasible", lambda *_: False)
    intervals = Search(table, FEWEST, lambda _: None).run()
    assert not intervals.is_wide(FEWEST).any()


def test_there_is_no_nearest_point_beyond_a_bound_or_a_sum() -> None:
    """Prevents a point that does not fit what is printed from being taken for a witness."""
    nearest = NearestPoints(_two_sums(), np.array([5.0, 5.0, 10.0, 5.0, 10.0]))
    assert nearest.move_unknown(1, 5.0) is None
    assert nearest.move_unknown(0, 7.0) is None
    again = nearest.move_unknown(0, 6.0)
    assert again is not None
    assert again[0] == 11.0


def test_the_solver_prints_nothing() -> None:
    """Prevents a solver's banner in the output of a command, from the attack or the protection."""
    code = (
        "import numpy as np\n"
        "from suppression_attack.attack_programme import QuietHighs\n"
        "from official_statistics.protection.linear_programme import QuietHighs as Other\n"
        "for solver in (QuietHighs(), Other()):\n"
        "    solver.setOptionValue('threads', 1)\n"
        "    solver.run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_the_search_is_limited_by_steps_and_not_by_time() -> None:
    """Prevents a busy machine from giving another verdict on the same release."""
    system = System(
        np.zeros(2),
        np.full(2, 9.0),
        np.array([0, 2]),
        np.array([0, 1]),
        np.ones(2),
        np.array([5.0]),
        np.array([5.0]),
    )
    solver = Programme(system, is_integer=True, nodes=7).solver
    assert solver.getOptionValue("time_limit")[1] == np.inf
    assert solver.getOptionValue("mip_max_nodes")[1] == 7
