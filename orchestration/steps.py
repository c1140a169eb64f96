"""Values that Dagster's definitions share: owner, retries, and default states of triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from register.publishing import Generation, PublishError, current_generation
from register.settings import Settings
from register.storage_settings import InboxUnreachableError

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


@contextmanager
def retry_unreachable_inbox(
    context: dg.AssetExecutionContext, times: int, wait_seconds: float
) -> Iterator[None]:
    """Ask Dagster to repeat the step if the inbox does not answer.

    After `times` repetitions the step fails with the error's sentence alone, which has no secrets.
    """
    try:
        yield
    except InboxUnreachableError as error:
        if context.retry_number < times:
            context.log.warning(str(error))
            raise dg.RetryRequested(max_retries=times, seconds_to_wait=wait_seconds) from None
        raise dg.Failure(str(error), allow_retries=False) from None


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
