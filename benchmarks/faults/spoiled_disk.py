"""A disk of its own for one store of a home, which is full or can only be read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults.homes import copy_home, measure_bytes

ROOMY = "size=8g"


class NotPossibleError(RuntimeError):
    """A fault cannot be made on this machine; the message says what is missing."""


@contextmanager
def mount_disk(store: Path) -> Iterator[Path]:
    """Put a store on a disk of its own in memory, which has room at first, for the block."""
    store.mkdir(exist_ok=True)
    aside = store.parent.with_name(f"{store.parent.name}-{store.name}")  # not in the home
    store.rename(aside)
    store.mkdir(mode=aside.stat().st_mode & 0o777)
    try:
        _run_command(["mount", "-t", "tmpfs", "-o", ROOMY, "tmpfs", str(store)])
        try:
            shutil.copytree(aside, store, symlinks=True, dirs_exist_ok=True)
            yield store
            copy_home(store, aside)
        finally:
            _run_command(["umount", "--lazy", str(store)])
    finally:
        store.rmdir()
        aside.rename(store)


def fill_disk(store: Path, free_bytes: int) -> None:
    """Leave so much room on a store's disk."""
    pages = max(1, (measure_bytes(store) + free_bytes) // 4096)
    _run_command(["mount", "-o", f"remount,size={pages * 4}k", str(store)])


def forbid_writing(store: Path) -> None:
    """Let a store's disk be read only."""
    _run_command(["mount", "-o", "remount,ro", str(store)])


def repair_disk(store: Path) -> None:
    """Let a store's disk be written, and give it room."""
    _run_command(["mount", "-o", f"remount,rw,{ROOMY}", str(store)])


def _run_command(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPossibleError(f"{command[0]}: {done.stderr.strip()} (needs root)")
