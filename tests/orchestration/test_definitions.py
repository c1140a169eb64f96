"""The code location: what is in the graph, and that it loads from nothing."""

from __future__ import annotations

import dagster as dg
import pytest

from orchestration.definitions import defs
from tests.orchestration.conftest import Place


@pytest.fixture(scope="module")
def definitions(shared_place: Place) -> dg.Definitions:
    """The definitions over the small project, in an empty home."""
    return defs()


def test_every_source_that_dbt_reads_has_an_upstream(definitions: dg.Definitions) -> None:
    """Prevents a staging model whose source is never landed, which shows as stale for ever."""
    graph = definitions.resolve_asset_graph()
    staged = dg.AssetKey(["staging", "stg_police_reports__reports"])
    parents = graph.get(staged).parent_keys
    assert dg.AssetKey(["police_reports", "reports"]) in parents
    assert graph.get(dg.AssetKey(["police_reports", "reports"])).parent_keys == {
        dg.AssetKey(["inbox", "police_reports"])
    }
    assert not graph.get(dg.AssetKey(["decisions", "links"])).is_materializable


def test_publication_waits_for_every_mart(definitions: dg.Definitions) -> None:
    """Prevents publishing while a mart is still being built."""
    graph = definitions.resolve_asset_graph()
    parents = graph.get(dg.AssetKey(["published", "generation"])).parent_keys
    assert {key.path[0] for key in parents} == {"register", "agreement", "operations"}
    assert len(parents) == 10


def test_every_asset_has_a_group_an_owner_and_a_description(definitions: dg.Definitions) -> None:
    """Prevents an asset without an owner."""
    graph = definitions.resolve_asset_graph()
    lacking = {
        node.key.to_user_string()
        for node in (graph.get(key) for key in graph.get_all_asset_keys())
        if node.is_materializable
        and (node.group_name == "default" or not node.owners or not node.description)
    }
    assert lacking == set()


def test_one_writer_holds_the_warehouse(definitions: dg.Definitions) -> None:
    """Prevents two runs writing one DuckDB file, which refuses the second half-way."""
    repository = definitions.get_repository_def()
    pools = {
        node.name: node.pools
        for job in repository.get_all_jobs()
        for node in job.graph.node_defs
        if isinstance(node, dg.OpDefinition)
    }
    assert pools["build_register"] == {"warehouse"}
    assert pools["published__generation"] == {"warehouse"}
    assert pools["land_deliveries"] == {"landing"}


@pytest.mark.parametrize(
    ("job", "steps"),
    [
        ("land", {"land_deliveries"}),
        ("look_back", {"build_register", "published__generation"}),
        ("measure", {"measure_register", "hold_marts_to_tolerances"}),
        (
            "rebuild",
            {
                "build_register",
                "published__generation",
                "served__parquet",
                "outbox__feedback",
                "measure_register",
                "hold_marts_to_tolerances",
            },
        ),
        (
            "load_register",
            {
                "land_deliveries",
                "build_register",
                "published__generation",
                "served__parquet",
                "outbox__feedback",
                "measure_register",
                "hold_marts_to_tolerances",
            },
        ),
    ],
)
def test_a_job_runs_its_steps_and_no_other(
    definitions: dg.Definitions, job: str, steps: set[str]
) -> None:
    """Prevents a look back that lands, or a landing that publishes."""
    graph = definitions.resolve_job_def(job).graph
    assert {node.name for node in graph.node_defs} == steps


def test_the_daily_load_keeps_local_time(definitions: dg.Definitions) -> None:
    """Prevents a load that moves by an hour when the clocks change."""
    schedule = definitions.get_repository_def().get_schedule_def("load_every_morning")
    assert schedule.execution_timezone == "Europe/London"
    assert schedule.cron_schedule == "30 5 * * *", "once a day"
    assert schedule.job_name == "load_register"


def test_each_feed_is_held_to_its_suppliers_calendar(definitions: dg.Definitions) -> None:
    """Prevents a feed falling silent without anybody seeing it."""
    node = definitions.resolve_asset_graph().get(dg.AssetKey(["inbox", "police_reports"]))
    policy = node.freshness_policy
    assert policy is not None
    assert policy.warn_window.to_timedelta().days == 31 + 14
    assert policy.fail_window.to_timedelta().days == 31 + 14 + 7


def test_sensors_and_schedule_run_by_themselves_in_production(
    shared_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents deliveries that wait, and failures that nobody is told of, until somebody looks."""

    def running() -> set[str]:
        repository = defs().get_repository_def()
        instigators = [*repository.sensor_defs, *repository.schedule_defs]
        return {item.name for item in instigators if item.default_status.value == "RUNNING"}

    assert running() == set()
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "production")
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "vQ3v0m2hJ8kX1pR7sT5wY9zB4cD6fG_aLnEuHiOq-Mx")
    monkeypatch.setenv("REGISTER_DATA_KEYS", "k1 bX4kQ9wZ2tR7yU1nP6sD3fG8hJ5vC0mL")
    assert running() == {
        "inbox_sensor",
        "load_every_morning",
        "publish_statistics_on_the_minute",
        "report_failed_runs",
    }
