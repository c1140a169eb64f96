"""Publication: the build that passed its audit becomes the generation that readers get."""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from collections.abc import Mapping
from typing import Any

import dagster as dg

from orchestration.builds import finished_build
from orchestration.dbt_manifest import load_manifest
from orchestration.options import LoadOptions, parse_moment
from orchestration.owners import DATA_TEAM
from orchestration.retries import retry_on_io_error
from register.publishing import publish
from register.settings import load_settings

GENERATION_KEY = dg.AssetKey(["published", "generation"])


def mart_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """The asset keys of all marts, as dbt's schema and name give them."""
    return [
        dg.AssetKey([node["config"]["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]


@dg.definitions
def defs() -> dg.Definitions:
    """The published generation, downstream of every mart."""
    manifest = load_manifest(load_settings())

    @dg.asset(
        key=GENERATION_KEY,
        deps=mart_keys(manifest),
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
        moment = parse_moment(options.as_known_at) if options.as_known_at else None
        settings = load_settings()
        with retry_on_io_error(times=2, wait_seconds=5):
            generation = publish(settings, finished_build(settings, context.run), moment)
        rows = generation.manifest()["row_counts"]
        where = generation.folder.relative_to(settings.published).as_posix()
        context.log.info("published %s", where)
        return dg.MaterializeResult(
            metadata={
                "generation": generation.generation_id,
                "folder": where,
                "is_current": generation.is_current,
                "tables": len(rows),
                "dagster/row_count": sum(rows.values()),
            }
        )

    return dg.Definitions(assets=[published_generation])
