"""Locks on open files, which the operating system releases if the process is killed."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def lock_stream(
    stream: IO[str] | IO[bytes], busy: BaseException, kind: int = fcntl.LOCK_EX
) -> Iterator[None]:
    """Hold a lock on an open file until the block ends; `fcntl.LOCK_SH` allows other readers.

    Raises `busy` immediately if another process holds it. The lock is released explicitly: a
    process that was forked meanwhile has the file open too, and would keep the lock.
    """
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise busy from error
    try:
        yield
    finally:
        fcntl.flock(stream, fcntl.LOCK_UN)
