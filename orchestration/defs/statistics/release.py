"""The release of official statistics: an asset that people move, and the minute it is due.

A release is made by commands (`register statistics`), which write each of its states here. One job
publishes what is approved, on the minute that was announced.
"""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from official_statistics.checks import TITLES, read_checks
from official_statistics.production import due_versions, publish_due
from official_statistics.releases import list_versions, read_practice
from orchestration.defs.publish.generation import GENERATION_KEY
from orchestration.owners import DATA_TEAM
from orchestration.releases import RELEASE_KEY, as_check_result, report_event
from register.settings import load_settings

GROUP = "statistics"
JOB = "publish_statistics"
SCHEDULE = "publish_statistics_on_the_minute"
# Runs that wait are started in order of priority, which is 0 unless it is given.
FIRST = "10"
# A yearly release, and what a revision or a moved date may take.
MOST_BETWEEN = timedelta(days=400)


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name=name, asset=RELEASE_KEY, description=f"{title}.")
        for name, title in TITLES.items()
    ],
    name="report_checks_of_release",
    can_subset=True,
)
def report_checks_of_release(
    context: dg.AssetCheckExecutionContext,
) -> Iterator[dg.AssetCheckResult]:
    """Report again what `register statistics check` found in the newest version."""
    versions = list_versions(load_settings())
    if not versions:
        raise dg.Failure("no release is drafted yet: see `register statistics draft`")
    wanted = {key.name for key in context.selected_asset_check_keys}
    for result in read_checks(versions[-1]):
        if result.name in wanted:
            yield as_check_result(versions[-1], result)


@dg.op(pool="statistics", description="Publish every approved release whose time has come.")
def publish_what_is_due(context: dg.OpExecutionContext) -> None:
    """Publish what is due; a release that cannot be published leaves the others."""
    settings = load_settings()
    outcome = publish_due(settings, read_practice())
    for version in outcome.published:
        context.log.info("published %s", version.name)
        report_event(settings, version)
    if outcome.refused:
        raise dg.Failure("; ".join(f"{name}: {why}" for name, why in outcome.refused.items()))


@dg.job(name=JOB, description="Publish approved statistics at their announced time.")
def publish_statistics() -> None:
    """The job of the schedule."""
    publish_what_is_due()


def when_due(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A run where a version is due, before whatever else waits; a minute without one has none."""
    due = due_versions(load_settings(), read_practice())
    if not due:
        return dg.SkipReason("no release is due")
    return dg.RunRequest(
        tags={"dagster/priority": FIRST, "releases": ", ".join(one.name for one in due)}
    )


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
        asset_checks=[report_checks_of_release],
        jobs=[publish_statistics],
        schedules=[
            dg.ScheduleDefinition(
                name=SCHEDULE,
                execution_fn=when_due,
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
