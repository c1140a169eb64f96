"""Linear programmes over a part of a table, solved by HiGHS from one basis to the next."""

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
IMPOSSIBLE = highspy.HighsModelStatus.kInfeasible
FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible
# From one problem to the next the basis stays primal feasible; a first one is for HiGHS to say.
DUAL_SIMPLEX, PRIMAL_SIMPLEX, CHOSEN_SIMPLEX = 1, 4, 0


@dataclass(frozen=True)
class System:
    """Bounds of unknowns, and ties as rows of a sparse matrix (starts, columns, values)."""

    lower: Floats
    upper: Floats
    starts: Integers
    columns: Integers
    values: Floats
    row_lower: Floats
    row_upper: Floats

    def between(self, lower: Floats, upper: Floats) -> System:
        """The same rows with other bounds of the unknowns."""
        return replace(self, lower=lower.copy(), upper=upper.copy())

    def around(self, point: Floats, reach: float) -> System:
        """The same rows with each unknown no further than `reach` from a point."""
        lower = np.maximum(self.lower, np.floor(point - reach))
        return self.between(lower, np.minimum(self.upper, np.ceil(point + reach)))

    def is_fit(self, point: Floats) -> bool:
        """Say whether a point is within all bounds, and its sums within those of the rows."""
        owner = np.repeat(np.arange(len(self.row_lower)), np.diff(self.starts))
        sums = np.bincount(owner, self.values * point[self.columns], len(self.row_lower))
        pairs = ((point, self.lower, self.upper), (sums, self.row_lower, self.row_upper))
        return all(
            bool((each >= lower - TOLERANCE).all() and (each <= upper + TOLERANCE).all())
            for each, lower, upper in pairs
        )

    def rows_of(self, members: Bools) -> Integers:
        """Rows with at least one unknown among members."""
        if not len(self.columns):
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.logical_or.reduceat(members[self.columns], self.starts[:-1]))

    def part(self, members: Integers, point: Floats) -> System:
        """The system of some unknowns, all others fixed at a point."""
        place = np.full(len(self.lower), -1)
        place[members] = np.arange(len(members))
        rows = self.rows_of(place >= 0)
        taken = _ranges(self.starts[rows], self.starts[rows + 1])
        owner = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        columns, values = self.columns[taken], self.values[taken]
        inside = place[columns] >= 0
        fixed = np.bincount(
            owner[~inside], values[~inside] * point[columns[~inside]], minlength=len(rows)
        )
        counts = np.bincount(owner[inside], minlength=len(rows))
        return System(
            self.lower[members],
            self.upper[members],
            np.concatenate([[0], np.cumsum(counts)]),
            place[columns[inside]],
            values[inside],
            self.row_lower[rows] - fixed,
            self.row_upper[rows] - fixed,
        )


def _ranges(starts: Integers, ends: Integers) -> Integers:
    counts = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.arange(counts.sum()) + offsets


