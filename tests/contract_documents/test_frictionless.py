"""The data packages of the supplier guide, as Frictionless reads them: the standard's own tool."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app
from register.feeds import load_usable_layouts

TOOL = "frictionless[excel]==5.21.0"
LAYOUTS = load_usable_layouts()

# `uv` installs the tool into an environment of its own.
pytestmark = pytest.mark.drill


def _validate(*packages: Path) -> list[dict[str, Any]]:
    """Return the tool's report about each package."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert uv is not None
    words = [uv, "tool", "run", "--quiet", "--python", sys.executable, "--from", TOOL]
    reports = []
    for package in packages:
        command = [*words, "frictionless", "validate", "datapackage.json", "--json"]
        answer = subprocess.run(
            command, cwd=package.parent, capture_output=True, check=False, text=True
        )
        assert answer.stdout, answer.stderr
        reports.append(json.loads(answer.stdout))
    return reports


def test_the_standards_tool_accepts_each_package_and_its_samples(tmp_path: Path) -> None:
    """Prevents a data package that the tools of vendors refuse."""
    assert CliRunner().invoke(app, ["guide", str(tmp_path)]).exit_code == 0
    packages = {
        layout.layout_name: tmp_path / layout.feed / layout.layout_name / "datapackage.json"
        for layout in LAYOUTS
    }
    reports = _validate(*packages.values())
    faults = {
        name: [task["errors"] for task in report["tasks"]] + report["errors"]
        for name, report in zip(packages, reports, strict=True)
        if not report["valid"]
    }
    assert faults == {}
    assert all(sum(task["stats"]["rows"] for task in report["tasks"]) for report in reports)


def test_the_standards_tool_finds_what_the_package_forbids(tmp_path: Path) -> None:
    """Prevents packages that accept anything."""
    assert CliRunner().invoke(app, ["guide", str(tmp_path)]).exit_code == 0
    package = tmp_path / "police_reports" / "compact" / "datapackage.json"
    (sample,) = (package.parent / "sample").glob("*.csv")
    header, record, *others = sample.read_text(encoding="utf-8").splitlines()
    # The first column, a report's reference, is required.
    emptied = "," + record.partition(",")[2]
    sample.write_text("\r\n".join([header, emptied, *others]) + "\r\n", encoding="utf-8")
    (report,) = _validate(package)
    (error,) = report["tasks"][0]["errors"]
    assert error["type"] == "constraint-error"
