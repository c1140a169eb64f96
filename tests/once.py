"""What is slow to make and only read is made once, by whichever test process comes first."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

MADE = ".made"


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The scratch folder of this session that all its processes see."""
    base = factory.getbasetemp()
    # Under pytest-xdist each process has a folder of its own below the session's.
    return base.parent if base.name.startswith("popen-") else base


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Let `make` fill `folder` unless that is done; others wait. Returns the folder.

    A `make` that raises leaves the folder unmade, so that the next process raises too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("a", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        if not (folder / MADE).exists():
            make(folder)
            (folder / MADE).touch()
    return folder
