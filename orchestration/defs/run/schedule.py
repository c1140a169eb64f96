"""The daily load: early in the morning, on the clock that suppliers and readers live by."""

from __future__ import annotations

import dagster as dg

from register.settings import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """The schedule; it runs by itself in production, and elsewhere once it is switched on."""
    is_production = load_settings().environment == "production"
    return dg.Definitions(
        schedules=[
            dg.ScheduleDefinition(
                name="load_every_morning",
                job_name="load_register",
                cron_schedule="30 5 * * *",
                execution_timezone="Europe/London",
                description="One load a day, also when nothing was delivered: lateness counts.",
                default_status=(
                    dg.DefaultScheduleStatus.RUNNING
                    if is_production
                    else dg.DefaultScheduleStatus.STOPPED
                ),
            )
        ]
    )