class Silent(highspy.Highs):
    """HiGHS without its banner, which the first call prints unless it turns the output off."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name that HiGHS calls when it is made
        """Turn the output off before anything else is called."""
        options = highspy.HighsOptions()
        options.output_flag = False
        self.passOptions(options)
        super().enableCallbacks()


class Programme:
    """A system in HiGHS; each problem starts from the basis of the one before."""

    def __init__(
        self,
        system: System,
        *,
        is_integer: bool = False,
        presolve: bool = False,
        seconds: float = 0.0,
        gap: float = 0.0,
    ) -> None:
        self.is_integer = is_integer
        self.seconds = seconds if is_integer else 0.0
        self.solver = Silent()
        for name, value in {
            "threads": 1,
            "random_seed": 1,
            "presolve": "on" if is_integer or presolve else "off",
            "simplex_strategy": CHOSEN_SIMPLEX if presolve else PRIMAL_SIMPLEX,
            "mip_rel_gap": gap,
        }.items():
            self.solver.setOptionValue(name, value)
        self.solver.passModel(_model(system, is_integer=is_integer))

    def solve(self, columns: Integers, costs: Floats) -> Floats | None:
        """The point with the least cost, or the best in whole numbers until time runs out."""
        self._price(columns, costs)
        self._run()
        found = self._point()
        self._price(columns, np.zeros(len(columns)))
        return found

    def end(self, column: int, sign: float) -> tuple[float, Floats | None]:
        """A proved least value of `sign` times one unknown, and the best point found."""
        one = np.array([column])
        self._price(one, np.array([sign]))
        self._run()
        info = self.solver.getInfo()
        if self.is_integer:
            proved = float(info.mip_dual_bound)
        elif self.solver.getModelStatus() == OPTIMAL:
            proved = float(info.objective_function_value)
        else:
            proved = -np.inf
        found = self._point()
        self._price(one, np.zeros(1))
        return proved, found

    def _run(self) -> None:
        if self.seconds:
            # The solver's clock goes on from one problem to the next.
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + self.seconds)
        self.solver.run()

    def _price(self, columns: Integers, costs: Floats) -> None:
        self.solver.changeColsCost(len(columns), columns.astype(np.int32), costs)

    def _point(self) -> Floats | None:
        """The solution of the last run, if it fits (any change of the model clears it)."""
        if self.solver.getInfo().primal_solution_status != FEASIBLE:
            return None
        return np.array(self.solver.getSolution().col_value)

    def is_impossible(self) -> bool:
        """Say whether the last run proved that nothing fits."""
        return bool(self.solver.getModelStatus() == IMPOSSIBLE)

    def feasible(self) -> Floats | None:
        """Any point, by the method of inner points: it stays away from the bounds.

        Where that method does not end well, simplex decides whether there is a point.
        """
        self.solver.setOptionValue("presolve", "on")
        for solver in ("ipm", "simplex"):
            self.solver.setOptionValue("solver", solver)
            self.solver.setOptionValue("run_crossover", "off")
            self.solver.run()
            if self.solver.getModelStatus() == OPTIMAL:
                return np.array(self.solver.getSolution().col_value)
        return None


class Nearest:
    """The points of a system nearest to one that fits, by the sum of all differences.

    Few unknowns differ, so each problem is short: where nothing differs is where it starts.
    """

    def __init__(self, system: System, point: Floats) -> None:
        size, self.point = len(system.lower), point
        self.upper = np.concatenate([system.upper - point, point - system.lower])
        owner = np.repeat(np.arange(len(system.row_lower)), np.diff(system.starts))
        sums = np.bincount(owner, system.values * point[system.columns], len(system.row_lower))
        # Each unknown has a column for what it is above the point, and one for what below.
        pairs = np.stack([system.columns, system.columns + size], axis=1).ravel()
        model = _model(
            System(
                np.zeros(2 * size),
                self.upper,
                2 * system.starts,
                pairs,
                np.stack([system.values, -system.values], axis=1).ravel(),
                system.row_lower - sums,
                system.row_upper - sums,
            ),
            is_integer=False,
        )
        model.col_cost_ = np.ones(2 * size)
        self.solver = Silent()
        for name, value in {
            "threads": 1,
            "random_seed": 1,
            "simplex_strategy": DUAL_SIMPLEX,
        }.items():
            self.solver.setOptionValue(name, value)
        self.solver.setOptionValue("presolve", "off")
        self.solver.passModel(model)

    def moved(self, column: int, step: float) -> Floats | None:
        """The nearest point with one unknown so far above, or below; None if there is none."""
        size = len(self.point)
        at, other = (column, column + size) if step > 0 else (column + size, column)
        if abs(step) > self.upper[at]:
            return None
        self.solver.clearSolver()
        # Above and below at once would be where it was.
        self.solver.changeColBounds(at, abs(step), float(self.upper[at]))
        self.solver.changeColBounds(other, 0.0, 0.0)
        self.solver.run()
        found = None
        if self.solver.getModelStatus() == OPTIMAL:
            moves = np.array(self.solver.getSolution().col_value)
            found = self.point + moves[:size] - moves[size:]
        for each in (at, other):
            self.solver.changeColBounds(each, 0.0, float(self.upper[each]))
        return found


def _model(system: System, *, is_integer: bool) -> highspy.HighsLp:
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
