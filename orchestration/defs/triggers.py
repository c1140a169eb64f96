"""Automatic starts of loads: a schedule every morning, and a sensor that watches for deliveries.

Suppliers upload file by file, so the sensor waits until a delivery stops growing. Deliveries by
the web pages or the API land as soon as they are confirmed: they too start a load.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence

import dagster as dg

from orchestration.dagster_home import ENDED, prune_runs
from orchestration.delivery_partitions import report_deliveries
from orchestration.steps import choose_schedule_status, choose_sensor_status
from register.feeds import (
    Delivery,
    InboxDelivery,
    LedgerError,
    note_copies,
    read_inbox_state,
)
from register.home_status import LOAD_TIME, LOAD_ZONE
from register.load_history import LOAD_JOBS, read_unpublished
from register.publishing import find_remaining_work
from register.settings import Settings, load_settings
from register.storage_settings import InboxUnreachableError

LOAD_JOB = "load_register"
QUIET_SECONDS = 300.0


def hash_batch(deliveries: Iterable[InboxDelivery | Delivery]) -> str:
    """Return a hash of new deliveries that does not depend on their order.

    So the same deliveries start only one run.
    """
    lines = sorted(
        item.delivery_id if isinstance(item, Delivery) else f"{item.place}\t{item.fingerprint}"
        for item in deliveries
    )
    # Folder names may contain bytes that are not UTF-8.
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def is_quiet(deliveries: Iterable[InboxDelivery], now: float) -> bool:
    """Return whether no file of the batch has changed for `QUIET_SECONDS`.

    What counts is a file's change time: an upload may keep an old modification time.
    """
    limit = (now - QUIET_SECONDS) * 1e9
    return all(file.changed_ns <= limit for item in deliveries for file in item.files)


def watch_inbox(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request a run once a batch of new deliveries has stopped changing."""
    settings = load_settings()
    try:
        return _request_load(context, settings)
    except (InboxUnreachableError, LedgerError) as error:
        return dg.SkipReason(str(error))


def _request_load(
    context: dg.SensorEvaluationContext, settings: Settings
) -> dg.RunRequest | dg.SkipReason:
    new = read_inbox_state(settings).new
    if new and not is_quiet(new, time.time()):
        return dg.SkipReason(f"{len(new)} new deliveries; waiting until the inbox is quiet.")
    if new:
        note_copies(settings)
        new = read_inbox_state(settings).new
    if new:
        return _request_run(context, new)
    landed = read_unpublished(settings)
    if not landed:
        return dg.SkipReason("Nothing new in the inbox.")
    if any(item.received.timestamp() > time.time() - QUIET_SECONDS for item in landed):
        return dg.SkipReason(f"{len(landed)} new deliveries; waiting for more to be sent.")
    if _is_loading(context.instance):
        return dg.SkipReason("A load is running.")
    return _request_run(context, landed)


def _request_run(
    context: dg.SensorEvaluationContext, new: Sequence[InboxDelivery | Delivery]
) -> dg.RunRequest:
    context.log.info("asking for one load of %d new deliveries", len(new))
    return dg.RunRequest(run_key=hash_batch(new), tags={"register/new_deliveries": str(len(new))})


def _is_loading(instance: dg.DagsterInstance) -> bool:
    """Return whether a run that may publish has not ended."""
    unfinished = [status for status in dg.DagsterRunStatus if status not in ENDED]
    runs = instance.get_runs(filters=dg.RunsFilter(statuses=unfinished))
    return any(run.job_name in LOAD_JOBS for run in runs)


def load_if_needed(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request a load if an input has changed or an earlier load did not complete.

    Old runs are removed in any case. A load reports the deliveries itself; without one, periods
    that have become due are added here.
    """
    settings = load_settings()
    prune_runs(context.instance, settings)
    work = find_remaining_work(settings)
    reasons = work.reasons_to_build or work.unfinished_stages
    if not reasons:
        report_deliveries(context.instance, settings)
        return dg.SkipReason("The current generation has every delivery and decision.")
    return dg.RunRequest(tags={"register/reasons": ", ".join(reasons)})


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
    schedule = dg.schedule(
        name="load_every_morning",
        job_name=LOAD_JOB,
        cron_schedule=f"{LOAD_TIME.minute} {LOAD_TIME.hour} * * *",
        execution_timezone=LOAD_ZONE,
        description="One load a day, unless deliveries, decisions and program are as before.",
        default_status=choose_schedule_status(settings),
    )
    return dg.Definitions(sensors=[sensor(watch_inbox)], schedules=[schedule(load_if_needed)])
