"""The dbt project: every seed, model and snapshot an asset, every dbt test an asset check.

One step builds the next generation, and dbt's tests are its audit: a failing one stops the load
before anything is published.
"""

# Annotations are not postponed here: Dagster reads them when it defines a step.

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from expectations import import_ahead
from orchestration.builds import abandon_build, begin_build
from orchestration.dagster_home import COMMAND_TAG
from orchestration.dbt import (
    ProjectChangedError,
    build_target,
    building_link,
    dbt_executable,
    dbt_project,
    end_process,
    environment,
    full_environment,
    keep_state,
    take_state,
    threads_arguments,
    warehouse_lock,
)
from orchestration.dbt_manifest import is_rules_test, load_manifest, rule_names
from orchestration.options import LoadOptions, parse_moment
from orchestration.owners import DATA_TEAM
from orchestration.seed_checks import check_seeds
from orchestration.spark_builds import prepare_tables, publish_marts, spark_target
from register.publishing import end_build, model_hash
from register.settings import Settings, load_settings


class RegisterTranslator(DagsterDbtTranslator):
    """Groups assets by layer, as the folders do; sources keep the keys that landing gives them."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer; for marts the schema that readers see."""
        kind = dbt_resource_props["resource_type"]
        if kind in {"seed", "snapshot"}:
            return "reference" if kind == "seed" else "snapshots"
        layer = str(dbt_resource_props["fqn"][1])
        return f"mart_{dbt_resource_props['fqn'][2]}" if layer == "marts" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Everything in the register has the same owner."""
        return [DATA_TEAM]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description, without the SQL that dbt's docs show better."""
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """The check of a dbt test; that of a relation's rules lists them in its metadata."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        node = manifest["nodes"][unique_id]
        if spec is None or not is_rules_test(node):
            return spec
        names = rule_names(node["test_metadata"]["kwargs"])
        return spec.with_metadata({**(spec.metadata or {}), "rules": names})


def _build(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    options: LoadOptions,
    state: list[str],
    settings: Settings,
) -> Iterator[Any]:
    """Run dbt into the folder of this run; a failed build is put aside.

    What Spark built is written into the files of the generation by DuckDB.
    """
    arguments = [*options.dbt_arguments(), *state]
    if not options.is_on_spark:
        arguments += threads_arguments(settings)
    target = spark_target(settings) if options.is_on_spark else build_target(settings)
    variables = full_environment(settings, building_link(settings))
    with environment(variables):
        command = dbt.cli(arguments, context=context, target_path=target)
        try:
            if COMMAND_TAG in context.run.tags:
                # This process measures and draws too, and dbt says nothing while it starts.
                import_ahead("interfaces.quality_site")
            yield from command.stream()
            if options.is_on_spark:
                publish_marts(settings)
        except BaseException:
            # Also when a person or the machine stops the run: dbt must not write on.
            end_process(command.process)
            aside = abandon_build(settings, context.run)
            context.log.error(
                "the audit failed and nothing was published; readers stay on the current"
                " generation. The build is kept for inspection as %s",
                aside.name if aside else "nothing",
            )
            raise


@dg.definitions
def defs() -> dg.Definitions:
    """The dbt assets, and dbt itself as a resource."""
    settings = load_settings()
    loaded = model_hash(settings)
    manifest = load_manifest(settings)

    @dbt_assets(
        manifest=manifest,
        project=dbt_project(settings),
        dagster_dbt_translator=RegisterTranslator(),
        name="build_register",
        pool="warehouse",
    )
    def build_register(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, options: LoadOptions
    ) -> Iterator[Any]:
        now = load_settings()
        if model_hash(now) != loaded:
            raise ProjectChangedError
        check_seeds(now)
        with warehouse_lock(now):
            moment = parse_moment(options.as_known_at) if options.as_known_at else None
            is_whole = not (context.is_subset or options.is_on_spark)
            folder = begin_build(now, context.run, options.removes_warehouse, moment)
            context.log.info("building into %s", folder.name)
            if now.key_warning:
                context.log.warning(now.key_warning)
            if now.truth.is_dir() and not now.is_simulation:
                context.log.warning("a folder of simulated truth is ignored: see doctor")
            if options.is_on_spark:
                prepare_tables(now, options.refresh)
                yield from _build(context, dbt, options, [], now)
            else:
                state = take_state(now)
                yield from _build(context, dbt, options, state if is_whole else [], now)
                if is_whole:
                    keep_state(now, build_target(now))
            end_build(folder)

    dbt = DbtCliResource(
        project_dir=str(settings.dbt_project),
        profiles_dir=str(settings.dbt_project),
        dbt_executable=dbt_executable(),
    )
    return dg.Definitions(assets=[build_register], resources={"dbt": dbt})
