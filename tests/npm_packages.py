"""Packages of npm that drills install into a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MISSING = "npm and node are not on this machine: the server cannot be installed"


def install_package(package: str, folder: Path) -> str:
    """Install a package (`name@version`) into a folder, and return the path of `node`.

    Skips the test if the machine has no npm, or npm cannot install the package.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip(MISSING)
    words = [npm, "install", "--no-audit", "--no-fund", "--silent", package]
    installed = subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=180)
    if installed.returncode:
        pytest.skip(f"npm cannot install {package}: no registry answers")
    return node
