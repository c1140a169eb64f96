"""Systems of unknowns and ties, and the linear programmes that HiGHS solves over them.

`table.py` defines what an unknown and a tie are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
TOLERANCE = 1e-6
OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = highspy.HighsModelStatus.kInfeasible
FEASIBLE_POINT = highspy.SolutionStatus.kSolutionStatusFeasible
# Values of HiGHS's option `simplex_strategy`. If only costs change, the last basis stays primal
# feasible, so the primal simplex continues from it. If only bounds change, the dual simplex does.
# For a first problem HiGHS chooses the method.
DUAL_SIMPLEX, PRIMAL_SIMPLEX, CHOSEN_SIMPLEX = 1, 4, 0
# Rows that form a cycle might tighten bounds by 1 without end. Stopping early is safe: it only
# proves less.
MAX_PROPAGATION_ROUNDS = 200


@dataclass(frozen=True)
class System:
    """The bounds of unknowns, and the ties as rows of a sparse matrix (starts, columns, values)."""

    lower: Floats
    upper: Floats
    starts: Integers
    columns: Integers
    values: Floats
    row_lower: Floats
    row_upper: Floats

    def with_bounds(self, lower: Floats, upper: Floats) -> System:
        """Return a system with the same rows and other bounds of the unknowns."""
        return replace(self, lower=lower.copy(), upper=upper.copy())

    def limit_around(self, point: Floats, distance: float) -> System:
        """Return the same rows, with each unknown at most `distance` from a point."""
        lower = np.maximum(self.lower, np.floor(point - distance))
        return self.with_bounds(lower, np.minimum(self.upper, np.ceil(point + distance)))

    def drop_slack_rows(self) -> System:
        """Return the system without the rows that hold at every point within the bounds."""
        row, is_positive = self.row_of_terms(), self.values > 0
        lower, upper = self.lower[self.columns], self.upper[self.columns]
        ends = (np.where(is_positive, lower, upper), np.where(is_positive, upper, lower))
        least, most = (
            np.bincount(row, end * self.values, len(self.row_lower)).astype(float) for end in ends
        )
        can_break = (least < self.row_lower - TOLERANCE) | (most > self.row_upper + TOLERANCE)
        lengths = np.diff(self.starts)[can_break]
        return replace(
            self,
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            columns=self.columns[can_break[row]],
            values=self.values[can_break[row]],
            row_lower=self.row_lower[can_break],
            row_upper=self.row_upper[can_break],
        )

    def row_of_terms(self) -> Integers:
        """Return, for each term of the matrix, the number of its row."""
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.starts))

    def sum_rows(self, point: Floats) -> Floats:
        """Return the sum of each row's terms at a point."""
        terms = self.values * point[self.columns]
        sums: Floats = np.bincount(self.row_of_terms(), terms, len(self.row_lower)).astype(float)
        return sums

    def is_feasible(self, point: Floats) -> bool:
        """Return whether a point is within all bounds and its sums are within the rows' bounds."""
        checks = (
            (point, self.lower, self.upper),
            (self.sum_rows(point), self.row_lower, self.row_upper),
        )
        return all(
            bool((values >= lower - TOLERANCE).all() and (values <= upper + TOLERANCE).all())
            for values, lower, upper in checks
        )

    def find_rows(self, is_member: Bools) -> Integers:
        """Return the rows that have at least one unknown among the members."""
        if not len(self.columns):
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.logical_or.reduceat(is_member[self.columns], self.starts[:-1]))

    def restrict_to(self, members: Integers, point: Floats) -> System:
        """Return the system of some unknowns, with all others fixed at their values in a point."""
        new_column = np.full(len(self.lower), -1)
        new_column[members] = np.arange(len(members))
        rows = self.find_rows(new_column >= 0)
        lengths = self.starts[rows + 1] - self.starts[rows]
        terms = _concatenate_ranges(self.starts[rows], lengths)
        row_of_term = np.repeat(np.arange(len(rows)), lengths)
        columns, values = self.columns[terms], self.values[terms]
        is_member = new_column[columns] >= 0
        fixed_sums = np.bincount(
            row_of_term[~is_member],
            values[~is_member] * point[columns[~is_member]],
            minlength=len(rows),
        )
        new_lengths = np.bincount(row_of_term[is_member], minlength=len(rows))
        return System(
            self.lower[members],
            self.upper[members],
            np.concatenate([[0], np.cumsum(new_lengths)]),
            new_column[columns[is_member]],
            values[is_member],
            self.row_lower[rows] - fixed_sums,
            self.row_upper[rows] - fixed_sums,
        )


def _concatenate_ranges(starts: Integers, lengths: Integers) -> Integers:
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.arange(lengths.sum()) + offsets


