"""Durable writing: after a power cut, the disk has either the old state or the complete new one.

Callers decide what is written and in which order.
"""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# A disk completes simultaneous flushes from several threads faster than one after another.
FLUSHING_THREADS = 8


def flush(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Wait until a folder and everything in it is on disk."""
    with ThreadPoolExecutor(FLUSHING_THREADS) as pool:
        list(pool.map(flush, [*folder.rglob("*"), folder]))


def write_whole(path: Path, content: bytes, mode: int = 0o400) -> None:
    """Write a file durably. It appears under its name only once it is complete."""
    partial = path.with_name(f".partial-{uuid.uuid4().hex}")
    try:
        partial.write_bytes(content)
        partial.chmod(mode)
        flush(partial)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    flush(path.parent)


def point_link(link: Path, target: str) -> None:
    """Point a symbolic link to `target` (relative to the link's folder) in one atomic step."""
    fresh = link.with_name(f".link-{uuid.uuid4().hex}")
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)
    flush(link.parent)
