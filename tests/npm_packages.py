"""Packages of npm that drills install into a temporary folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

MISSING = "this machine has no npm or node, or npm cannot install: no registry answers"


def install_package(package: str, folder: Path) -> str | None:
    """Install a package (`name@version`) into a folder, and return the path of `node`.

    Returns None if the machine has no npm, or npm cannot install the package.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    words = [npm, "install", "--no-audit", "--no-fund", "--silent", package]
    installed = subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=180)
    return None if installed.returncode else node
