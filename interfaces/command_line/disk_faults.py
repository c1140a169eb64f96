"""The end of a command whose files cannot be written because a disk is full or read-only."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from interfaces.command_line.console import stop

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
# Beginnings of the names that SQLite gives to such errors.
SQLITE_ERRORS = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_READONLY": errno.EROFS,
    "SQLITE_CANTOPEN": errno.EIO,
    "SQLITE_IOERR": errno.EIO,
}


@contextmanager
def stop_on_disk_fault() -> Iterator[None]:
    """End the command with a message if a disk is full or read-only. Pass on other errors."""
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        reason = find_disk_fault(error)
        if reason is None:
            raise
        stop(
            f"A file of the register cannot be written: {reason}. `register doctor` names the"
            " folder. Make room or let its disk be written, then run the command again."
        )


def find_disk_fault(error: BaseException | None) -> str | None:
    """Return the reason if a full or read-only disk caused an error; otherwise None.

    Names of files are left out, because a file that a person named may name a child.
    """
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        if isinstance(error, sqlite3.OperationalError):
            number = next(
                (
                    code
                    for name, code in SQLITE_ERRORS.items()
                    if error.sqlite_errorname.startswith(name)
                ),
                None,
            )
        if number in DISK_ERRORS:
            return os.strerror(number)
        # DuckDB gives the reason in its text alone.
        texts = [os.strerror(code) for code in DISK_ERRORS if os.strerror(code) in str(error)]
        if texts:
            return texts[0]
        error = error.__cause__ or error.__context__
    return None
