"""The validator runs in an environment of its own, at the version that the lock pins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parity import environment

ASK = "from importlib.metadata import version as v; print(v('csc-validator-be-903'), v('pandas'))"


@pytest.mark.drill
def test_the_validator_is_the_pinned_one(validator: Path) -> None:
    """Prevents agreement with a version of the rules that nobody chose."""
    outcome = subprocess.run(
        [str(validator), "-c", ASK], capture_output=True, text=True, check=True
    )
    version, pandas_version = outcome.stdout.split()
    pinned = environment.LOCK.with_suffix(".in").read_text(encoding="utf-8")
    assert f"csc-validator-be-903=={version}\n" in pinned
    assert pandas_version < "2"


@pytest.mark.drill
def test_the_environment_is_not_built_twice(
    validator: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a test run that asks the registry each time."""

    def refuse(*arguments: str) -> None:
        raise AssertionError(f"built again: {arguments[0]}")

    monkeypatch.setattr(environment, "_run", refuse)
    assert environment.validator_python() == validator


def test_without_a_python_that_fits_there_is_no_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents an installation error where the reason is the interpreter."""
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert environment.validator_python() is None
