"""A separate environment for FEBRL, whose packages conflict with this project's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
TABLES = ("left.csv", "right.csv", "truth.csv", "febrl3.csv", "febrl3_truth.csv")


def febrl_folder(build: Path) -> Path:
    """Return a folder with FEBRL 3 and 4 as CSV; the first call makes it under `build`.

    The environment has the packages that `requirements.lock` pins, checked by hash.
    """
    folder = build / "febrl"
    if not all((folder / name).exists() for name in TABLES):
        python = febrl_python(build)
        subprocess.run([python, HERE / "export_febrl.py", folder], check=True)
    return folder


def febrl_python(build: Path) -> Path:
    """Return the Python of the FEBRL environment; the first call makes it under `build`."""
    return _environment(build / "febrl-environment")


def _environment(folder: Path) -> Path:
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
