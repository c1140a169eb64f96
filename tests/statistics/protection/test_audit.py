"""What is found too narrow stays so until a bound that held it is wider."""

from __future__ import annotations

import numpy as np
import pytest

from official_statistics.protection.constraint_system import ConstraintSystem
from official_statistics.protection.linear_programme import ConstraintMatrix, LinearProgramme
from official_statistics.protection.suppression_audit import AuditView, SuppressionAudit

TOTAL, PART, OTHER, ELSEWHERE = range(4)
FEWEST = 8


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
        rules={},
        rows=[(((TOTAL, -1), (PART, 1), (OTHER, 1)), 0.0, 0.0, "sum")],
    )


def test_a_count_that_is_too_narrow_is_asked_again_when_what_held_it_is_wider(
    system: ConstraintSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents both a proof that is never found and one that is looked for in vain at each turn."""
    audit = SuppressionAudit(system, ConstraintMatrix.from_system(system), FEWEST)
    view = AuditView("whole", LinearProgramme(system, audit.matrix, np.arange(4)), np.array([PART]))
    calls: list[int] = []
    solve = LinearProgramme.minimise_cost

    def counted(programme: LinearProgramme, variables: object, costs: object) -> object:
        calls.append(1)
        return solve(programme, variables, costs)  # type: ignore[arg-type]

    monkeypatch.setattr(LinearProgramme, "minimise_cost", counted)
    item = np.array([PART])
    assert audit.prove_protected(view, item).tolist() == [PART]
    assert {TOTAL, OTHER} <= set(audit.find_limiting_variables(view, PART).tolist())
    first = len(calls)
    assert first

    view.programme.set_bounds(ELSEWHERE, 1.0, np.inf)
    audit.note_wider_bounds(ELSEWHERE)
    assert audit.prove_protected(view, item).tolist() == [PART]
    assert len(calls) == first

    view.programme.set_bounds(OTHER, 1.0, np.inf)
    audit.note_wider_bounds(OTHER)
    assert audit.prove_protected(view, item).tolist() == []
    assert len(calls) > first


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
