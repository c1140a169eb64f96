"""Runs every query of this folder at once, in a dbt project of the register's macros and functions.

A load tries data: what it would find here again and again is tried once, in `make test`. The
project has the macros, functions, variables and seeds of the real one and no model.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from register.home import prepare_home
from register.settings import load_settings
from tests.dbt.part_of_project import REAL, write_project

QUERIES = Path(__file__).parent


@dataclass(frozen=True)
class Verdict:
    """What dbt says of one query, and how many rows it returned."""

    status: str
    failure_count: int | None
    message: str | None


def run_queries(root: Path) -> dict[str, Verdict]:
    """Run every query of this folder on the macros in `root`; return the verdicts by name.

    What an earlier run there parsed is not parsed again.
    """
    from dbt.cli.main import dbtRunner

    home = replace(load_settings({"REGISTER_ENVIRONMENT": "test"}), home=root / "home")
    prepare_home(home)
    generation = home.published / ".next"
    generation.mkdir(parents=True, exist_ok=True)
    project, target = root / "project", root / "target"
    queries = [os.path.relpath(QUERIES, project)]
    write_project(project, root / "macros", root / "functions", test_paths=queries)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.build_dbt_environment(generation).items():
            patch.setenv(name, value)
        places = ["--project-dir", project, "--target-path", target, "--log-path", target]
        outcome = dbtRunner().invoke(
            [
                "--quiet",
                "--warn-error",
                "build",
                "--select",
                "+test_type:singular",
                *map(str, places),
            ]
        )
    if outcome.exception:
        raise outcome.exception
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {
        result["unique_id"].split(".")[2]: Verdict(
            result["status"], result["failures"], result["message"]
        )
        for result in results
    }


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the macros and functions as they are."""
    folder = tmp_path_factory.mktemp("macros")
    for name in ("macros", "functions"):
        shutil.copytree(REAL / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def verdicts(root: Path) -> dict[str, Verdict]:
    """What dbt says of every query on the macros as they are."""
    return run_queries(root)
