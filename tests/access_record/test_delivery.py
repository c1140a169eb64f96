"""The head of the access record leaves the home with each load, or somebody hears of it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from interfaces.command_line.commands import doctor
from interfaces.command_line.commands.alerts import find_alerts
from interfaces.command_line.commands.doctor import run_checks
from register.access_record import read_record
from register.outside_record import OutsideRecordError, deliver_record, read_recorded_heads
from register.publishing import publish
from register.settings import Settings, SettingsError, load_settings
from register.variables import WatchSettings
from tests.orchestration.test_alerts import web_hook
from tests.publishing.builds import build


def _save_command(path: Path) -> str:
    return f"{sys.executable} -c \"import sys; open('{path}', 'a').write(sys.stdin.read())\""


@pytest.fixture(autouse=True)
def _only_the_check_of_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the other checks of doctor, which take a minute."""
    name = "outside record"
    monkeypatch.setattr(doctor, "CHECKS", {name: doctor.CHECKS[name]})


def _find_outside_fault(settings: Settings) -> str | None:
    finding = next(each for each in run_checks(settings) if each.subject == "outside record")
    return None if finding.is_well else finding.says


def test_the_head_goes_to_file_command_and_web_hook(settings: Settings, tmp_path: Path) -> None:
    """Prevents a head that only the home has, which an intruder can remove with the record."""
    file, saved = tmp_path / "outside.jsonl", tmp_path / "saved.jsonl"
    with web_hook() as (url, received):
        watch = WatchSettings(
            outside_record=file, record_command=_save_command(saved), record_url=url
        )
        home = replace(settings, watch=watch)
        generation = publish(home, build(home, 1))
        assert "were not delivered" in str(_find_outside_fault(home))
        deliver_record(home, generation.folder)
    last = list(read_record(home))[-1]
    assert read_recorded_heads(home) == [(last["number"], last["hash"])]
    assert received == [json.loads(saved.read_bytes())] == [json.loads(file.read_bytes())]
    assert received[0]["access_log"] == {"number": last["number"], "hash": last["hash"]}
    assert _find_outside_fault(home) is None


def test_a_head_that_was_not_delivered_is_a_fault_and_an_alert(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents loads whose heads are lost, one after the other, while nobody hears of it."""
    with web_hook(500) as (url, _):
        home = replace(settings, watch=WatchSettings(record_url=url))
        generation = publish(home, build(home, 1))
        with pytest.raises(OutsideRecordError, match="answered with status 500"):
            deliver_record(home, generation.folder)
    assert "register access deliver" in str(_find_outside_fault(home))
    assert "outside record" in {each.subject for each in find_alerts(home)}
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setenv("REGISTER_HOME", str(home.home))
    words = ["access", "deliver"]
    assert CliRunner().invoke(commands, words).exit_code == 1
    saved = _save_command(tmp_path / "saved.jsonl")
    monkeypatch.setenv("REGISTER_OUTSIDE_RECORD_COMMAND", saved)
    assert CliRunner().invoke(commands, words).exit_code == 0
    assert _find_outside_fault(load_settings()) is None


def test_production_delivers_the_head(settings: Settings) -> None:
    """Prevents a production whose record can be removed unseen together with the home."""
    assert _find_outside_fault(settings) is None
    assert "REGISTER_OUTSIDE_RECORD" in str(
        _find_outside_fault(replace(settings, environment="production"))
    )


def test_a_web_hook_is_encrypted() -> None:
    """Prevents hashes of a home from travelling where somebody can replace them."""
    with pytest.raises(SettingsError, match="REGISTER_OUTSIDE_RECORD_URL"):
        load_settings({"REGISTER_OUTSIDE_RECORD_URL": "http://example.org/hook"})
