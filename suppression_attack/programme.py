"""Linear programmes over a part of a table, solved by HiGHS from one basis to the next."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
OPTIMAL = highspy.HighsModelStatus.kOptimal
PRIMAL_SIMPLEX = 4


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

    def rows_of(self, members: NDArray[np.bool_]) -> Integers:
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


class Programme:
    """A system in HiGHS; each problem starts from the basis of the one before."""

    def __init__(self, system: System, *, is_integer: bool = False, seconds: float = 0.0) -> None:
        self.size = len(system.lower)
        self.solver = highspy.Highs()
        for name, value in {
            "output_flag": False,
            "threads": 1,
            "random_seed": 1,
            "presolve": "on" if is_integer else "off",
            "simplex_strategy": PRIMAL_SIMPLEX,
            **({"time_limit": seconds} if seconds else {}),
        }.items():
            self.solver.setOptionValue(name, value)
        self.solver.passModel(_model(system, is_integer=is_integer))
        self.columns = np.arange(self.size, dtype=np.int32)

    def solve(self, columns: Integers, costs: Floats) -> Floats | None:
        """The point with the least cost, or None where there is none or it takes too long."""
        self.solver.changeColsCost(len(columns), columns.astype(np.int32), costs)
        self.solver.run()
        status = self.solver.getModelStatus()
        found = np.array(self.solver.getSolution().col_value) if status == OPTIMAL else None
        self.solver.changeColsCost(len(columns), columns.astype(np.int32), np.zeros(len(columns)))
        return found

    def bound(self, column: int, sign: float) -> float:
        """The proved least value of `sign` times one unknown, also when time runs out."""
        one = np.array([column], dtype=np.int32)
        self.solver.changeColsCost(1, one, np.array([sign]))
        self.solver.run()
        info = self.solver.getInfo()
        proved = float(info.mip_dual_bound)
        self.solver.changeColsCost(1, one, np.zeros(1))
        return proved

    def feasible(self) -> Floats | None:
        """Any point, found by the method of inner points, which stays away from the bounds."""
        self.solver.setOptionValue("solver", "ipm")
        self.solver.setOptionValue("run_crossover", "off")
        self.solver.setOptionValue("presolve", "on")
        self.solver.run()
        if self.solver.getModelStatus() != OPTIMAL:
            return None
        return np.array(self.solver.getSolution().col_value)


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
