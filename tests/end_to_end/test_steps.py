"""The steps of models on invented rows, by the types of the register that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.dbt.steps import StepTest, read_step_tests, run_step_test
from tests.end_to_end.conftest import Nation
from tests.end_to_end.registers import compiled_models

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models(nation: Nation) -> dict[str, str]:
    """The compiled SQL of every model."""
    return compiled_models(nation.settings)


@pytest.fixture(scope="module")
def register(nation: Nation) -> Iterator[duckdb.DuckDBPyConnection]:
    """The loaded register, beside which the rows of a test are put."""
    with duckdb.connect(":memory:") as connection:
        nation.attach(connection)
        yield connection


@pytest.mark.parametrize("test", read_step_tests(), ids=lambda test: test.name)
def test_a_step_of_a_model_gives_the_rows_that_its_test_expects(
    register: duckdb.DuckDBPyConnection, models: dict[str, str], test: StepTest
) -> None:
    """Prevents a slip inside a model that its rows as a whole do not show."""
    run_step_test(register, models[test.model], test)
