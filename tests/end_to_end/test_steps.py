"""The steps inside models give the rows that invented input must give."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.dbt.steps import StepTest, read_step_tests, run_step_test
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import compiled_models

STEPS = read_step_tests()


@pytest.fixture(scope="module")
def compiled(nation: Nation) -> dict[str, str]:
    """The compiled SQL of every model of the shared nation."""
    return compiled_models(nation.settings)


@pytest.fixture(scope="module")
def connection(nation: Nation) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that sees the loaded register, read only; each test replaces the rows it gives."""
    with duckdb.connect(":memory:") as connection:
        nation.attach(connection)
        connection.execute("set timezone = 'UTC'")
        yield connection


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_a_step_gives_what_it_must(
    step: StepTest, compiled: dict[str, str], connection: duckdb.DuckDBPyConnection
) -> None:
    """Prevents a step inside a model from changing without a test that sees it."""
    run_step_test(connection, compiled[step.model], step)


def test_step_tests_are_named_for_their_model() -> None:
    """Prevents two tests of one name, and a failing test that does not say where to look."""
    names = [step.name for step in STEPS]
    assert len(names) == len(set(names)) > 100
    assert [step.name for step in STEPS if not step.name.startswith(f"{step.model}__")] == []


def test_a_step_that_gives_other_rows_is_found(
    compiled: dict[str, str], connection: duckdb.DuckDBPyConnection
) -> None:
    """Prevents a harness that passes whatever a step gives."""
    name = "int_agreement_fields__what_differs_and_what_needs_a_reason"
    step = next(step for step in STEPS if step.name == name)
    broken = compiled[step.model].replace("<=", "<", 1).replace("'differs'", "'equal'")
    with pytest.raises(AssertionError, match="not expected"):
        run_step_test(connection, broken, step)
