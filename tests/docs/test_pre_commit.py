"""The hooks of pre-commit call tools of this checkout, and nothing is fetched for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from register.settings import PROJECT_ROOT

VENV = ".venv/bin/"


def _hooks() -> list[dict[str, Any]]:
    path = PROJECT_ROOT / ".pre-commit-config.yaml"
    repositories = yaml.safe_load(path.read_text(encoding="utf-8"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    return list(repositories[0]["hooks"])


def test_every_hook_calls_what_is_there() -> None:
    """Prevents a hook that fails for everybody because its tool was renamed or left the lock."""
    hooks = _hooks()
    names = {hook["id"] for hook in hooks}
    assert names == {"ruff", "ruff-format", "mypy", "sqlfluff", "dbt-parse", "file-size"}
    missing = set()
    for hook in hooks:
        assert hook["language"] == "system", hook["id"]
        called = [word for word in hook["entry"].split() if word.startswith((".venv/", ".ci/"))]
        assert called, hook["id"]
        for word in called:
            path = PROJECT_ROOT / word
            if word.startswith(VENV):
                path = Path(sys.executable).parent / word.removeprefix(VENV)
            if not os.access(path, os.X_OK):
                missing.add(f"{hook['id']}: {word}")
    assert missing == set()


def test_a_large_file_is_named(tmp_path: Path) -> None:
    """Prevents a data file in a commit, and a hook that stops for a file of ordinary size."""
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_bytes(bytes(400_000))
    large.write_bytes(bytes(600_000))
    hook = str(PROJECT_ROOT / ".ci" / "file-size")
    passed = subprocess.run([hook, str(small)], check=False, capture_output=True, text=True)
    assert (passed.returncode, passed.stdout) == (0, "")
    failed = subprocess.run(
        [hook, str(small), str(large)], check=False, capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert failed.stdout.splitlines() == ["over 500 kB:", str(large)]
