"""Spark for the tests that need it: skipped, with the reason, where it cannot start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
import yaml

from engines.spark import missing_for_spark
from register.settings import PROJECT_ROOT

# For few rows, as docs/how-to/run-on-spark.md says.
GIVEN = {"REGISTER_SPARK_CODE": "NO_CODEGEN"}


@pytest.fixture(scope="session")
def spark_runs() -> None:
    """Skip a test where Spark cannot start, and say why."""
    missing = missing_for_spark()
    if missing is not None:
        pytest.skip(f"no Spark here: {missing}")


@pytest.fixture(scope="session")
def spark_parameters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The settings of the target `spark`, for a home without anything in it."""
    arguments = GIVEN | {"REGISTER_HOME": str(tmp_path_factory.mktemp("spark"))}

    def env_var(name: str, usual: str = "") -> str:
        return arguments.get(name, usual)

    profile = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    rendered = jinja2.Environment(autoescape=False).from_string(profile).render(env_var=env_var)  # noqa: S701
    outputs = yaml.safe_load(rendered)["register"]["outputs"]
    return dict(outputs["spark"]["server_side_parameters"])


@pytest.fixture(scope="session")
def spark(spark_runs: None, spark_parameters: dict[str, Any]) -> Iterator[Any]:
    """A session with the settings of the target, in this process."""
    from engines.spark.spark_session import get_session

    started = get_session(spark_parameters)
    yield started
    started.stop()
