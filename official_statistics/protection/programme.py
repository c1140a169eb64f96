"""Linear programmes over some variables of the tables, the others fixed at their true values.

Any point of such a small system is a point of the whole: a witness that a count may have another
value. HiGHS starts each problem from the basis of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from official_statistics.protection.system import Floats, Integers, Tables

CHOSEN_SIMPLEX, PRIMAL_SIMPLEX = 0, 4
NEAR = 1e-6


@dataclass(frozen=True)
class Matrix:
    """The rows of the ties as one sparse matrix."""

    starts: Integers
    columns: Integers
    values: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, tables: Tables) -> Matrix:
        """Take the rows of tables."""
        counts = [len(row[0]) for row in tables.rows]
        terms = [term for row in tables.rows for term in row[0]]
        return cls(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.array([each for each, _ in terms], dtype=np.int64),
            np.array([float(times) for _, times in terms]),
            np.array([row[1] for row in tables.rows]),
            np.array([row[2] for row in tables.rows]),
        )


class Programme:
    """The system of some variables (`members`), started at its true point.

    A large one is made smaller by HiGHS before each problem: quicker than to go on from the basis
    of the one before.
    """

    def __init__(
        self, tables: Tables, matrix: Matrix, members: Integers, *, is_large: bool = False
    ) -> None:
        self.members = members
        self.truth = tables.truth[members].astype(float)
        self.place = np.full(len(tables.truth), -1, dtype=np.int64)
        self.place[members] = np.arange(len(members))
        lower, upper = tables.bounds()
        self.solver = _solver(is_large=is_large)
        self.solver.passModel(self._model(tables, matrix, lower[members], upper[members]))

    def _model(
        self, tables: Tables, matrix: Matrix, lower: Floats, upper: Floats
    ) -> highspy.HighsLp:
        owner = np.repeat(np.arange(len(matrix.lower)), np.diff(matrix.starts))
        inside = self.place[matrix.columns] >= 0
        used = np.unique(owner[inside])
        new = np.full(len(matrix.lower), -1, dtype=np.int64)
        new[used] = np.arange(len(used))
        outside = ~inside & (new[owner] >= 0)
        fixed = np.bincount(
            new[owner[outside]],
            matrix.values[outside] * tables.truth[matrix.columns[outside]],
            minlength=len(used),
        )
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.members), len(used)
        model.col_cost_ = np.zeros(len(self.members))
        model.col_lower_, model.col_upper_ = lower, upper
        model.row_lower_, model.row_upper_ = matrix.lower[used] - fixed, matrix.upper[used] - fixed
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        counts = np.bincount(new[owner[inside]], minlength=len(used))
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        model.a_matrix_.index_ = self.place[matrix.columns[inside]].astype(np.int32)
        model.a_matrix_.value_ = matrix.values[inside]
        return model

    def solve(self, variables: Integers, costs: Floats) -> tuple[Floats, Floats] | None:
        """The point with the least cost and its reduced costs; None where no end was reached."""
        columns = self.place[variables].astype(np.int32)
        self.solver.changeColsCost(len(columns), columns, costs)
        is_solved = self._run()
        if not is_solved:
            # From a basis with numerical trouble no later problem would be solved either.
            self.solver.clearSolver()
            is_solved = self._run()
        found = None
        if is_solved:
            solution = self.solver.getSolution()
            found = np.array(solution.col_value), np.array(solution.col_dual)
        self.solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        return found

    def _run(self) -> bool:
        self.solver.run()
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def set_bounds(self, variable: int, lower: float, upper: float) -> None:
        """Change what a reader knows of one variable."""
        self.solver.changeColBounds(int(self.place[variable]), lower, upper)


class Silent(highspy.Highs):
    """HiGHS without its banner, which the first call prints unless it turns the output off."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name that HiGHS calls when it is made
        """Turn the output off before anything else is called."""
        options = highspy.HighsOptions()
        options.output_flag = False
        self.passOptions(options)
        super().enableCallbacks()


def _solver(*, is_large: bool) -> highspy.Highs:
    solver = Silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("presolve", "on" if is_large else "off")
    solver.setOptionValue("simplex_strategy", CHOSEN_SIMPLEX if is_large else PRIMAL_SIMPLEX)
    return solver


def is_whole(point: Floats) -> bool:
    """Say whether a point holds whole numbers alone."""
    return bool((np.abs(point - np.round(point)) < NEAR).all())