def propagate_bounds(system: System) -> tuple[Floats, Floats]:
    """Return the smallest and the largest whole number that the rows allow for each unknown.

    Each row is used on its own, repeatedly. This is quick but does not find all provable bounds. If
    a smallest value exceeds the largest, no whole numbers fit.
    """
    lower = np.ceil(system.lower - TOLERANCE)
    upper = np.floor(system.upper + TOLERANCE)
    if not len(system.columns):
        return lower, upper
    for _ in range(MAX_PROPAGATION_ROUNDS):
        new_lower, new_upper = _propagate_once(system, lower, upper)
        is_unchanged = (new_lower <= lower).all() and (new_upper >= upper).all()
        lower, upper = np.maximum(lower, new_lower), np.minimum(upper, new_upper)
        if is_unchanged or (lower > upper).any():
            break
    return lower, upper


def _propagate_once(system: System, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Return bounds of each unknown from single rows, given the bounds of all other unknowns."""
    columns, values, row = system.columns, system.values, system.row_of_terms()
    is_positive = values > 0
    term_lower = np.where(is_positive, lower[columns], upper[columns]) * values
    term_upper = np.where(is_positive, upper[columns], lower[columns]) * values
    least = system.row_lower[row] - _sum_other_terms(term_upper, row, np.inf)
    most = system.row_upper[row] - _sum_other_terms(term_lower, row, -np.inf)
    new_lower, new_upper = np.full(len(lower), -np.inf), np.full(len(lower), np.inf)
    low = np.where(is_positive, least, most) / values
    high = np.where(is_positive, most, least) / values
    np.maximum.at(new_lower, columns, np.ceil(low - TOLERANCE))
    np.minimum.at(new_upper, columns, np.floor(high + TOLERANCE))
    return new_lower, new_upper


def _sum_other_terms(terms: Floats, row: Integers, infinity: float) -> Floats:
    """Return, for each term, the sum of its row's other terms; `infinity` if one is infinite."""
    is_infinite = np.isinf(terms)
    finite = np.where(is_infinite, 0.0, terms)
    infinite_count = np.bincount(row, is_infinite)
    others = np.bincount(row, finite)[row] - finite
    sums: Floats = np.where(infinite_count[row] - is_infinite > 0, infinity, others)
    return sums


class QuietHighs(highspy.Highs):
    """HiGHS without the banner that its constructor prints, with one thread and a fixed seed."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name that HiGHS calls when it is made
        """Turn the output off; the constructor calls this method before it prints anything."""
        options = highspy.HighsOptions()
        options.output_flag = False
        options.threads = 1
        options.random_seed = 1
        self.passOptions(options)
        super().enableCallbacks()


class Programme:
    """A system in HiGHS; each problem starts from the solution basis of the last one.

    Each integer problem is divided into at most `nodes` smaller ones (branch and bound). `gap` is
    the relative error that its solution may have.
    """

    def __init__(
        self,
        system: System,
        *,
        is_integer: bool = False,
        presolve: bool = False,
        nodes: int = 0,
        gap: float = 0.0,
    ) -> None:
        self.is_integer = is_integer
        self.solver = QuietHighs()
        self.solver.setOptionValue("presolve", "on" if is_integer or presolve else "off")
        strategy = CHOSEN_SIMPLEX if presolve else PRIMAL_SIMPLEX
        self.solver.setOptionValue("simplex_strategy", strategy)
        self.solver.setOptionValue("mip_rel_gap", gap)
        if is_integer:
            # A limit of work: on a busy machine, a limit of time would give another verdict.
            self.solver.setOptionValue("mip_max_nodes", nodes)
        self.solver.passModel(_build_model(system, is_integer=is_integer))

    def minimise_cost(self, columns: Integers, costs: Floats) -> Floats | None:
        """Return the point of lowest cost, or the best integer point at the limit."""
        self._set_costs(columns, costs)
        self.solver.run()
        point = self._read_point()
        self._set_costs(columns, np.zeros(len(columns)))
        return point

    def prove_end(self, column: int, sign: float) -> tuple[float, Floats | None]:
        """Return a proved lower bound of `sign` times one unknown, and the best point reached."""
        one = np.array([column])
        self._set_costs(one, np.array([sign]))
        self.solver.run()
        info = self.solver.getInfo()
        if self.is_integer:
            bound = float(info.mip_dual_bound)
        elif self.solver.getModelStatus() == OPTIMAL:
            bound = float(info.objective_function_value)
        else:
            bound = -np.inf
        point = self._read_point()
        self._set_costs(one, np.zeros(1))
        return bound, point

    def _set_costs(self, columns: Integers, costs: Floats) -> None:
        self.solver.changeColsCost(len(columns), columns.astype(np.int32), costs)

    def _read_point(self) -> Floats | None:
        """Return the last solution if it is feasible; any change of the model clears it."""
        if self.solver.getInfo().primal_solution_status != FEASIBLE_POINT:
            return None
        return np.array(self.solver.getSolution().col_value)

    def is_proved_infeasible(self) -> bool:
        """Return whether the last problem was proved to have no solution."""
        return bool(self.solver.getModelStatus() == INFEASIBLE)

    def find_interior_point(self) -> Floats | None:
        """Return a feasible point well within the bounds, by the interior-point method.

        If that method fails, the simplex method decides whether there is a feasible point.
        """
        self.solver.setOptionValue("presolve", "on")
        self.solver.setOptionValue("run_crossover", "off")
        for solver in ("ipm", "simplex"):
            self.solver.setOptionValue("solver", solver)
            self.solver.run()
            if self.solver.getModelStatus() == OPTIMAL:
                return np.array(self.solver.getSolution().col_value)
        return None


class NearestPoints:
    """The feasible points nearest to a given point, by the sum of all absolute differences.

    HiGHS starts from the given point. Few unknowns differ from it, so each problem is quick to
    solve.
    """

    def __init__(self, system: System, point: Floats) -> None:
        size, self.point = len(system.lower), point
        self.upper = np.concatenate([system.upper - point, point - system.lower])
        sums = system.sum_rows(point)
        # Two columns for each unknown: its steps above the point and below it.
        model = _build_model(
            System(
                np.zeros(2 * size),
                self.upper,
                2 * system.starts,
                np.stack([system.columns, system.columns + size], axis=1).ravel(),
                np.stack([system.values, -system.values], axis=1).ravel(),
                system.row_lower - sums,
                system.row_upper - sums,
            ),
            is_integer=False,
        )
        model.col_cost_ = np.ones(2 * size)
        self.solver = QuietHighs()
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
        self.solver.setOptionValue("presolve", "off")
        self.solver.passModel(model)

    def move_unknown(self, column: int, step: float) -> Floats | None:
        """Return the nearest point with one unknown moved by a step, or None if there is none."""
        size = len(self.point)
        moving, opposite = (column, column + size) if step > 0 else (column + size, column)
        if abs(step) > self.upper[moving]:
            return None
        self.solver.clearSolver()
        # Without these bounds, a step up and a step down of one unknown could cancel out.
        self.solver.changeColBounds(moving, abs(step), float(self.upper[moving]))
        self.solver.changeColBounds(opposite, 0.0, 0.0)
        self.solver.run()
        nearest = None
        if self.solver.getModelStatus() == OPTIMAL:
            steps = np.array(self.solver.getSolution().col_value)
            nearest = self.point + steps[:size] - steps[size:]
        for each in (moving, opposite):
            self.solver.changeColBounds(each, 0.0, float(self.upper[each]))
        return nearest


def find_broken_rows(system: System, members: Integers) -> list[tuple[int, float]]:
    """Return rows that cannot all hold, each with the amount by which it is broken.

    The total of the amounts is the smallest possible. `members` are the unknowns of a part of the
    system that has no solution.
    """
    part = system.restrict_to(members, np.zeros(len(system.lower)))
    rows = system.find_rows(np.isin(np.arange(len(system.lower)), members))
    size, count = len(members), len(rows)
    if not count:
        return []
    # Two columns for each row: how far it exceeds its bounds, and how far it falls short of them.
    slack = np.arange(size, size + 2 * count)
    row = np.concatenate([part.row_of_terms(), np.arange(count), np.arange(count)])
    order = np.argsort(row, kind="stable")
    elastic = System(
        np.concatenate([np.minimum(part.lower, part.upper), np.zeros(2 * count)]),
        np.concatenate([np.maximum(part.lower, part.upper), np.full(2 * count, np.inf)]),
        np.concatenate([[0], np.cumsum(np.diff(part.starts) + 2)]),
        np.concatenate([part.columns, slack])[order],
        np.concatenate([part.values, np.ones(count), -np.ones(count)])[order],
        part.row_lower,
        part.row_upper,
    )
    point = Programme(elastic).minimise_cost(slack, np.ones(2 * count))
    if point is None:
        return []
    amounts = point[size : size + count] + point[size + count :]
    return [(int(rows[each]), float(amounts[each])) for each in np.flatnonzero(amounts > TOLERANCE)]


def _build_model(system: System, *, is_integer: bool) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(system.lower), len(system.row_lower)
    model.col_cost_ = np.zeros(len(system.lower))
    model.col_lower_, model.col_upper_ = system.lower, system.upper
    model.row_lower_, model.row_upper_ = system.row_lower, system.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = system.starts.astype(np.int32)
    model.a_matrix_.index_ = system.columns.astype(np.int32)
    model.a_matrix_.value_ = system.values
    if is_integer:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(system.lower)
    return model
