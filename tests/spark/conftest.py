"""Spark for the tests that need it: skipped, with the reason, where it cannot start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from orchestration.spark import missing_for_spark
from register.settings import PROJECT_ROOT

# Compiling a query takes longer than running it over a few rows.
INTERPRETED = {
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
}


@pytest.fixture(scope="session")
def spark_runs() -> None:
    """Skip a test where Spark cannot start, and say why."""
    missing = missing_for_spark()
    if missing is not None:
        pytest.skip(f"no Spark here: {missing}")


@pytest.fixture(scope="session")
def spark_parameters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings of the target `spark`, for a home without anything in it."""
    home = str(tmp_path_factory.mktemp("spark"))
    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    usual = re.sub(r"{{ env_var\('\w+', '([^']*)'\) }}", r"\1", profile)
    outputs = yaml.safe_load(usual.replace("{{ env_var('REGISTER_HOME') }}", home))
    parameters = outputs["register"]["outputs"]["spark"]["server_side_parameters"]
    return dict(parameters | INTERPRETED)


@pytest.fixture(scope="session")
def spark(spark_runs: None, spark_parameters: dict[str, Any]) -> Iterator[Any]:
    """A session with the settings of the target, in this process."""
    from orchestration.spark.adapter import session

    started = session(spark_parameters)
    yield started
    started.stop()
