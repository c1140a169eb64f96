"""The schedule of statistics: what is due is published on the minute, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import dagster as dg
import pytest

from official_statistics.checks import TITLES
from official_statistics.production import due_versions, publish_due
from official_statistics.releases import announce, latest_version, read_practice
from orchestration.definitions import defs
from orchestration.releases import RELEASE_KEY
from register.settings import Settings
from tests.orchestration.conftest import Place
from tests.statistics.versions import RELEASE_AT, at, new_version, version_in_state

MINUTE = 1 / 1440
SCHEDULE, JOB = "publish_statistics_on_the_minute", "publish_statistics"
Tick = Callable[[float], dg.RunRequest | dg.SkipReason]


@pytest.fixture
def home(place: Place) -> Settings:
    """A home in which the release of 2026 is announced."""
    announce(place.settings, 2026, RELEASE_AT, at(-60))
    return place.settings


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    """What the schedule says in the minute that is so many days after the announced time."""

    def evaluated(days: float) -> dg.RunRequest | dg.SkipReason:
        moment = RELEASE_AT + timedelta(days=days)
        monkeypatch.setattr(
            "orchestration.defs.release.read_practice", lambda: read_practice(moment)
        )
        repository = defs().get_repository_def()
        context = dg.build_schedule_context(
            scheduled_execution_time=moment, repository_def=repository
        )
        data = repository.get_schedule_def(SCHEDULE).evaluate_tick(context)
        if data.run_requests:
            (request,) = data.run_requests
            return request
        return dg.SkipReason(data.skip_message)

    return evaluated


def _run() -> dg.ExecuteInProcessResult:
    job = defs().resolve_job_def(JOB)
    return job.execute_in_process(raise_on_error=False)


def test_a_release_is_published_in_its_minute_and_not_before(home: Settings, tick: Tick) -> None:
    """Prevents figures that are out before their hour, and a schedule that misses it."""
    version = version_in_state(home, "approved")
    early = tick(-MINUTE)
    assert isinstance(early, dg.SkipReason)
    assert _run().success
    assert latest_version(home) is None
    due = tick(0)
    assert isinstance(due, dg.RunRequest)
    assert due.tags["releases"] == "2026/v1"
    result = _run()
    assert result.success
    assert latest_version(home) == version
    assert version.read_events()[-1].who == "register"
    assert isinstance(tick(MINUTE), dg.SkipReason)
    with dg.DagsterInstance.from_config(str(home.home / "dagster")) as instance:
        messages = instance.get_latest_materialization_event(RELEASE_KEY)
    assert messages is not None
    assert messages.asset_materialization is not None
    assert messages.asset_materialization.description == "2026/v1 is published"


@pytest.mark.parametrize("state", ["none", "draft", "checked", "signed", "published", "withdrawn"])
def test_only_what_was_approved_is_due(home: Settings, state: str) -> None:
    """Prevents a release for which not two people answer."""
    version_in_state(home, state)
    assert due_versions(home, at(0)) == []


def test_what_is_late_waits_for_a_person(home: Settings) -> None:
    """Prevents a release that slips by hours and goes out without a word."""
    version_in_state(home, "approved")
    assert due_versions(home, at(31 * MINUTE)) == []
    assert len(due_versions(home, at(29 * MINUTE))) == 1


def test_a_changed_file_is_refused_and_leaves_the_other_release(
    home: Settings, tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one bad release from holding back a good one, or from going out with it."""
    changed = version_in_state(home, "approved")
    (changed.data / "table.csv").write_text("a,b\n1,3\n", encoding="utf-8")
    other = version_in_state(home, "approved", number=2)
    outcome = publish_due(home, at(0))
    assert outcome.published == (other,)
    assert list(outcome.refused) == ["2026/v1"]
    assert latest_version(home) == other
    assert isinstance(tick(0), dg.RunRequest)
    result = _run()
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "2026/v1: the files of 2026/v1 have changed" in failure.step_failure_data.error.message
    assert changed.state == "approved"


def test_a_publication_that_was_killed_is_ended_in_the_next_minute(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a release that is called published and that readers do not find."""
    version = version_in_state(home, "approved")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("official_statistics.releases.lifecycle.point_link", killed)
        publish_due(home, at(0))
    assert latest_version(home) is None
    assert publish_due(home, at(MINUTE)).published == (version,)
    assert latest_version(home) == version
    assert due_versions(home, at(2 * MINUTE)) == []


def test_dagster_shows_what_the_check_of_a_release_found(home: Settings) -> None:
    """Prevents checks of a release that are nowhere but in a folder."""
    version = new_version(home)
    matches = [
        {"name": name, "title": title, "fault_count": name == "sums", "faults": []}
        for name, title in TITLES.items()
    ]
    (version.internal / "checks.json").write_text(json.dumps(matches), encoding="utf-8")
    keys = dg.AssetSelection.checks(*(dg.AssetCheckKey(RELEASE_KEY, name) for name in TITLES))
    job = dg.define_asset_job("again", selection=keys)
    definitions = dg.Definitions.merge(defs(), dg.Definitions(jobs=[job]))
    result = definitions.resolve_job_def("again").execute_in_process()
    passed = {one.check_name: one.passed for one in result.get_asset_check_evaluations()}
    assert passed == {name: name != "sums" for name in TITLES}


def test_expectations_on_public_files_are_checks_of_the_release(home: Settings) -> None:
    """Prevents a fault of what is public that shows on the register and not on the release."""
    graph = defs().resolve_asset_graph()
    names = {key.name for key in graph.get_check_keys_for_assets({RELEASE_KEY})}
    assert {
        "tolerance_publication_counts_rounded",
        "tolerance_publication_screener_passed",
        *TITLES,
    } <= names
    on_generation = graph.get_check_keys_for_assets({dg.AssetKey(["published", "generation"])})
    assert "tolerance_publication_counts_rounded" not in {key.name for key in on_generation}
