"""Publishing as Dagster assets: the published generation, and feedback to suppliers.

A build that passed all of dbt's tests becomes the generation that readers get.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

from collections.abc import Mapping
from typing import Any

import dagster as dg

from orchestration.builds import find_build
from orchestration.dbt_manifest import list_coarse_levels, list_primary_keys, load_manifest
from orchestration.defs.failure import begin_record
from orchestration.options import LoadOptions
from orchestration.steps import DATA_TEAM, require_generation, retry_on_io_error
from register.feeds import fill_outbox, write_absence_lists
from register.load_history import clear_failure, record_load
from register.outside_record import OutsideRecordError, deliver_record
from register.publishing import (
    FEEDBACK,
    publish,
    read_absence_lines,
    read_breaches,
    read_statuses,
    record_stage,
)
from register.settings import load_settings

GENERATION_KEY = dg.AssetKey(["published", "generation"])
FEEDBACK_KEY = dg.AssetKey(["outbox", "feedback"])


def _list_marts(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """Return the asset keys of all marts, which consist of dbt's schema and name."""
    return [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]


@dg.asset(
    key=FEEDBACK_KEY,
    deps=[GENERATION_KEY],
    group_name="suppliers",
    owners=[DATA_TEAM],
    kinds={"file"},
    pool="outbox",
    description=(
        "What is new for a supplier to put right: `outbox/<supplier>/<generation>.csv`, with the"
        " rules of the statutory return that only the built register can judge. For each authority"
        " and force also `absences.csv`: the absences that it or the other source lacks."
    ),
)
def feedback_to_suppliers(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Write to the outbox each supplier's faults, and the absences that a source lacks."""
    settings = load_settings()
    generation = require_generation(settings)
    with retry_on_io_error(times=2, wait_seconds=5):
        statuses = read_statuses(generation)
        counts = fill_outbox(
            settings, generation.generation_id, read_breaches(generation), statuses
        )
        lists = write_absence_lists(
            settings, generation.generation_id, read_absence_lines(generation), statuses
        )
    record_stage(settings, FEEDBACK, generation.generation_id)
    context.log.info(f"new feedback for {len(counts):,} suppliers")
    return dg.MaterializeResult(
        metadata={
            "suppliers": len(counts),
            "new lines": sum(counts.values()),
            "absences to compare": sum(lists.values()),
        }
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Define the published generation, which depends on all marts, and the feedback."""
    manifest = load_manifest(load_settings())

    @dg.asset(
        key=GENERATION_KEY,
        deps=_list_marts(manifest),
        group_name="published",
        owners=[DATA_TEAM],
        kinds={"duckdb", "parquet"},
        pool="warehouse",
        description=(
            "The generation that readers get: `published/current` points at its folder. Written"
            " whole, audited by dbt's tests, then swapped in at once; a failed load changes"
            " nothing."
        ),
    )
    def published_generation(
        context: dg.AssetExecutionContext, options: LoadOptions
    ) -> dg.MaterializeResult:
        settings = load_settings()
        with retry_on_io_error(times=2, wait_seconds=5):
            build = find_build(settings, context.run)
            keys = list_primary_keys(manifest)
            levels = list_coarse_levels(manifest)
            load = begin_record(
                settings, context.instance, context.run.job_name, context.run.run_id
            )
            generation = publish(settings, build, options.moment, keys, levels)
        if generation.is_current:
            clear_failure(settings)
            record_load(settings, load)
            try:
                deliver_record(settings, generation.folder)
            except OutsideRecordError as error:
                # Readers have the generation. `register doctor` tells that it was not delivered.
                context.log.error(str(error))
        rows = generation.manifest()["row_counts"]
        folder = generation.folder.relative_to(settings.published).as_posix()
        context.log.info("published %s", folder)
        return dg.MaterializeResult(
            metadata={
                "generation": generation.generation_id,
                "folder": folder,
                "is_current": generation.is_current,
                "tables": len(rows),
                "dagster/row_count": sum(rows.values()),
            }
        )

    return dg.Definitions(assets=[published_generation, feedback_to_suppliers])
