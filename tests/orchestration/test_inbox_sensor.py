"""The inbox sensor: one run a batch, and never before the batch is complete."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs import triggers as module
from orchestration.defs.triggers import hash_batch, is_quiet, watch_inbox
from register.feeds import read_inbox_state
from register.settings import Settings


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
