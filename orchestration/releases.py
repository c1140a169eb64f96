"""Runs of dbt for releases of official statistics, and records of releases in Dagster.

The content and states of a release belong in `official_statistics`.
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
    """Return the functions that a draft needs: running dbt, reading results, and `progress`."""
    return ReleaseTools(build_publication, list_critical_failures, progress)


def list_critical_failures(settings: Settings, generation_id: str) -> list[str] | None:
    """Return the critical expectations that a generation fails, or None if it was not measured."""
    results = read_results(settings, generation_id)
    if not results:
        return None
    return [
        result.expectation
        for result in results
        if result.severity == CRITICAL and result.status == FAILED and result.is_overall
    ]


def report_event(settings: Settings, version: Version, results: Sequence[CheckResult] = ()) -> None:
    """Record a version's latest event and its check results in Dagster.

    Names of people are stored with the version and not in Dagster.
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
            check = convert_to_check(version, result)
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=RELEASE_KEY,
                    check_name=result.name,
                    passed=check.passed,
                    metadata=check.metadata,
                )
            )


def convert_to_check(version: Version, result: CheckResult) -> dg.AssetCheckResult:
    """Convert a check's result to Dagster's form. It has only the number of faults."""
    return dg.AssetCheckResult(
        asset_key=RELEASE_KEY,
        check_name=result.name,
        passed=result.is_passed,
        metadata={"fault_count": result.fault_count, "version": version.name},
    )
