"""The dbt project as Dagster assets: one for each seed and model, and a check for each dbt test.

One step builds the next generation. dbt's tests check it: a failing test stops the load before
publication.
"""

# `from __future__ import annotations` is left out, because Dagster needs annotations as types, not
# as texts.

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from expectations import import_ahead
from orchestration.builds import abandon_build, begin_build
from orchestration.dagster_home import COMMAND_TAG
from orchestration.dbt import (
    ProjectChangedError,
    build_environment,
    build_target,
    building_link,
    choose_threads,
    dbt_executable,
    dbt_project,
    end_process,
    override_environment,
)
from orchestration.dbt_manifest import is_rules_test, list_rule_names, load_manifest
from orchestration.locks import warehouse_lock
from orchestration.options import LoadOptions
from orchestration.seed_checks import check_seeds
from orchestration.spark_builds import prepare_tables, publish_marts, spark_target
from orchestration.steps import DATA_TEAM
from register.publishing import end_build, model_hash
from register.settings import Settings, load_settings


class RegisterTranslator(DagsterDbtTranslator):
    """A translator that names, groups and describes dbt's assets; groups are the dbt layers."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer of a dbt resource or, for a mart, its published schema."""
        kind = dbt_resource_props["resource_type"]
        if kind in {"seed", "snapshot"}:
            return "reference" if kind == "seed" else "snapshots"
        layer = str(dbt_resource_props["fqn"][1])
        return f"mart_{dbt_resource_props['fqn'][2]}" if layer == "marts" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Return the owner that all assets share."""
        return [DATA_TEAM]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the model's description without its SQL."""
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """Return the check for a dbt test; for a test `rules`, its metadata lists the rules."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        node = manifest["nodes"][unique_id]
        if spec is None or not is_rules_test(node):
            return spec
        names = list_rule_names(node["test_metadata"]["kwargs"])
        return spec.with_metadata({**(spec.metadata or {}), "rules": names})


def _run_build(
    context: dg.AssetExecutionContext,
    dbt: DbtCliResource,
    options: LoadOptions,
    settings: Settings,
) -> Iterator[Any]:
    """Run dbt into the folder of this run. If dbt fails, move the build aside."""
    arguments = options.dbt_arguments()
    if not options.is_on_spark:
        arguments += choose_threads(settings)
    target = spark_target(settings) if options.is_on_spark else build_target(settings)
    variables = build_environment(settings, building_link(settings))
    with override_environment(variables):
        command = dbt.cli(arguments, context=context, target_path=target)
        try:
            if COMMAND_TAG in context.run.tags:
                # Import the module that measures the build now, while dbt starts: this process
                # needs it later.
                import_ahead("interfaces.quality_site")
            yield from command.stream()
            if options.is_on_spark:
                publish_marts(settings)
        except BaseException:
            # This also catches an interrupt, since dbt must not write after the step has ended.
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
    """Define the dbt assets, and dbt itself as a resource."""
    settings = load_settings()
    loaded_hash = model_hash(settings)
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
        settings = load_settings()
        if model_hash(settings) != loaded_hash:
            raise ProjectChangedError
        check_seeds(settings)
        with warehouse_lock(settings):
            options.check_engine(settings)
            folder = begin_build(settings, context.run, options.removes_warehouse, options.moment)
            context.log.info("building into %s", folder.name)
            if settings.key_warning:
                context.log.warning(settings.key_warning)
            if settings.truth.is_dir() and not settings.is_simulation:
                context.log.warning("a folder of simulated truth is ignored: see doctor")
            if options.is_on_spark:
                prepare_tables(settings, options.refresh)
            yield from _run_build(context, dbt, options, settings)
            end_build(folder)

    dbt = DbtCliResource(
        project_dir=str(settings.dbt_project),
        profiles_dir=str(settings.dbt_project),
        dbt_executable=dbt_executable(),
    )
    return dg.Definitions(assets=[build_register], resources={"dbt": dbt})
