"""The partitions of a feed: which supplier and period have arrived, and which are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration.dagster_home import dagster_instance, prune_runs
from orchestration.definitions import defs
from orchestration.defs import deliveries
from orchestration.defs.failure import advise_operator, extract_error
from orchestration.delivery_partitions import feed_partitions, inbox_key, report_deliveries
from register.feeds import LandingSummary, withdraw_delivery
from register.settings import PROJECT_ROOT, Settings
from register.storage_settings import InboxUnreachableError
from tests.conftest import put_postcodes
from tests.feeds.deliveries import COMPACT, Home, report
from tests.free_ports import find_free_port
from tests.orchestration.conftest import Place

FEED = "police_reports"
KEY = inbox_key(FEED)
TODAY = date(2026, 11, 15)
JULY, AUGUST, SEPTEMBER, OCTOBER = (f"{COMPACT}/2026-{month:02d}" for month in range(7, 11))


@pytest.fixture(scope="module")
def definitions(shared_place: Place) -> dg.Definitions:
    """The definitions over the small project."""
    return defs()


@pytest.fixture
def home(
    definitions: dg.Definitions,
    settings: Settings,
    postcodes: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """A home with two months of one force in its inbox, in which the definitions run."""
    monkeypatch.setattr(Settings, "seeds", property(lambda _: PROJECT_ROOT / "seeds"))
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    put_postcodes(postcodes, settings)
    home = Home(settings)
    home.put_reports([report(1)], period="2026-07")
    home.put_reports([report(2)], period="2026-09")
    return home


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of that home."""
    with dagster_instance(home.settings) as instance:
        yield instance


def _list_missing(instance: dg.DagsterInstance) -> set[str]:
    partitions = instance.get_dynamic_partitions(str(feed_partitions(FEED).name))
    return set(partitions) - instance.get_materialized_partitions(KEY)


def _count_events(instance: dg.DagsterInstance) -> int:
    return len(instance.fetch_materializations(KEY, limit=100).records)


def _run_partition(
    definitions: dg.Definitions, instance: dg.DagsterInstance, partition: str
) -> None:
    asset = definitions.get_assets_def(KEY)
    assert dg.materialize([asset], instance=instance, partition_key=partition).success


def test_a_month_that_did_not_arrive_is_a_missing_partition(
    home: Home, instance: dg.DagsterInstance
) -> None:
    """Prevents a page on which every force seems to have delivered."""
    landed = home.load().landed
    report_deliveries(instance, home.settings, landed, today=TODAY)
    assert _list_missing(instance) == {AUGUST, OCTOBER}
    assert instance.get_materialized_partitions(KEY) == {JULY, SEPTEMBER}


def test_only_a_new_delivery_makes_an_event(home: Home, instance: dg.DagsterInstance) -> None:
    """Prevents an event log that grows with every load, and a correction that nobody sees."""
    report_deliveries(instance, home.settings, home.load().landed, today=TODAY)
    report_deliveries(instance, home.settings, today=TODAY)
    assert _count_events(instance) == 2
    home.put_reports([report(2), report(3)], period="2026-09")
    report_deliveries(instance, home.settings, home.load().landed, today=TODAY)
    assert _count_events(instance) == 3


def test_a_withdrawn_delivery_is_missing_again(home: Home, instance: dg.DagsterInstance) -> None:
    """Prevents a month that seems to be there although the register does not use it."""
    july, _ = home.load().landed
    report_deliveries(instance, home.settings, today=TODAY)
    home.put_reports([report(4)], period="2026-08")
    withdraw_delivery(home.settings, july.delivery_id, "A. Person", "Sent by mistake")
    report_deliveries(instance, home.settings, home.load().landed, today=TODAY)
    assert instance.get_materialized_partitions(KEY) == {AUGUST, SEPTEMBER}
    # The first month in use is now August, so that July is no longer expected.
    assert _list_missing(instance) == {OCTOBER}


def test_a_partition_stays_when_old_runs_are_removed(
    definitions: dg.Definitions, home: Home, instance: dg.DagsterInstance
) -> None:
    """Prevents months that become missing on the page because a later load removed a run."""
    instance.add_dynamic_partitions(str(feed_partitions(FEED).name), [SEPTEMBER])
    _run_partition(definitions, instance, SEPTEMBER)
    prune_runs(instance, replace(home.settings, runs_kept=0))
    assert instance.get_runs_count() == 0
    assert instance.get_materialized_partitions(KEY) == {SEPTEMBER}


