"""The access record is appended to by many processes, and outlives its key and its format."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from register.access_record import (
    Actor,
    Entry,
    RecordError,
    acting_as,
    read_record,
    record_access,
    verify_record,
)
from register.access_record.actors import read_account_name
from register.access_record.record_anchor import write_anchor
from register.decision_files import append_decisions
from register.settings import PROJECT_ROOT, Settings

DECISION = ["2026-01-01T09:00:00Z", "A. Person", "link", "a", "b", "invented", "", "other"]
APPEND = """
import sys
from register.access_record import Entry, record_access
from register.settings import load_settings
settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": sys.argv[1]})
for number in range(25):
    record_access(settings, Entry("view", "case_list", keys=(f"{sys.argv[2]}-{number}",)))
"""


def _view(settings: Settings) -> None:
    record_access(settings, Entry("view", "case_list", "audit", "G", ("C1",)))


def test_many_processes_append_at_once(settings: Settings) -> None:
    """Prevents two entries at one moment from breaking the chain, or one from getting lost."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, str(settings.home), str(place)], cwd=PROJECT_ROOT
        )
        for place in range(6)
    ]
    assert [process.wait() for process in processes] == [0] * 6
    keys = {key for entry in read_record(settings) for key in entry["keys"]}
    assert keys == {f"{place}-{number}" for place in range(6) for number in range(25)}
    result = verify_record(settings)
    assert (result.entry_count, result.faults) == (151, ())


def test_an_entry_says_who_and_how(settings: Settings) -> None:
    """Prevents an act without a person, and a person who was never authenticated."""
    _view(settings)
    with acting_as(Actor("ann", "proxy")):
        _view(settings)
    _, terminal, web = read_record(settings)
    assert (terminal["who"], terminal["how"]) == (read_account_name(), "terminal")
    assert (web["who"], web["how"], web["why"]) == ("ann", "proxy", "audit")


def test_a_decision_without_an_entry_is_not_made(settings: Settings) -> None:
    """Prevents decisions that the record does not know when the record cannot be written."""
    append_decisions(settings, "links.csv", [DECISION], ValueError)
    path = settings.decisions / "links.csv"
    before = path.read_bytes()
    (settings.access_record / "record.jsonl").unlink()
    with pytest.raises(ValueError, match="missing from the access record"):
        append_decisions(settings, "links.csv", [DECISION], ValueError)
    assert path.read_bytes() == before


def test_a_line_that_a_power_cut_left_half_is_cut_off(settings: Settings) -> None:
    """Prevents one lost line, of a view that was not shown, from closing the application."""
    _view(settings)
    with (settings.access_record / "record.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"number": 3, "at"')
    assert verify_record(settings).faults == ("the last line of record.jsonl was cut short",)
    _view(settings)
    assert verify_record(settings).faults == ()


def test_a_record_that_cannot_be_written_says_why(settings: Settings) -> None:
    """Prevents a load that a full disk stops without a word about the disk."""
    (settings.access_record / ".lock").mkdir(parents=True)
    with pytest.raises(RecordError, match="cannot be written: Is a directory"):
        _view(settings)


def test_a_damaged_last_line_stops_the_record(settings: Settings) -> None:
    """Prevents a chain that goes on from nothing."""
    _view(settings)
    with (settings.access_record / "record.jsonl").open("a", encoding="utf-8") as file:
        file.write("no entry\n")
    with pytest.raises(RecordError, match="damaged"):
        _view(settings)


def test_a_record_outlives_its_key(settings: Settings) -> None:
    """Prevents a changed key from closing the record for good, or from opening it to a forger."""
    first = replace(settings, environment="production", pseudonym_key="first invented key " * 3)
    second = replace(first, pseudonym_key="second invented one " * 3)
    _view(first)
    with pytest.raises(RecordError, match="REGISTER_PSEUDONYM_KEY_BEFORE"):
        _view(second)
    assert "cannot be checked" in verify_record(second).faults[0]
    _view(replace(second, former_pseudonym_key=first.pseudonym_key))
    # The first entry under the new key covers all entries before it, so the old key may go.
    _view(second)
    assert verify_record(second).faults == ()
    path = settings.access_record / "record.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"C1"', '"C2"', 1), encoding="utf-8")
    assert verify_record(second).faults == ("entry 2 was altered",)


def _write_earlier_log(settings: Settings, count: int) -> Path:
    """Write the log of views as an earlier release did: a chain of hashes without seals."""
    path = settings.web_folder / "access_log.jsonl"
    path.parent.mkdir()
    previous, lines = "0" * 64, []
    for number in range(1, count + 1):
        entry = {
            "number": number,
            "at": "2026-01-01T00:00:00.000+00:00",
            "who": "ann",
            "why": "audit",
            "what": "case_list",
            "generation_id": "G",
            "keys": [f"C{number}"],
            "previous": previous,
        }
        previous = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
        lines.append(json.dumps({**entry, "hash": previous}) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    write_anchor(settings, count, previous)
    return path


def test_the_log_of_an_earlier_release_goes_on(settings: Settings) -> None:
    """Prevents an upgrade from losing the views that were logged before it."""
    path = _write_earlier_log(settings, 3)
    assert "has not begun" in verify_record(settings).faults[0]
    _view(settings)
    entries = list(read_record(settings))
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5]
    assert (entries[3]["what"], entries[3]["previous"]) == ("continued", entries[2]["hash"])
    assert verify_record(settings).faults == ()
    path.write_text(path.read_text(encoding="utf-8").replace('"C2"', '"C9"'), encoding="utf-8")
    assert verify_record(settings).faults == ("entry 2 was altered",)
    path.unlink()
    assert "entries 1 to 3 were removed" in verify_record(settings).faults


def test_a_home_without_its_record_is_a_fault(settings: Settings) -> None:
    """Prevents a removed record from looking like one that is still empty."""
    assert verify_record(settings).faults == ()
    (settings.decisions / "links.csv").write_text(
        (settings.decisions / "links.csv").read_text(encoding="utf-8") + ",".join(DECISION) + "\n",
        encoding="utf-8",
    )
    (fault,) = verify_record(settings).faults
    assert fault.startswith("there is no access record")
