"""Spark for the tests that need it: skipped, with the reason, where it cannot start."""

from __future__ import annotations

import pytest

from orchestration.spark import missing_for_spark


@pytest.fixture(scope="session")
def spark_runs() -> None:
    """Skip a test where Spark cannot start, and say why."""
    missing = missing_for_spark()
    if missing is not None:
        pytest.skip(f"no Spark here: {missing}")
