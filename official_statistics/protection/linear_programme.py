"""Linear programmes over some variables of a constraint system; all others keep their true values.

A feasible point of such a programme is also feasible in the whole system, so it shows that a count
may have another value. The solver is HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import coo_array

from official_statistics.protection.constraint_system import ConstraintSystem, Floats, Integers

CHOSEN_SIMPLEX, PRIMAL_SIMPLEX = 0, 4
INTEGER_TOLERANCE = 1e-6
# A hidden count without an upper bound is at most this much above its true value. Otherwise, a
# programme in which several such counts rise together would have no optimum.
MAX_RISE = 1_000.0


@dataclass(frozen=True)
class ConstraintMatrix:
    """The rows of a constraint system as one sparse matrix."""

    starts: Integers
    columns: Integers
    values: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def from_system(cls, system: ConstraintSystem) -> ConstraintMatrix:
        """Return the rows of a constraint system as a matrix."""
        counts = [len(row[0]) for row in system.rows]
        terms = [term for row in system.rows for term in row[0]]
        return cls(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.array([variable for variable, _ in terms], dtype=np.int64),
            np.array([float(times) for _, times in terms]),
            np.array([row[1] for row in system.rows]),
            np.array([row[2] for row in system.rows]),
        )


class LinearProgramme:
    """The constraints on some variables (`members`); all other variables keep their true values.

    `truth` has the true values of the members, which are a feasible point. HiGHS starts each
    minimisation from the basis of the one before. It presolves the first one, because finding a
    feasible basis without presolve takes several times as long.
    """

    def __init__(
        self,
        system: ConstraintSystem,
        matrix: ConstraintMatrix,
        members: Integers,
    ) -> None:
        self.members = members
        self.truth = system.truth[members].astype(float)
        # For each variable, its column in the solver; -1 if the variable is not in this view.
        self.column = np.full(len(system.truth), -1, dtype=np.int64)
        self.column[members] = np.arange(len(members))
        lower, upper = (bounds[members] for bounds in system.compute_all_bounds())
        upper = np.minimum(upper, self.truth + MAX_RISE)
        self.solver = QuietHighs()
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("random_seed", 1)
        self.solver.passModel(self._build_model(system, matrix, lower, upper))
        self._has_basis = False

    def _build_model(
        self, system: ConstraintSystem, matrix: ConstraintMatrix, lower: Floats, upper: Floats
    ) -> highspy.HighsLp:
        """Return the model of the rows that can be broken; the other rows are set aside."""
        row_of_term = np.repeat(np.arange(len(matrix.lower)), np.diff(matrix.starts))
        is_member = self.column[matrix.columns] >= 0
        fixed_terms = np.where(is_member, 0.0, matrix.values * system.truth[matrix.columns])
        fixed_sums = np.bincount(row_of_term, fixed_terms, minlength=len(matrix.lower))
        terms = coo_array(
            (
                matrix.values[is_member],
                (row_of_term[is_member], self.column[matrix.columns[is_member]]),
            ),
            (len(matrix.lower), len(self.members)),
        ).tocsr()
        self._terms, self._rows_by_column = terms, terms.tocsc()
        self._row_lower, self._row_upper = matrix.lower - fixed_sums, matrix.upper - fixed_sums
        self._lower, self._upper = lower.copy(), upper.copy()
        positive, negative = terms.maximum(0), terms.minimum(0)
        least = positive @ lower + negative @ upper
        most = positive @ upper + negative @ lower
        self._is_set_aside = (least >= self._row_lower) & (most <= self._row_upper)
        used = terms[np.flatnonzero(~self._is_set_aside)]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.members), used.shape[0]
        model.col_cost_ = np.zeros(len(self.members))
        model.col_lower_, model.col_upper_ = lower, upper
        model.row_lower_ = self._row_lower[~self._is_set_aside]
        model.row_upper_ = self._row_upper[~self._is_set_aside]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = used.indptr.astype(np.int32)
        model.a_matrix_.index_ = used.indices.astype(np.int32)
        model.a_matrix_.value_ = used.data
        return model

    def minimise_cost(self, variables: Integers, costs: Floats) -> tuple[Floats, Floats] | None:
        """Return the point of lowest cost and its reduced costs, or None if HiGHS finds none."""
        columns = self.column[variables].astype(np.int32)
        self.solver.changeColsCost(len(columns), columns, costs)
        is_solved = self._run_solver()
        if not is_solved:
            # After a numerical failure, the old basis would also make later problems fail.
            self.solver.clearSolver()
            self._has_basis = False
            is_solved = self._run_solver()
        optimum = None
        if is_solved:
            solution = self.solver.getSolution()
            optimum = np.array(solution.col_value), np.array(solution.col_dual)
        self.solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        return optimum

    def _run_solver(self) -> bool:
        strategy = PRIMAL_SIMPLEX if self._has_basis else CHOSEN_SIMPLEX
        self.solver.setOptionValue("presolve", "off" if self._has_basis else "on")
        self.solver.setOptionValue("simplex_strategy", strategy)
        self.solver.run()
        self._has_basis = True
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def set_bounds(self, variable: int, lower: float, upper: float) -> None:
        """Change the bounds that a reader knows for one variable."""
        column = int(self.column[variable])
        upper = min(upper, self.truth[column] + MAX_RISE)
        self.solver.changeColBounds(column, lower, upper)
        self._lower[column], self._upper[column] = lower, upper
        for row in self._rows_by_column[:, [column]].indices:
            if self._is_set_aside[row]:
                self._add_row_if_needed(int(row))

    def _add_row_if_needed(self, row: int) -> None:
        terms = slice(self._terms.indptr[row], self._terms.indptr[row + 1])
        columns, values = self._terms.indices[terms], self._terms.data[terms]
        ends = np.stack([values * self._lower[columns], values * self._upper[columns]])
        least, most = ends.min(axis=0).sum(), ends.max(axis=0).sum()
        if least < self._row_lower[row] or most > self._row_upper[row]:
            self._is_set_aside[row] = False
            bounds = self._row_lower[row], self._row_upper[row]
            self.solver.addRow(*bounds, len(columns), columns.astype(np.int32), values)


class QuietHighs(highspy.Highs):
    """HiGHS without the banner that its constructor prints."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the name that HiGHS calls when it is made
        """Turn off HiGHS's output before HiGHS calls anything else."""
        options = highspy.HighsOptions()
        options.output_flag = False
        self.passOptions(options)
        super().enableCallbacks()


def is_integer_point(point: Floats) -> bool:
    """Return whether every value of a point is a whole number."""
    return bool((np.abs(point - np.round(point)) < INTEGER_TOLERANCE).all())
