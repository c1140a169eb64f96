"""What Dagster is told of a release: every state, and the result of every check."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from orchestration.dagster_home import dagster_instance, prepare_dagster_home
from register.settings import Settings
from register.statistics.checks import CheckResult
from register.statistics.releases import PUBLICATION, Version

RELEASE_KEY = dg.AssetKey(["statistics", PUBLICATION])


def report_event(settings: Settings, version: Version, results: Sequence[CheckResult] = ()) -> None:
    """Write the last event of a version, and the results of its checks, into Dagster's log.

    Names of people stay in the version's own events.
    """
    event = version.events()[-1] if version.events() else None
    metadata = {
        "version": version.name,
        "state": event.state if event else "none",
        "role": event.role if event else "",
        "public_hash": event.public_hash if event else "",
    }
    prepare_dagster_home(settings)
    with dagster_instance(settings) as instance:
        if event is not None:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    asset_key=RELEASE_KEY,
                    description=f"{version.name} is {event.state}",
                    metadata=metadata,
                )
            )
        for result in results:
            told = as_check_result(version, result)
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=RELEASE_KEY,
                    check_name=result.name,
                    passed=told.passed,
                    metadata=told.metadata,
                )
            )


def as_check_result(version: Version, result: CheckResult) -> dg.AssetCheckResult:
    """Return a check of a version as Dagster's: how many faults, never which."""
    return dg.AssetCheckResult(
        asset_key=RELEASE_KEY,
        check_name=result.name,
        passed=result.is_passed,
        metadata={"fault_count": result.fault_count, "version": version.name},
    )