def test_a_run_of_a_partition_lands_its_delivery_alone(
    definitions: dg.Definitions, home: Home, instance: dg.DagsterInstance
) -> None:
    """Prevents a run for one force that lands what another is still sending."""
    instance.add_dynamic_partitions(str(feed_partitions(FEED).name), [JULY, AUGUST, SEPTEMBER])
    _run_partition(definitions, instance, SEPTEMBER)
    assert instance.get_materialized_partitions(KEY) == {SEPTEMBER}
    landed = {path.name for path in home.settings.landing.glob(f"{FEED}/*")}
    assert len(landed) == 1
    assert landed.pop().startswith(f"{FEED}-{COMPACT}-2026-09-")
    assert {entry.period for entry in home.load().landed} == {"2026-07"}


def test_a_run_of_a_partition_without_a_delivery_leaves_it_missing(
    definitions: dg.Definitions, home: Home, instance: dg.DagsterInstance
) -> None:
    """Prevents a missing month that becomes green because somebody started its run."""
    home.load()
    report_deliveries(instance, home.settings, today=TODAY)
    _run_partition(definitions, instance, AUGUST)
    assert AUGUST in _list_missing(instance)


def test_a_load_reports_what_it_landed(
    definitions: dg.Definitions, home: Home, instance: dg.DagsterInstance
) -> None:
    """Prevents a page that follows the runs of partitions alone, and not the loads."""
    result = definitions.resolve_job_def("land").execute_in_process(instance=instance)
    assert result.success
    assert {JULY, SEPTEMBER} <= instance.get_materialized_partitions(KEY)


@pytest.mark.parametrize("partition", [None, SEPTEMBER])
def test_an_inbox_that_never_answers_fails_a_step_with_one_sentence(
    definitions: dg.Definitions,
    home: Home,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    partition: str | None,
) -> None:
    """Prevents a broken network from ending in a trace of the program, or at the first fault."""
    home.load()
    report_deliveries(instance, home.settings, today=TODAY)
    monkeypatch.setattr(deliveries, "WAIT_SECONDS", 0)
    monkeypatch.setattr("register.feeds.remote_inbox.PAUSES", ())
    place = f"sftp://register@127.0.0.1:{find_free_port()}/in"
    monkeypatch.setenv("REGISTER_INBOX", place)
    monkeypatch.setenv("REGISTER_INBOX_OPTIONS", '{"password": "an invented secret"}')
    if partition:
        asset = definitions.get_assets_def(KEY)
        result = dg.materialize(
            [asset], instance=instance, partition_key=partition, raise_on_error=False
        )
    else:
        job = definitions.resolve_job_def("land")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    kinds = [event.event_type for event in result.all_events]
    assert kinds.count(dg.DagsterEventType.STEP_UP_FOR_RETRY) == deliveries.RETRIES
    (failure,) = (event for event in result.all_events if event.is_step_failure)
    assert extract_error(failure) == (
        "the inbox (sftp on 127.0.0.1) does not answer (NoValidConnectionsError): check the"
        " network, REGISTER_INBOX and REGISTER_INBOX_OPTIONS"
    )
    texts = " ".join(str(event) for event in result.all_events)
    assert "an invented secret" not in texts
    assert "did not answer" in advise_operator("land_deliveries", "", home.settings)


def test_an_inbox_that_answers_again_lands_in_the_same_run(
    definitions: dg.Definitions,
    home: Home,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prevents a short fault of the network from making somebody start the load again."""
    calls: list[Settings] = []
    monkeypatch.setattr(deliveries, "WAIT_SECONDS", 0)

    def land_at_last(settings: Settings, **choices: object) -> LandingSummary:
        calls.append(settings)
        if len(calls) <= deliveries.RETRIES:
            raise InboxUnreachableError("the inbox does not answer")
        return home.load()

    monkeypatch.setattr(deliveries, "land_everything", land_at_last)
    assert definitions.resolve_job_def("land").execute_in_process(instance=instance).success
    assert {JULY, SEPTEMBER} <= instance.get_materialized_partitions(KEY)
