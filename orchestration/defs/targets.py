"""Serving as Dagster assets: one step for each target that the settings enable.

If a step fails, readers keep the generation they had. Publication and measuring do not wait for
these steps.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

from collections.abc import Sequence

import dagster as dg

from orchestration.dbt_manifest import list_foreign_keys, load_manifest
from orchestration.defs.generation import GENERATION_KEY
from orchestration.steps import DATA_TEAM, retry_on_io_error
from register.serving import ForeignKey, serve
from register.settings import load_settings

GROUP = "served"
DESCRIPTIONS = {
    "parquet": (
        "The published register in its coarse form, as Parquet files with a data package:"
        " `published/parquet` leads to the latest that is complete."
    ),
    "parquet_exact": (
        "The published register with exact dates, as Parquet files for the group that may read"
        " them: `published/parquet_exact` leads to the latest that is complete."
    ),
    "postgres": (
        "The published register in PostgreSQL, with keys, comments, indexes and row-level security;"
        " swapped in one transaction."
    ),
    "lake": (
        "The published register as a snapshot of a lake: Parquet files in a folder or an object"
        " store, with a catalogue of snapshots. Only changed rows are written."
    ),
}
# Start serving before measuring: readers wait for serving, but not for measuring.
HIGH_PRIORITY = {"dagster/priority": "1"}


def _define_target(target: str, keys: Sequence[ForeignKey]) -> dg.AssetsDefinition:

    @dg.asset(
        key=dg.AssetKey([GROUP, target]),
        deps=[GENERATION_KEY],
        group_name=GROUP,
        owners=[DATA_TEAM],
        kinds={target},
        pool="serving",
        op_tags=HIGH_PRIORITY,
        description=DESCRIPTIONS[target],
    )
    def serve_target(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with retry_on_io_error(times=2, wait_seconds=5):
            summary = serve(load_settings(), target, keys)
        context.log.info("served %s", summary["generation"])
        return dg.MaterializeResult(metadata=summary)

    return serve_target


@dg.definitions
def defs() -> dg.Definitions:
    """Define the assets of the enabled targets."""
    settings = load_settings()
    if not settings.serving_targets:
        return dg.Definitions()
    keys = list_foreign_keys(load_manifest(settings))
    return dg.Definitions(assets=[_define_target(name, keys) for name in settings.serving_targets])
