"""Which failures are worth trying again: the surroundings', never the data's or the code's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

TRANSIENT = (OSError, duckdb.IOException)


@contextmanager
def try_again(times: int, wait_seconds: float) -> Iterator[None]:
    """Ask Dagster to run the step again after a failing disk, mount or lock."""
    try:
        yield
    except TRANSIENT as error:
        raise dg.RetryRequested(max_retries=times, seconds_to_wait=wait_seconds) from error
