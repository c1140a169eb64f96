"""The release of official statistics as a Dagster asset, its checks and its publication.

The commands `register statistics` make a release and record each of its states in this asset. A
scheduled job publishes each approved release at its announced minute.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from official_statistics.checks import TITLES, read_checks
from official_statistics.production import due_versions, publish_due
from official_statistics.releases import list_versions, read_practice
from orchestration.defs.generation import GENERATION_KEY
from orchestration.releases import RELEASE_KEY, convert_to_check, report_event
from orchestration.steps import DATA_TEAM, choose_schedule_status
from register.settings import load_settings

GROUP = "statistics"
JOB = "publish_statistics"
SCHEDULE = "publish_statistics_on_the_minute"
# Dagster starts queued runs with a higher priority first; the default is 0.
HIGH_PRIORITY = "10"
# Releases are a year apart. The remaining days allow for a revision or a postponed date.
FRESHNESS_LIMIT = timedelta(days=400)


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
    """Report the results of `register statistics check` for the newest version."""
    versions = list_versions(load_settings())
    if not versions:
        raise dg.Failure("no release is drafted yet: see `register statistics draft`")
    selected = {key.name for key in context.selected_asset_check_keys}
    for result in read_checks(versions[-1]):
        if result.name in selected:
            yield convert_to_check(versions[-1], result)


@dg.op(pool="statistics", description="Publish every approved release whose time has come.")
def publish_what_is_due(context: dg.OpExecutionContext) -> None:
    """Publish each release that is due. A release that cannot be published stops no other."""
    settings = load_settings()
    outcome = publish_due(settings, read_practice())
    for version in outcome.published:
        context.log.info("published %s", version.name)
        report_event(settings, version)
    if outcome.refused:
        raise dg.Failure("; ".join(f"{name}: {why}" for name, why in outcome.refused.items()))


@dg.job(name=JOB, description="Publish approved statistics at their announced time.")
def publish_statistics() -> None:
    """Publish approved releases that are due."""
    publish_what_is_due()


def request_publication(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Request a run with high priority if a release is due at this minute."""
    due = due_versions(load_settings(), read_practice())
    if not due:
        return dg.SkipReason("no release is due")
    return dg.RunRequest(
        tags={"dagster/priority": HIGH_PRIORITY, "releases": ", ".join(item.name for item in due)}
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Define the release as an asset with checks, and the scheduled job that publishes it."""
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
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=FRESHNESS_LIMIT),
    )
    return dg.Definitions(
        assets=[spec],
        asset_checks=[report_checks_of_release],
        jobs=[publish_statistics],
        schedules=[
            dg.ScheduleDefinition(
                name=SCHEDULE,
                execution_fn=request_publication,
                job=publish_statistics,
                cron_schedule="* * * * *",
                execution_timezone="Europe/London",
                description="Publish approved statistics on the minute that was announced.",
                default_status=choose_schedule_status(settings),
            )
        ],
    )
