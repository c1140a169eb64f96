"""Locks on open files: who is refused, and when the lock is free again."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from register.file_locks import lock_stream

BUSY = RuntimeError("busy")
SECONDS = 30


@contextmanager
def _forked() -> Iterator[None]:
    """A process that was forked from this one, with its open files, and does nothing."""
    process = os.fork()
    if process == 0:
        time.sleep(SECONDS)
        os._exit(0)
    try:
        yield
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def test_a_second_process_is_refused_and_a_second_reader_is_not(tmp_path: Path) -> None:
    """Prevents two writers at once, and readers who wait for each other."""
    path = tmp_path / "lock"
    with path.open("a") as one, path.open("a") as other:
        with (
            lock_stream(one, BUSY),
            pytest.raises(RuntimeError, match="busy"),
            lock_stream(other, BUSY, fcntl.LOCK_SH),
        ):
            pass
        with lock_stream(one, BUSY, fcntl.LOCK_SH), lock_stream(other, BUSY, fcntl.LOCK_SH):
            pass


def test_a_process_that_was_forked_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    """Prevents a backup that is refused because a load in the same process began another."""
    path = tmp_path / "lock"
    with ExitStack() as after:
        with path.open("a") as stream, lock_stream(stream, BUSY):
            after.enter_context(_forked())
        with path.open("a") as stream, lock_stream(stream, BUSY):
            pass
