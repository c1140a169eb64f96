"""The lines that documents give an analyst to start with run in a release's folder."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import duckdb
import pytest

from official_statistics import read_data_sets, read_rules
from official_statistics.documents import (
    Confidentiality,
    HiddenCells,
    QualityFacts,
    ReleaseFacts,
    write_documents,
)
from register.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "reference" / "statistics" / "machine-files.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BY_AREA = "missing_children_by_area"


def _read_block(language: str) -> str:
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))[language]


def _read_national(public: Path) -> list[dict[str, str]]:
    with (public / "data" / f"{BY_AREA}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [row for row in rows if row["geographic_level"] == "National"]


def _run(public: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=public, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lines_of_python_run(public: Path) -> None:
    """Prevents a first line that fails for the analyst who copies it."""
    rows = eval(_run(public, sys.executable, "-I", "-c", _read_block("python")))  # noqa: S307
    assert len(rows) == len(_read_national(public)) > 0
    assert rows[0][:3] == (2026, "Reporting year", "National")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_lines_of_r_run(public: Path) -> None:
    """Prevents symbols that R reads as text, so that no figure can be added."""
    code = _read_block("r")
    printed = _run(
        public, "Rscript", "-e", f"{code}\ncat(is.numeric(rows$child_count), nrow(rows))"
    )
    count = sum(1 for _ in (public / "data" / f"{BY_AREA}.csv").open(encoding="utf-8")) - 1
    assert printed.splitlines()[-1] == f"TRUE {count}"


def test_the_lines_of_sql_run(public: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a query with a column that the file does not have."""
    monkeypatch.chdir(public)
    with duckdb.connect() as connection:
        rows = connection.execute(_read_block("sql")).fetchall()
    shown = {
        (int(row["time_period"]), int(row["child_count"]), None)
        for row in _read_national(public)
        if (row["care_status"], row["absence_category"]) == ("Total", "Total")
    }
    assert set(rows) == shown


def test_the_query_of_the_guidance_runs(
    public: Path, facts: ReleaseFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents guidance for programs that leads to a file that a release does not have."""
    hidden = {each.name: HiddenCells(100, 10, 1) for each in read_data_sets()}
    confidentiality = Confidentiality(read_rules(), hidden, too_narrow=0, exact=0)
    write_documents(facts, QualityFacts(), confidentiality, public)
    guidance = (public / "guidance.html").read_text(encoding="utf-8")
    (query,) = re.findall(r"<pre><code>(.*?)</code></pre>", guidance, re.DOTALL)
    monkeypatch.chdir(public)
    with duckdb.connect() as connection:
        assert connection.execute(unescape(query)).fetchall()
    for name in ("datapackage.json", "headlines.ipynb"):
        assert f"<code>{name}</code>" in guidance
        assert f'href="{name}"' in (public / "index.html").read_text(encoding="utf-8")
    assert 'href="parquet/' in (public / "index.html").read_text(encoding="utf-8")
