"""Starts one load a batch of deliveries, once the batch has been quiet for a while.

Suppliers upload file by file: a delivery that is still growing waits for the next look.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable

import dagster as dg

from orchestration.defs.run.failure import sensor_status
from register.feeds import InboxDelivery, read_inbox_state
from register.settings import load_settings

QUIET_SECONDS = 300.0


def batch_key(deliveries: Iterable[InboxDelivery]) -> str:
    """The same for the same new deliveries, whatever their order: one run a batch."""
    lines = sorted(f"{item.place}\t{item.fingerprint}" for item in deliveries)
    # Names of folders need not be UTF-8.
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def is_quiet(deliveries: Iterable[InboxDelivery], now: float) -> bool:
    """Whether no file of the batch has changed for `QUIET_SECONDS`.

    By the time of change, not of modification: an upload may keep a file's old date.
    """
    limit = (now - QUIET_SECONDS) * 1e9
    return all(file.changed_ns <= limit for item in deliveries for file in item.files)


def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for one run a quiet batch of new deliveries."""
    new = read_inbox_state(load_settings()).new
    if not new:
        return dg.SkipReason("Nothing new in the inbox.")
    if not is_quiet(new, time.time()):
        return dg.SkipReason(f"{len(new)} new deliveries; waiting until the inbox is quiet.")
    context.log.info("asking for one load of %d new deliveries", len(new))
    return dg.RunRequest(run_key=batch_key(new), tags={"register/new_deliveries": str(len(new))})


@dg.definitions
def defs() -> dg.Definitions:
    """The sensor; it runs by itself in production, and elsewhere once it is switched on."""
    sensor = dg.sensor(
        name="inbox_sensor",
        job_name="load_register",
        minimum_interval_seconds=60,
        description=(
            "Starts one load for everything new, five minutes after the last file of a batch."
        ),
        default_status=sensor_status(load_settings()),
    )
    return dg.Definitions(sensors=[sensor(inbox_sensor)])
