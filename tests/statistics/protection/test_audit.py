"""Single ties and linear programmes find what limits a hidden count."""

from __future__ import annotations

import numpy as np
import pytest

from official_statistics.protection.bound_propagation import BoundPropagation, Bounds
from official_statistics.protection.constraint_system import ConstraintSystem
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.suppression_audit import AuditView, KnownEnds

TOTAL, PART, OTHER, ELSEWHERE = range(4)


@pytest.fixture
def system() -> ConstraintSystem:
    """A hidden part, printed beside its total and the other part: 18 to 22 less 15 to 17."""
    no = np.zeros(4, dtype=bool)
    hidden = np.array([False, True, False, False])
    return ConstraintSystem(
        truth=np.array([20, 4, 16, 9]),
        shown_lower=np.array([18.0, 1.0, 15.0, 8.0]),
        shown_upper=np.array([22.0, np.inf, 17.0, 12.0]),
        hidden=hidden,
        audited=hidden.copy(),
        shown_before=no,
        must_stay_hidden=no.copy(),
        is_undelivered=no.copy(),
        level=["Local authority"] * 4,
        area=["a"] * 4,
        key=["total", "part", "other", "elsewhere"],
        importance=np.ones(4),
        rules={},
        rows=[(((TOTAL, -1), (PART, 1), (OTHER, 1)), 0.0, 0.0, "sum")],
    )


def test_a_count_is_proved_when_enough_of_what_limits_it_is_hidden(
    system: ConstraintSystem,
) -> None:
    """Prevents a count from being called protected that has one value too few."""
    matrix = ConstraintMatrix.from_system(system)
    programme = LinearProgramme(system, matrix, np.arange(4))
    view = AuditView("whole", programme, np.array([PART]), KnownEnds(programme.truth, 8))
    limits = view.find_limits(PART)
    assert limits is not None
    assert {TOTAL, OTHER} <= set(limits[0].tolist())
    assert ELSEWHERE not in limits[0]
    view.programme.set_bounds(ELSEWHERE, 1.0, np.inf)
    assert view.find_limits(PART) is not None
    view.programme.set_bounds(OTHER, 1.0, np.inf)
    assert view.find_limits(PART) is None


def test_a_tie_proves_bounds_and_names_the_printed_counts_behind_them(
    system: ConstraintSystem,
) -> None:
    """Prevents single ties from proving too much or too little: 18 to 22 less 15 to 17."""
    propagation = BoundPropagation(ConstraintMatrix.from_system(system), 4)
    bounds = propagation.tighten(Bounds.from_known(*system.compute_all_bounds()))
    assert (bounds.lower[PART], bounds.upper[PART]) == (1.0, 7.0)
    assert propagation.find_limits(PART, bounds) == [TOTAL, PART, OTHER]
    system.hidden[OTHER] = True
    wider = propagation.tighten(Bounds.from_known(*system.compute_all_bounds()))
    assert (wider.lower[PART], wider.upper[PART]) == (1.0, 21.0)


def test_rows_are_added_to_a_programme_when_wider_bounds_can_break_them(
    system: ConstraintSystem,
) -> None:
    """Prevents a programme that ignores a tie which could not be broken at first."""
    system.rows.append((((ELSEWHERE, 1), (OTHER, -1)), -9.0, np.inf, "order"))
    programme = LinearProgramme(system, ConstraintMatrix.from_system(system), np.arange(4))
    programme.set_bounds(OTHER, 1.0, 30.0)
    programme.set_bounds(TOTAL, 18.0, 40.0)
    optimum = programme.minimise_cost(np.array([OTHER]), np.array([-1.0]))
    assert optimum is not None
    assert optimum[0][OTHER] == pytest.approx(21.0)


def test_a_problem_without_an_answer_is_asked_once_more_from_the_beginning(
    system: ConstraintSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents counts that are hidden because of numerical trouble alone."""
    programme = LinearProgramme(system, ConstraintMatrix.from_system(system), np.arange(4))
    failing = iter([True])
    run = LinearProgramme._run_solver

    def once_in_trouble(self: LinearProgramme) -> bool:
        return not next(failing, False) and run(self)

    monkeypatch.setattr(LinearProgramme, "_run_solver", once_in_trouble)
    optimum = programme.minimise_cost(np.array([PART]), np.array([-1.0]))
    assert optimum is not None
    assert optimum[0][PART] == pytest.approx(7.0)
