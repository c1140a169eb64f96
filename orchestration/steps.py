"""Values that Dagster's definitions share: owner, retries, and default states of triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from register.publishing import Generation, PublishError, current_generation
from register.settings import Settings

DATA_TEAM = "team:national-register"
IO_ERRORS = (OSError, duckdb.IOException)


@contextmanager
def retry_on_io_error(times: int, wait_seconds: float) -> Iterator[None]:
    """Ask Dagster to repeat the step if a fault of a disk, mount or lock makes it fail.

    The step is repeated at most `times` times. Errors in data or code are not retried.
    """
    try:
        yield
    except IO_ERRORS as error:
        raise dg.RetryRequested(max_retries=times, seconds_to_wait=wait_seconds) from error


def require_generation(settings: Settings) -> Generation:
    """Return the current generation. Raises `PublishError` if nothing is published yet."""
    generation = current_generation(settings)
    if generation is None:
        raise PublishError("nothing is published yet: run the job load_register")
    return generation


def choose_sensor_status(settings: Settings) -> dg.DefaultSensorStatus:
    """Return the default status of sensors: running in production, stopped elsewhere."""
    is_production = settings.environment == "production"
    return dg.DefaultSensorStatus.RUNNING if is_production else dg.DefaultSensorStatus.STOPPED


def choose_schedule_status(settings: Settings) -> dg.DefaultScheduleStatus:
    """Return the default status of schedules: running in production, stopped elsewhere."""
    return dg.DefaultScheduleStatus(choose_sensor_status(settings).value)
