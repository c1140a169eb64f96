"""The release of official statistics: an asset that people move, and the minute it is due.

A release is made by commands (`register statistics`), which write each of its states here. One job
publishes what is approved, on the minute that was announced.
"""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from datetime import timedelta

import dagster as dg

from orchestration.defs.publish.generation import GENERATION_KEY
from orchestration.owners import DATA_TEAM
from orchestration.statistics import RELEASE_KEY, publish_due, report_event
from register.settings import load_settings
from register.statistics.releases import ReleaseError, read_practice

GROUP = "statistics"
JOB = "publish_statistics"
# A yearly release, and what a revision or a moved date may take.
MOST_BETWEEN = timedelta(days=400)


@dg.op(pool="statistics", description="Publish every approved release whose time has come.")
def publish_what_is_due(context: dg.OpExecutionContext) -> None:
    """Publish what is due; a release that cannot be published leaves the others."""
    settings = load_settings()
    try:
        published = publish_due(settings, read_practice())
    except ReleaseError as error:
        raise dg.Failure(str(error)) from None
    for version in published:
        context.log.info("published %s", version.name)
        report_event(settings, version)


@dg.job(name=JOB, description="Publish approved statistics at their announced time.")
def publish_statistics() -> None:
    """The job of the schedule."""
    publish_what_is_due()


@dg.definitions
def defs() -> dg.Definitions:
    """The release as an asset with its checks, the job that publishes it, and its schedule."""
    settings = load_settings()
    spec = dg.AssetSpec(
        RELEASE_KEY,
        deps=[GENERATION_KEY],
        group_name=GROUP,
        owners=[DATA_TEAM],
        description=(
            "The latest release of official statistics: drafted, checked, signed and published by"
            " `register statistics`."
        ),
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=MOST_BETWEEN),
    )
    is_production = settings.environment == "production"
    return dg.Definitions(
        assets=[spec],
        jobs=[publish_statistics],
        schedules=[
            dg.ScheduleDefinition(
                name="publish_statistics_on_the_minute",
                job=publish_statistics,
                cron_schedule="* * * * *",
                execution_timezone="Europe/London",
                description="Publish approved statistics on the minute that was announced.",
                default_status=(
                    dg.DefaultScheduleStatus.RUNNING
                    if is_production
                    else dg.DefaultScheduleStatus.STOPPED
                ),
            )
        ],
    )
