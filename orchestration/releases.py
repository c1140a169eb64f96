"""What a release of official statistics needs of dbt, and what Dagster is told of one.

What is in a release and how it lives is `official_statistics`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import dagster as dg

from expectations import read_results
from official_statistics.checks import CheckResult
from official_statistics.production import ReleaseTools
from official_statistics.releases import PUBLICATION, Version
from orchestration.dagster_home import dagster_instance, prepare_dagster_home
from orchestration.dbt import build_publication
from register.settings import Settings

CRITICAL, FAILED = "critical", "failed"
RELEASE_KEY = dg.AssetKey(["statistics", PUBLICATION])


def release_tools(progress: Callable[[str], None]) -> ReleaseTools:
    """Return the tools of a draft: dbt, the results of the suites, and where progress is shown."""
    return ReleaseTools(build_publication, critical_failures, progress)


def critical_failures(settings: Settings, generation_id: str) -> list[str] | None:
    """Return the critical expectations that a generation fails; None where it was not measured."""
    results = read_results(settings, generation_id)
    if not results:
        return None
    return [
        result.expectation
        for result in results
        if result.severity == CRITICAL and result.status == FAILED and result.scope == "all"
    ]


def report_event(settings: Settings, version: Version, results: Sequence[CheckResult] = ()) -> None:
    """Write the last event of a version, and the results of its checks, into Dagster's log.

    Names of people stay in the version's own events.
    """
    event = version.read_events()[-1] if version.read_events() else None
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
