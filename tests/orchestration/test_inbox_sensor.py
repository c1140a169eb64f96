"""The inbox sensor: one run a batch, and never before the batch is complete."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs import triggers as module
from orchestration.defs.triggers import hash_batch, is_quiet, watch_inbox
from register.feeds import (
    land_everything,
    list_landed_folders,
    read_entry,
    read_inbox_state,
    write_entry,
)
from register.load_history import read_unpublished
from register.publishing import publish
from register.settings import Settings
from tests.publishing.builds import build, land_delivery


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty home that the sensor looks at."""
    monkeypatch.setenv("REGISTER_HOME", str(settings.home))
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    return settings


def _deliver(settings: Settings, supplier: str, text: str = "a\n") -> Path:
    path = settings.inbox / "police_reports" / supplier / "2026-10" / "reports.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _look() -> object:
    return watch_inbox(dg.build_sensor_context())


@pytest.mark.usefixtures("home")
def test_an_empty_inbox_starts_nothing() -> None:
    """Prevents a load every minute."""
    assert isinstance(_look(), dg.SkipReason)


def test_a_batch_that_still_grows_waits(home: Settings) -> None:
    """Prevents a half-uploaded delivery from being rejected as broken, old as its dates may be."""
    os.utime(_deliver(home, "E23000001"), (0, 0))
    assert isinstance(_look(), dg.SkipReason)
    later = time.time() + module.QUIET_SECONDS + 1
    assert is_quiet(read_inbox_state(home).new, later)


def test_a_quiet_batch_starts_one_run_for_all_of_it(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one run a file, which takes longer than the night."""
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
    _deliver(home, "E23000001")
    _deliver(home, "E23000002")
    first, again = _look(), _look()
    assert isinstance(first, dg.RunRequest)
    assert isinstance(again, dg.RunRequest)
    assert first.run_key == again.run_key
    assert first.tags["register/new_deliveries"] == "2"


def test_another_batch_has_another_key(home: Settings) -> None:
    """Prevents a corrected delivery from being taken for the one that was loaded."""
    _deliver(home, "E23000001")
    before = hash_batch(read_inbox_state(home).new)
    _deliver(home, "E23000001", "a\nb\n")
    assert hash_batch(read_inbox_state(home).new) != before
    deliveries = read_inbox_state(home).new
    assert hash_batch(deliveries) == hash_batch(reversed(deliveries))


def test_a_folder_whose_name_is_not_utf8_starts_a_load(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents one name of an old system from keeping every delivery waiting."""
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
    folder = _deliver(home, "E23000001").parent
    folder.rename(os.fsdecode(os.fsencode(folder.parent) + b"/Zo\xeb"))
    assert isinstance(_look(), dg.RunRequest)


def _wait_long(settings: Settings) -> None:
    """Let the landed deliveries be of the day before."""
    for folder in list_landed_folders(settings.landing):
        entry = read_entry(folder / "delivery.json")
        write_entry(entry.model_copy(update={"received_at": "2026-10-31T00:00:00Z"}), folder)


def _look_beside(*statuses: dg.DagsterRunStatus, job_name: str = "load_register") -> object:
    """Look, while runs of a job have these statuses."""
    with dg.DagsterInstance.ephemeral() as instance:
        for status in statuses:
            run = dg.DagsterRun(job_name=job_name, run_id=status.value, status=status)
            instance.add_run(run)
        return watch_inbox(dg.build_sensor_context(instance=instance))


def test_a_landed_delivery_starts_a_load(home: Settings) -> None:
    """Prevents a delivery by the web page from waiting until the morning."""
    _deliver(home, "E23000001")
    land_everything(home)
    assert "waiting" in str(_look_beside()), "more may follow"
    _wait_long(home)
    first, again = _look_beside(), _look_beside(dg.DagsterRunStatus.FAILURE)
    assert isinstance(first, dg.RunRequest)
    assert isinstance(again, dg.RunRequest)
    assert first.run_key == again.run_key, "a load that fails would start every minute"
    assert first.tags["register/new_deliveries"] == "1"


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_a_running_load_publishes_what_it_landed(home: Settings, status: str) -> None:
    """Prevents a second load of deliveries that a load is about to publish."""
    _deliver(home, "E23000001")
    land_everything(home)
    _wait_long(home)
    running = dg.DagsterRunStatus[status]
    assert isinstance(_look_beside(running), dg.SkipReason)
    assert isinstance(_look_beside(running, job_name="land"), dg.RunRequest)


def test_a_published_delivery_starts_nothing(home: Settings) -> None:
    """Prevents a load every minute after the first delivery."""
    land_delivery(home)
    assert isinstance(_look_beside(), dg.RunRequest)
    publish(home, build(home, 1))
    assert read_unpublished(home) == []
    assert isinstance(_look_beside(), dg.SkipReason)


def test_a_damaged_entry_is_named_and_starts_nothing(home: Settings) -> None:
    """Prevents a sensor that fails every minute because of one damaged file."""
    (land_delivery(home) / "delivery.json").write_text("{", encoding="utf-8")
    found = _look_beside()
    assert isinstance(found, dg.SkipReason)
    assert "damaged" in str(found.skip_message)
