"""Retry I/O errors only: a failing disk, mount or lock, never a fault of the data or the code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

IO_ERRORS = (OSError, duckdb.IOException)


@contextmanager
def retry_on_io_error(times: int, wait_seconds: float) -> Iterator[None]:
    """Ask Dagster to run the step again after an I/O error, `times` times at most."""
    try:
        yield
    except IO_ERRORS as error:
        raise dg.RetryRequested(max_retries=times, seconds_to_wait=wait_seconds) from error
