"""The page that adds a rule of the statutory return, followed in a copy of the project."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from register.feeds import land_everything
from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings
from register.yaml_file import read_yaml
from tests.conftest import put_postcodes
from tests.dbt.runs import next_folder, run_dbt
from tests.dbt.steps import read_step_tests, run_step_test
from tests.docs.followed_pages import copy_project, read_blocks
from tests.end_to_end.registers import compiled_models

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-rule.md"
FILES_AT_MOST = 5
# What `register check` and a load need.
COPIED = (
    *("register", "official_statistics", "suppression_attack", "engines", "orchestration"),
    *("expectations", "interfaces", "dbt_project", "seeds", "docs", "tests"),
)
RETURN = re.compile(r"^In `(return/[^`]+)`:\n\n```csv\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^```sh\nregister (check .*)\n```", re.MULTILINE)
ROWS = re.compile(r"^\| rule_code \|.*?\n\n", re.MULTILINE | re.DOTALL)
EXPRESSION = re.compile(r"^ +(no_absence_is_before_birth): (.+)$", re.MULTILINE)
RULES = "int_return_rule_breaches"


def _follow(target: Path) -> Path:
    project = copy_project(target, *COPIED)
    for block in read_blocks(PAGE):
        block.apply(project)
    return project


def _read_table(text: str) -> list[dict[str, str]]:
    heading, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()
    ]
    return [dict(zip(heading, line, strict=True)) for line in lines]


def test_the_page_touches_five_files_at_most() -> None:
    """Prevents a rule from needing more places than a newcomer is told of, or than are few."""
    assert len({block.file for block in read_blocks(PAGE)}) == FILES_AT_MOST


def test_the_pages_example_of_a_table_is_a_rule_of_the_table() -> None:
    """Prevents an example that no table has."""
    yaml = read_yaml(PROJECT_ROOT / "dbt_project/models/marts/register/fct_episodes.yml")
    (rules,) = [test["rules"] for test in yaml["models"][0]["data_tests"] if "rules" in test]
    ((name, condition),) = EXPRESSION.findall(PAGE.read_text(encoding="utf-8"))
    assert rules["arguments"]["expressions"][name] == condition


@pytest.mark.drill
@pytest.mark.slow
def test_a_rule_added_as_the_page_says_is_found_by_a_check(tmp_path: Path) -> None:
    """Prevents instructions after which a supplier is told nothing of the new rule."""
    project = _follow(tmp_path / "project")
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in RETURN.findall(text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(lines, encoding="utf-8")
    (command,) = COMMAND.findall(text)
    outcome = subprocess.run(
        [sys.executable, "-m", "interfaces.command_line", *shlex.split(command)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project), "REGISTER_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    expected = _read_table(ROWS.findall(text)[0])
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{name: row[name] for name in expected[0]} for row in rows] == expected


@pytest.mark.drill
@pytest.mark.slow
def test_the_tests_that_the_page_writes_hold(
    tmp_path: Path, settings: Settings, postcodes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a page whose own tests of its rule fail."""
    project = _follow(tmp_path / "project")
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    land_everything(settings)
    folder = next_folder(settings, "first")
    arguments = ("--select", f"+{RULES}", "--indirect-selection", "empty")
    outcome = run_dbt(settings, folder, "build", *arguments, project=project / "dbt_project")
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    monkeypatch.setattr("tests.dbt.steps.FOLDER", project / "tests" / "dbt" / "steps")
    compiled = compiled_models(settings)
    steps = [step for step in read_step_tests() if step.model in ("int_return_rule_int99", RULES)]
    assert len(steps) == 2
    with duckdb.connect(str(settings.warehouse / "warehouse.duckdb")) as connection:
        for step in steps:
            run_step_test(connection, compiled[step.model], step)
