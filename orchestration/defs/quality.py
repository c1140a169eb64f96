"""Measuring as Dagster assets and checks: the results of expectations, and the quality site.

One step runs Great Expectations and writes the results; the checks report them. A failed
expectation never stops a load.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

import re
from collections.abc import Iterator

import dagster as dg

from expectations import (
    NOT_APPLICABLE,
    RELEASED_RELATIONS,
    Result,
    all_specs,
    read_results,
    read_tolerances,
)
from orchestration.defs.generation import GENERATION_KEY
from orchestration.releases import RELEASE_KEY
from orchestration.steps import DATA_TEAM, require_generation
from register.access import share_site
from register.publishing import MEASURES, record_stage
from register.settings import load_settings

RESULTS_KEY = dg.AssetKey(["quality", "results"])
SITE_KEY = dg.AssetKey(["quality", "site"])
CRITICAL = "critical"
ONE_MART = re.compile(r"^[a-z_]+\.[a-z_]+$")


def _name_check(expectation: str) -> str:
    """Return the name of an expectation's check. It differs from the names of dbt's tests."""
    return f"tolerance_{expectation}"


def _find_measured_asset(mart: str) -> dg.AssetKey:
    """Return the key of the asset that an expectation measures.

    This is the release for its public files, the mart if `mart` is a single `schema.table`, and
    otherwise the generation.
    """
    if mart in RELEASED_RELATIONS:
        return RELEASE_KEY
    return dg.AssetKey(mart.split(".")) if ONE_MART.match(mart) else GENERATION_KEY


def _define_checks() -> list[dg.AssetCheckSpec]:
    """Return a check for each expectation, attached to the asset that it measures."""
    tolerances = read_tolerances()
    return [
        dg.AssetCheckSpec(
            name=_name_check(spec.name),
            asset=_find_measured_asset(spec.mart),
            additional_deps=[RESULTS_KEY],
            description=spec.sentence,
            metadata={"suite": spec.suite, "severity": tolerances[spec.name].severity},
        )
        for spec in all_specs()
    ]


def _convert_to_check(result: Result) -> dg.AssetCheckResult:
    """Convert an expectation's result to Dagster's form. It has only counts and limits."""
    severity = (
        dg.AssetCheckSeverity.ERROR if result.severity == CRITICAL else dg.AssetCheckSeverity.WARN
    )
    return dg.AssetCheckResult(
        check_name=_name_check(result.expectation),
        asset_key=_find_measured_asset(result.mart),
        passed=result.success is not False,
        severity=severity,
        description=result.statement,
        metadata={
            "generation": result.generation,
            "status": result.status,
            "observed": result.observed_text,
            "tolerance": result.tolerance,
            "reason": result.reason,
            "judged": result.element_count,
            "outside": result.unexpected_count,
            "is applicable": result.status != NOT_APPLICABLE,
        },
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            RESULTS_KEY,
            deps=[GENERATION_KEY],
            description="One row for each expectation and scope, kept for every generation.",
            group_name="quality",
            owners=[DATA_TEAM],
            kinds={"greatexpectations", "parquet"},
        ),
        dg.AssetSpec(
            SITE_KEY,
            deps=[RESULTS_KEY],
            description="The data-quality documents, a site that loads nothing from elsewhere.",
            group_name="quality",
            owners=[DATA_TEAM],
            kinds={"greatexpectations", "html"},
        ),
    ],
    name="measure_register",
)
def measure_register(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult]:
    """Measure the current generation and build the quality site, in one process.

    Great Expectations is slow to import, so one process does both.
    """
    from expectations import measure
    from interfaces.quality_site import build_site

    settings = load_settings()
    summary = measure(settings)
    statuses = sorted({result.status for result in summary.overall_results})
    yield dg.MaterializeResult(
        asset_key=RESULTS_KEY,
        metadata={
            "generation": summary.generation,
            **{status: summary.count_expectations(status) for status in statuses},
        },
    )
    build_site(settings)
    share_site(settings)
    record_stage(settings, MEASURES, summary.generation)
    index = settings.quality / "site" / "index.html"
    context.log.info("the quality site is at %s", index)
    yield dg.MaterializeResult(asset_key=SITE_KEY, metadata={"index": str(index)})


@dg.multi_asset_check(specs=_define_checks(), name="hold_marts_to_tolerances", can_subset=True)
def hold_marts_to_tolerances(
    context: dg.AssetCheckExecutionContext,
) -> Iterator[dg.AssetCheckResult]:
    """Report each overall result of the current generation as a check of the asset it measures."""
    settings = load_settings()
    generation = require_generation(settings)
    selected = {key.name for key in context.selected_asset_check_keys}
    for result in read_results(settings, generation.generation_id):
        if result.is_overall and _name_check(result.expectation) in selected:
            yield _convert_to_check(result)
