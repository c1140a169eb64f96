"""Counts the cells of a release from a published generation, by dbt's target `publication`."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from orchestration.dbt import DbtError, dbt_executable, dbt_target, full_environment
from register.publishing import Generation
from register.settings import Settings
from register.statistics.drafting import export_earlier
from register.statistics.releases import Version

TARGET = "publication"
# What dbt says of a failure, without the query of a model.
TOLD_LINES = 15


@dataclass(frozen=True)
class Counting:
    """What is counted: the last reporting year, and what is carried over from the version before.

    `earlier` is the version before. No year before `first_replaced_year` is replaced.
    """

    year: int
    earlier: Version | None
    first_replaced_year: int
    children_most: int


def count_cells(
    settings: Settings, version: Version, generation: Generation, counting: Counting
) -> None:
    """Count the cells of a version into its `internal/cells.duckdb`, and test them.

    Raises `DbtError` with what dbt said where a model or one of its rules fails.
    """
    with tempfile.TemporaryDirectory(dir=version.internal) as folder:
        if counting.earlier is not None:
            export_earlier(counting.earlier, Path(folder))
        earlier = folder if counting.earlier is not None else ""
        outcome = _build(settings, _variables(settings, version, generation, counting, earlier))
    if outcome.returncode != 0:
        said = (outcome.stdout + outcome.stderr).strip().splitlines()
        raise DbtError("counting the release failed:\n" + "\n".join(said[:TOLD_LINES]))


def _variables(
    settings: Settings, version: Version, generation: Generation, counting: Counting, earlier: str
) -> dict[str, str]:
    return {
        **full_environment(settings, generation.folder.resolve()),
        "REGISTER_DBT_TARGET": TARGET,
        "REGISTER_RELEASE_FOLDER": str(version.internal),
        "REGISTER_RELEASE_YEAR": str(counting.year),
        "REGISTER_EARLIER_RELEASE": earlier,
        "REGISTER_FIRST_REPLACED_YEAR": str(counting.first_replaced_year),
        "REGISTER_REVISION_CHILDREN_MOST": str(counting.children_most),
        # Beside the artefacts of loads: dbt parses again whenever the target changes.
        "DBT_TARGET_PATH": str(dbt_target(settings) / TARGET),
        "DBT_LOG_PATH": str(dbt_target(settings) / TARGET),
    }


def _build(settings: Settings, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(dbt_executable(), "--quiet", "build"),
            *("--select", f"tag:{TARGET}", "resource_type:function"),
            # No test that calls a function and reads what this target has not.
            *("--indirect-selection", "buildable"),
            *("--exclude-resource-type", "unit_test"),
        ],
        cwd=settings.dbt_project,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
