"""The page that adds a police field, followed in a copy of the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from register.home import prepare_home
from register.settings import PROJECT_ROOT, Settings
from tests.conftest import put_postcodes
from tests.dbt.runs import next_folder, run_dbt
from tests.docs.followed_pages import copy_project, read_blocks

PAGE = PROJECT_ROOT / "docs" / "how-to" / "add-a-field.md"
FILES_AT_MOST = 5
# What a load and the tests of feeds need.
COPIED = ("register", "dbt_project", "seeds", "simulation", "tests")
DELIVERY = re.compile(r"^In `(inbox/[^`]+)` of the home:\n\n```csv\n(.*?)^```", re.M | re.DOTALL)
QUERY = re.compile(r"^```sql\n(select .*?)^```\n\n```\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What the two queries of the page read, and the test that no code is lost.
BUILT = ("+fct_reports", "+fct_rule_breaches", "assert_every_source_code_is_conformed_or_unmapped")
# Contracts, layouts and code maps agree; in one process, whatever this one is a worker of.
DEFINITIONS = ("tests/feeds/test_definitions.py", "-p", "no:cacheprovider", "-p", "no:xdist")
LAND = "from register.feeds import land_everything as l; from register.settings import *; "
LAND += "l(load_settings()); print(PROJECT_ROOT)"


def _run(project: Path, settings: Settings, *arguments: str) -> str:
    """Run Python with the copied project's own code, contract and layouts; what it printed."""
    outcome = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={
            **os.environ,
            **settings.build_dbt_environment(settings.home),
            "PYTHONPATH": str(project),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    return outcome.stdout.strip()


def test_the_page_touches_five_files_at_most() -> None:
    """Prevents a field from needing more places than a newcomer is told of, or than are few."""
    blocks = read_blocks(PAGE)
    assert len(blocks) > FILES_AT_MOST
    assert len({block.file for block in blocks}) <= FILES_AT_MOST


@pytest.mark.drill
@pytest.mark.slow
def test_a_field_added_as_the_page_says_is_in_the_mart(
    tmp_path: Path, settings: Settings, postcodes: Path
) -> None:
    """Prevents instructions that leave a field out of the mart, or its unmapped codes uncounted."""
    project = copy_project(tmp_path / "project", *COPIED)
    for block in read_blocks(PAGE):
        block.apply(project)
    _run(project, settings, "-m", "pytest", "-q", "-m", "not slow", *DEFINITIONS)
    prepare_home(settings)
    put_postcodes(postcodes, settings)
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in DELIVERY.findall(text):
        path = settings.home / name
        path.parent.mkdir(parents=True)
        path.write_text(lines, encoding="utf-8")
    assert _run(project, settings, "-c", LAND) == str(project)
    folder = next_folder(settings, "first")
    arguments = ("--select", *BUILT, "--indirect-selection", "empty")
    outcome = run_dbt(settings, folder, "build", *arguments, project=project / "dbt_project")
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-4000:]
    queries = QUERY.findall(text)
    assert len(queries) == 2
    for query, shown in queries:
        assert _shown(folder, query) == shown.replace(" ", "").replace("\n\n", "\n")


def _shown(folder: Path, query: str) -> str:
    """Result of a query as the page shows it, without blanks."""
    with duckdb.connect(str(folder / "national_register.duckdb"), read_only=True) as connection:
        found = connection.execute(query)
        heading = [column[0] for column in found.description]
        rows = [["" if value is None else str(value) for value in row] for row in found.fetchall()]
    return "".join("│".join(row).replace(" ", "") + "\n" for row in [heading, *rows])
