"""What the build benchmark counts, and what it takes for a build."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.build import Cost, cost_table, executed_nodes, find_minimum, is_build


@pytest.mark.parametrize(
    ("command_line", "is_found"),
    [
        (["/venv/bin/python", "/venv/bin/dbt", "build", "--target-path", "t"], True),
        (["/venv/bin/python", "/venv/bin/register-dbt", "build", "--target-path", "t"], True),
        (["python", "-m", "dbt.cli.main", "--quiet", "build"], True),
        (["/venv/bin/python", "/venv/bin/dbt", "--quiet", "parse"], False),
        (["python", "-c", "from interfaces.command_line import app; app()", "load"], False),
    ],
)
def test_the_process_that_builds_is_told_from_others(
    command_line: list[str], is_found: bool
) -> None:
    """Prevents a build's seconds that are those of a parse, or of Dagster."""
    assert is_build(command_line) is is_found


def test_nodes_are_those_that_the_newest_build_executed(tmp_path: Path) -> None:
    """Prevents counting the nodes of an earlier load, or those that were skipped."""
    for name, statuses, moment in (("old", ["pass"] * 9, 1), ("new", ["pass", "skipped"], 2)):
        folder = tmp_path / "warehouse" / name
        folder.mkdir(parents=True)
        path = folder / "run_results.json"
        results = [{"status": status} for status in statuses]
        path.write_text(json.dumps({"results": results}), encoding="utf-8")
        os.utime(path, (moment, moment))
    assert executed_nodes(tmp_path) == 1


def test_the_table_sets_both_builds_side_by_side() -> None:
    """Prevents a ratio that is the wrong way round."""
    before, after = Cost(1000, 100.0, 80.0, 150.0, 120.0), Cost(400, 40.0, 30.0, 90.0, 60.0)
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(cost_table(("b8bdcb7", "working tree"), {"second": [before, after]}))
    lines = [line.split() for line in console.export_text().splitlines() if "build cpu" in line]
    assert lines[0][-4:] == ["40.0", "│", "0.40", "│"]


def test_the_least_of_each_measure_is_shown() -> None:
    """Prevents one slow minute of the machine from being a cost of the code."""
    loads = [Cost(400, 40.0, 35.0, 90.0, 60.0), Cost(400, 45.0, 30.0, 80.0, 70.0)]
    assert find_minimum(loads) == Cost(400, 40.0, 30.0, 80.0, 60.0)
