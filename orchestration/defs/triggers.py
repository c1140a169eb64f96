"""What starts loads by themselves: a schedule every morning and a sensor of the inbox.

Suppliers upload file by file: the sensor waits until a delivery stops growing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable

import dagster as dg

from orchestration.steps import choose_schedule_status, choose_sensor_status
from register.feeds import InboxDelivery, read_inbox_state
from register.settings import load_settings

LOAD_JOB = "load_register"
QUIET_SECONDS = 300.0


def hash_batch(deliveries: Iterable[InboxDelivery]) -> str:
    """Return the same text for the same new deliveries in any order, so that they start one run."""
    lines = sorted(f"{item.place}\t{item.fingerprint}" for item in deliveries)
    # Names of folders need not be UTF-8.
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def is_quiet(deliveries: Iterable[InboxDelivery], now: float) -> bool:
    """Return whether no file of the batch has changed for `QUIET_SECONDS`.

    The time of change counts and not that of modification: an upload may keep a file's old date.
    """
    limit = (now - QUIET_SECONDS) * 1e9
    return all(file.changed_ns <= limit for item in deliveries for file in item.files)


def watch_inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request one run for a quiet batch of new deliveries."""
    new = read_inbox_state(load_settings()).new
    if not new:
        return dg.SkipReason("Nothing new in the inbox.")
    if not is_quiet(new, time.time()):
        return dg.SkipReason(f"{len(new)} new deliveries; waiting until the inbox is quiet.")
    context.log.info("asking for one load of %d new deliveries", len(new))
    return dg.RunRequest(run_key=hash_batch(new), tags={"register/new_deliveries": str(len(new))})


@dg.definitions
def defs() -> dg.Definitions:
    """Define the schedule and the sensor."""
    settings = load_settings()
    sensor = dg.sensor(
        name="inbox_sensor",
        job_name=LOAD_JOB,
        minimum_interval_seconds=60,
        description=(
            "Starts one load for everything new, five minutes after the last file of a batch."
        ),
        default_status=choose_sensor_status(settings),
    )
    schedule = dg.ScheduleDefinition(
        name="load_every_morning",
        job_name=LOAD_JOB,
        cron_schedule="30 5 * * *",
        execution_timezone="Europe/London",
        description="One load a day, also when nothing was delivered: lateness counts.",
        default_status=choose_schedule_status(settings),
    )
    return dg.Definitions(sensors=[sensor(watch_inbox)], schedules=[schedule])
