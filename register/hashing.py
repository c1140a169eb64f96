"""SHA-256 of files, and which files a model of dbt is made of.

It imports nothing that takes time, for processes that start often.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

MODEL_SUFFIXES = {".sql", ".yml", ".yaml", ".py", ".md", ".csv"}
BUILD_FOLDERS = {"target", "logs", "dbt_packages", "__pycache__"}
CHUNK = 1 << 20


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def hash_files(paths: Iterable[Path], root: Path) -> str:
    """SHA-256 over the names (below `root`) and bytes of several files, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root).as_posix()}\0{hash_file(path)}\n".encode())
    return digest.hexdigest()


def model_files(project: Path) -> list[Path]:
    """The files of the dbt project that people write, without what dbt builds."""
    return [
        path
        for path in project.rglob("*")
        if path.is_file()
        and path.suffix in MODEL_SUFFIXES
        and not BUILD_FOLDERS & set(path.relative_to(project).parts)
    ]
