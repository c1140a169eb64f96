"""The record outside the home tells what was removed from the home."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from register.access_record import (
    Entry,
    record_access,
    record_ledger,
    restart_record,
    verify_record,
)
from register.decision_files import append_decisions
from register.outside_record import (
    OutsideRecordError,
    deliver_record,
    find_record_faults,
    read_delivered_generation,
    read_recorded_heads,
)
from register.publishing import Generation, publish
from register.settings import Settings
from register.variables import WatchSettings
from tests.publishing.builds import build

DECISION = ["2026-01-01T09:00:00Z", "A. Person", "link", "a", "b", "invented", "", "other"]


def _view(settings: Settings) -> None:
    record_access(settings, Entry("view", "case", "audit", "20260101T000000-000000", ("key",)))


@pytest.fixture
def recorded(settings: Settings, tmp_path: Path) -> tuple[Settings, Generation]:
    """A home with a view, a decision and a generation, all of them recorded outside."""
    home = replace(settings, watch=WatchSettings(outside_record=tmp_path / "outside.jsonl"))
    append_decisions(home, "links.csv", [DECISION], ValueError)
    _view(home)
    folder = build(home, 1)
    record_ledger(home)
    generation = publish(home, folder)
    deliver_record(home, generation.folder)
    return home, generation


def test_a_home_that_only_grew_has_no_fault(recorded: tuple[Settings, Generation]) -> None:
    """Prevents false alarms after views, decisions and loads."""
    home, generation = recorded
    assert find_record_faults(home) == []
    assert read_delivered_generation(home) == generation.generation_id
    _view(home)
    append_decisions(home, "links.csv", [DECISION], ValueError)
    later = publish(home, build(home, 2))
    assert find_record_faults(home) == []
    deliver_record(home, later.folder)
    assert read_delivered_generation(home) == later.generation_id
    assert find_record_faults(home) == []


def _remove_log(home: Settings, generation: Generation) -> None:
    # Everything in the home that knows of the log: its folder, its anchor and all manifests.
    shutil.rmtree(home.access_record)
    (home.decisions / "access_log.json").unlink()
    path = generation.folder / "manifest.json"
    path.chmod(0o600)
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps({**manifest, "access_log": {"number": 0, "hash": "0" * 64}}))


def _write_other_log(home: Settings, generation: Generation) -> None:
    _remove_log(home, generation)
    for _ in range(4):
        _view(home)


def _remove_generations(home: Settings, _: Generation) -> None:
    shutil.rmtree(home.published)


def _change_manifest(_: Settings, generation: Generation) -> None:
    path = generation.folder / "manifest.json"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\n")


def _cut_decisions(home: Settings, _: Generation) -> None:
    path = home.decisions / "links.csv"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def _remove_decisions(home: Settings, _: Generation) -> None:
    (home.decisions / "links.csv").unlink()


@pytest.mark.parametrize(
    ("remove", "fault"),
    [
        (_remove_log, "entries of the access record are gone"),
        (_write_other_log, "the access record was replaced by another"),
        (_remove_generations, "no generation is published"),
        (_change_manifest, "the manifest of generation"),
        (_cut_decisions, "decisions/links.csv lost or changed rows"),
        (_remove_decisions, "decisions/links.csv is missing"),
    ],
)
def test_what_was_removed_is_named(
    recorded: tuple[Settings, Generation], remove: object, fault: str
) -> None:
    """Prevents an intruder from removing the traces of what was read or changed."""
    home, generation = recorded
    assert callable(remove)
    remove(home, generation)
    assert any(fault in each for each in find_record_faults(home)), find_record_faults(home)


def test_a_longer_log_in_place_of_the_recorded_one_is_noticed(
    recorded: tuple[Settings, Generation],
) -> None:
    """Prevents an intruder from writing a log of harmless views, longer than the real one."""
    home, generation = recorded
    assert verify_record(home, read_recorded_heads(home)).faults == ()
    _write_other_log(home, generation)
    _view(home)
    assert verify_record(home).faults == ()
    (fault,) = verify_record(home, read_recorded_heads(home)).faults
    assert "is not the one that was noted outside the home" in fault


def test_a_log_that_a_person_began_anew_is_no_fault(
    recorded: tuple[Settings, Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an alarm that stays after the loss of a log was answered for."""
    home, _ = recorded
    shutil.rmtree(home.access_record)
    restart_record(home, "A. Person", "the disk was lost")
    _view(home)
    assert find_record_faults(home) == []
    assert read_recorded_heads(home) == []
    # From the next record on, the new log is watched as the old one was.
    later = datetime.now(UTC) + timedelta(seconds=2)
    monkeypatch.setattr("register.outside_record.datetime", _clock_at(later))
    generation = publish(home, build(home, 2))
    deliver_record(home, generation.folder)
    assert len(read_recorded_heads(home)) == 1
    _remove_log(home, generation)
    assert any("entries of the access record are gone" in each for each in find_record_faults(home))


def _clock_at(moment: datetime) -> type[datetime]:
    """A class of moments whose present is always `moment`."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromtimestamp(moment.timestamp(), tz)

    return Clock


def test_a_changed_record_is_not_trusted(recorded: tuple[Settings, Generation]) -> None:
    """Prevents a record that was made to fit what is left of the home."""
    home, _ = recorded
    path = home.watch.outside_record
    assert path is not None
    line = json.loads(path.read_text(encoding="utf-8"))
    for text in (json.dumps({**line, "decisions": {}}), json.dumps(line)[:-20]):
        path.write_text(text + "\n", encoding="utf-8")
        assert "cannot be trusted" in find_record_faults(home)[0]


def test_a_record_that_cannot_be_written_is_an_error_without_its_path(
    recorded: tuple[Settings, Generation],
) -> None:
    """Prevents a load that believes its state was recorded."""
    home, generation = recorded
    watch = WatchSettings(outside_record=home.home / "no folder" / "record.jsonl")
    with pytest.raises(OutsideRecordError, match="REGISTER_OUTSIDE_RECORD"):
        deliver_record(replace(home, watch=watch), generation.folder)
