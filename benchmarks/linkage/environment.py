"""A separate environment for the public test sets, whose packages conflict with this project's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"


def export_public_sets(build: Path, file_names: Iterable[str]) -> Path:
    """Return a folder with these files of public test sets; write it under `build` if one is new.

    The environment has the packages that `requirements.lock` pins, checked by hash.
    """
    folder = build / "public-sets"
    if not all((folder / name).exists() for name in file_names):
        python = _make_environment(build / "public-sets-environment")
        subprocess.run([python, HERE / "export_public_sets.py", folder], check=True)
    return folder


def _make_environment(folder: Path) -> Path:
    """Return the Python of the environment in this folder; install what the lock pins."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else "uv"
    python = folder / "bin" / "python"
    if not python.exists():
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)])
    return python


def _run(command: list[str]) -> None:
    without_ours = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(command, check=True, env=without_ours)
