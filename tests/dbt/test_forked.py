"""The forked dbt is dbt: its words, its exit codes, and a process of its own for every run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.dbt.forked import forked_dbt


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [forked_dbt(), *arguments],
        cwd=folder,
        env={"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROFILES_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_forked_run_says_what_dbt_says_and_ends_as_dbt_ends(tmp_path: Path) -> None:
    """Prevents tests that pass because a failed run looks like one that went well."""
    helped = _run("parse", "--help", folder=tmp_path)
    assert helped.returncode == 0
    assert "Usage: register-dbt parse" in helped.stdout
    failed = _run("parse", folder=tmp_path)
    assert failed.returncode == 2
    assert str(tmp_path) in failed.stdout + failed.stderr
    misused = _run("no-such-command", folder=tmp_path)
    assert misused.returncode != 0
    assert "no-such-command" in misused.stderr


def test_a_run_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    """Prevents a folder, a variable or a stream of one run from being that of another."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        outcome = _run("parse", folder=folder)
        others = {first, second} - {folder}
        assert str(folder) in outcome.stdout + outcome.stderr
        assert not [other for other in others if str(other) in outcome.stdout + outcome.stderr]
