"""SHA-256 hashes of files, and the list of files that define the dbt project.

This module imports only what loads quickly, because short-lived processes use it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

MODEL_SUFFIXES = {".sql", ".yml", ".yaml", ".py", ".md", ".csv"}
BUILD_FOLDERS = {"target", "logs", "dbt_packages", "__pycache__"}


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_files(paths: Iterable[Path], root: Path) -> str:
    """Return one SHA-256 of files' bytes and paths (relative to `root`), in order of path."""
    return join_hashes({path.relative_to(root).as_posix(): hash_file(path) for path in paths})


def join_hashes(hashes: Mapping[str, str]) -> str:
    """Return one SHA-256 of files' hashes and paths, in order of path."""
    digest = hashlib.sha256()
    for path, file_hash in sorted(hashes.items(), key=lambda item: PurePosixPath(item[0])):
        digest.update(f"{path}\0{file_hash}\n".encode())
    return digest.hexdigest()


def list_model_files(project: Path) -> list[Path]:
    """Return the files of the dbt project that people write; files that dbt builds are left out."""
    return [
        path
        for path in project.rglob("*")
        if path.is_file()
        and path.suffix in MODEL_SUFFIXES
        and not BUILD_FOLDERS & set(path.relative_to(project).parts)
    ]
