"""Serving: one step for each target that the settings switch on, after publication.

A target that fails leaves its readers on what they had, and neither publication nor measurement
waits for it.
"""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from collections.abc import Sequence

import dagster as dg

from orchestration.dbt_manifest import declared_keys, load_manifest
from orchestration.defs.publish.generation import GENERATION_KEY
from orchestration.owners import DATA_TEAM
from orchestration.retries import retry_on_io_error
from register.serving import ForeignKey, serve
from register.settings import load_settings

GROUP = "served"
DESCRIPTIONS = {
    "parquet": (
        "The published register as Parquet files with a data package: `published/parquet` leads to"
        " the latest that is complete."
    ),
    "postgres": (
        "The published register in PostgreSQL, with keys, comments, indexes and row-level security;"
        " swapped in one transaction."
    ),
}
# Steps that may run now run in this order: readers wait for what is served, not for measurement.
FIRST = {"dagster/priority": "1"}


def served_target(target: str, keys: Sequence[ForeignKey]) -> dg.AssetsDefinition:
    """The asset of one target."""

    @dg.asset(
        key=dg.AssetKey([GROUP, target]),
        deps=[GENERATION_KEY],
        group_name=GROUP,
        owners=[DATA_TEAM],
        kinds={target},
        pool="serving",
        op_tags=FIRST,
        description=DESCRIPTIONS[target],
    )
    def served(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with retry_on_io_error(times=2, wait_seconds=5):
            done = serve(load_settings(), target, keys)
        context.log.info("served %s", done["generation"])
        return dg.MaterializeResult(metadata=done)

    return served


@dg.definitions
def defs() -> dg.Definitions:
    """The assets of the targets that are switched on."""
    settings = load_settings()
    if not settings.serving_targets:
        return dg.Definitions()
    keys = declared_keys(load_manifest(settings))
    return dg.Definitions(assets=[served_target(name, keys) for name in settings.serving_targets])
