"""Every way of changing the access record is named, with the numbers of its entries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from interfaces.command_line import app as commands
from register.access_record import (
    Entry,
    RecordError,
    read_record,
    record_access,
    record_ledger,
    restart_record,
    verify_record,
)
from register.access_record.record_entries import hash_line
from register.decision_files import append_decisions
from register.outside_record import deliver_record, read_recorded_heads
from register.publishing import publish
from register.settings import Settings
from register.variables import WatchSettings
from tests.publishing.builds import build

DECISION = ["2026-01-01T09:00:00Z", "A. Person", "link", "a", "b", "invented", "", "other"]
Lines = list[dict[str, Any]]


def _path(settings: Settings) -> Path:
    return settings.access_record / "record.jsonl"


def _add_views(settings: Settings, count: int) -> None:
    for number in range(count):
        record_access(settings, Entry("view", "case_list", "audit", "G", (f"C{number}",)))


@pytest.fixture
def recorded(settings: Settings, tmp_path: Path) -> Settings:
    """A home whose record has ten entries; the first nine were delivered outside."""
    home = replace(settings, watch=WatchSettings(outside_record=tmp_path / "outside.jsonl"))
    append_decisions(home, "links.csv", [DECISION], ValueError)
    _add_views(home, 5)
    folder = build(home, 1)
    record_ledger(home)
    generation = publish(home, folder)
    deliver_record(home, generation.folder)
    _add_views(home, 1)
    assert find_faults(home) == []
    assert len(list(read_record(home))) == 10
    return home


def find_faults(settings: Settings) -> list[str]:
    """Return what `register access verify` would name."""
    return list(verify_record(settings, read_recorded_heads(settings)).faults)


def _edit(change: Callable[[Lines], Lines]) -> Callable[[Settings], None]:
    """Return a tampering that rewrites the lines of the record, each with a hash that fits."""

    def tamper(settings: Settings) -> None:
        lines = [json.loads(line) for line in _path(settings).read_text().splitlines()]
        text = "".join(json.dumps(line) + "\n" for line in change(lines))
        _path(settings).write_text(text, encoding="utf-8")

    return tamper


def _alter(lines: Lines) -> Lines:
    return [*lines[:4], {**lines[4], "who": "somebody else"}, *lines[5:]]


def _rewrite_entry(lines: Lines) -> Lines:
    changed = {**lines[4], "keys": []}
    return [*lines[:4], {**changed, "hash": hash_line(changed)}, *lines[5:]]


def _rewrite_all(lines: Lines) -> Lines:
    """Write another history, whose hashes are right, without the key."""
    written: Lines = []
    for line in lines:
        changed = {**line, "who": "nobody"}
        changed["previous"] = written[-1]["hash"] if written else "0" * 64
        written.append({**changed, "hash": hash_line(changed)})
    return written


def _claim_another_key(lines: Lines) -> Lines:
    """Write another history that claims to be sealed under a key of which nobody knows."""
    return _rewrite_all([{**line, "key_id": "f" * 16} for line in lines])


def _cut_file(settings: Settings) -> None:
    content = _path(settings).read_bytes()
    _path(settings).write_bytes(content[: len(content) // 2])


def _delete_all(settings: Settings) -> None:
    shutil.rmtree(settings.access_record)
    (settings.decisions / "access_log.json").unlink()
    shutil.rmtree(settings.published)


def _delete_anchor(settings: Settings) -> None:
    (settings.decisions / "access_log.json").unlink()


def _replace_by_other(settings: Settings) -> None:
    _delete_all(settings)
    _add_views(settings, 12)


TAMPERINGS: dict[str, tuple[Callable[[Settings], None], list[str]]] = {
    "last line deleted": (_edit(lambda lines: lines[:-1]), ["entry 10 was missing from the end"]),
    "three lines deleted from the end": (
        _edit(lambda lines: lines[:-3]),
        [
            "entries 8 to 10 were missing from the end",
            "no entry is about landing/",
        ],
    ),
    "file cut": (
        _cut_file,
        ["the last line of record.jsonl was cut short", "missing from the end"],
    ),
    "file emptied": (_edit(lambda _: []), ["entries 1 to 10 were missing from the end"]),
    "two lines deleted from the middle": (
        _edit(lambda lines: [*lines[:3], *lines[5:]]),
        ["entries 4 to 5 were removed"],
    ),
    "field altered": (_edit(_alter), ["entry 5 was altered"]),
    "line no longer an entry": (
        _edit(lambda lines: [*lines[:4], {}, *lines[5:]]),
        ["line 5 of record.jsonl is not an entry", "entry 5 was removed"],
    ),
    "one entry rewritten with its hash": (
        _edit(_rewrite_entry),
        ["entry 5 was rewritten by somebody who does not have the key"],
    ),
    "everything rewritten without the key": (
        _edit(_rewrite_all),
        [
            "entry 1 was rewritten by somebody who does not have the key",
            "entry 10 was rewritten by somebody who does not have the key",
            "is not the one that decisions/access_log.json names",
            "is not the one that was noted outside the home",
        ],
    ),
    "everything rewritten under another key": (
        _edit(_claim_another_key),
        ["the seals of entries 1 to 10 cannot be checked"],
    ),
    "two lines exchanged": (
        _edit(lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]]),
        ["entry 4 stands after entry 5: the order was changed"],
    ),
    "line repeated": (
        _edit(lambda lines: [*lines[:4], lines[3], *lines[4:]]),
        ["entry 4 is there 2 times"],
    ),
    "anchor deleted": (_delete_anchor, ["decisions/access_log.json is missing"]),
    "record and anchor deleted": (
        _delete_all,
        ["there is no access record", "entries 1 to 9 were missing: the record outside the home"],
    ),
    "another record in its place": (
        _replace_by_other,
        ["entry 9 is not the one that was noted outside the home"],
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_named(recorded: Settings, name: str) -> None:
    """Prevents an entry from being changed, hidden or invented afterwards."""
    tamper, expected = TAMPERINGS[name]
    tamper(recorded)
    faults = find_faults(recorded)
    for each in expected:
        assert any(each in fault for fault in faults), faults


def test_an_older_copy_of_everything_is_noticed_outside(recorded: Settings) -> None:
    """Prevents a restored copy of record, anchor and generations from passing as the latest."""
    copy = recorded.home.with_name("copy")
    shutil.copytree(recorded.home, copy, symlinks=True)
    _add_views(recorded, 3)
    generation = publish(recorded, build(recorded, 2))
    deliver_record(recorded, generation.folder)
    shutil.rmtree(recorded.home)
    copy.rename(recorded.home)
    assert verify_record(recorded).faults == ()
    assert "missing: the record outside the home has them" in " ".join(find_faults(recorded))


def test_an_older_anchor_alone_is_noticed(recorded: Settings) -> None:
    """Prevents an anchor that was set back, so that entries can be cut later."""
    anchor = recorded.decisions / "access_log.json"
    content = anchor.read_bytes()
    _add_views(recorded, 3)
    anchor.write_bytes(content)
    assert any("set back to an older copy" in fault for fault in find_faults(recorded))


def test_a_record_that_was_tampered_with_takes_no_entry(recorded: Settings) -> None:
    """Prevents an application that goes on as if nothing had happened."""
    _edit(lambda lines: lines[:-2])(recorded)
    with pytest.raises(RecordError, match="missing"):
        _add_views(recorded, 1)


def test_an_entry_without_the_key_takes_no_successor(settings: Settings) -> None:
    """Prevents a forged last entry from getting a right seal on top."""
    _add_views(settings, 2)
    _edit(_rewrite_all)(settings)
    with pytest.raises(RecordError, match="was changed"):
        _add_views(settings, 1)


def _add_row(home: Settings) -> None:
    with (home.decisions / "links.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(DECISION) + "\n")


def _change_row(home: Settings) -> None:
    path = home.decisions / "links.csv"
    path.write_text(path.read_text().replace("A. Person", "B. Person"), encoding="utf-8")


def _change_ledger(home: Settings) -> None:
    for path in home.landing.glob("*/*/delivery.json"):
        path.write_text(path.read_text().replace("accepted", "rejected"), encoding="utf-8")


def _remove_ledger(home: Settings) -> None:
    for path in home.landing.glob("*/*/delivery.json"):
        path.unlink()


def _change_manifest(home: Settings) -> None:
    path = home.published / "current" / "manifest.json"
    path.chmod(0o600)
    path.write_text(path.read_text() + " ", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_add_row, "decisions/links.csv has rows that no entry is about (entry 2)"),
        (_change_row, "decisions/links.csv lost or changed rows (entry 2)"),
        (lambda home: (home.decisions / "links.csv").unlink(), "decisions/links.csv is missing"),
        (_change_ledger, "delivery.json lost or changed rows (entry 8)"),
        (_remove_ledger, "delivery.json is missing (entry 8)"),
        (_change_manifest, "manifest.json has rows that no entry is about (entry 9)"),
    ],
)
def test_files_are_compared_with_their_entries(
    recorded: Settings, change: Callable[[Settings], None], expected: str
) -> None:
    """Prevents decisions, deliveries or publications that were changed behind the record."""
    change(recorded)
    (fault,) = find_faults(recorded)
    assert expected in fault


def test_the_command_names_every_fault(recorded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prevents a check whose result a schedule cannot see."""
    monkeypatch.setenv("REGISTER_ENVIRONMENT", "test")
    monkeypatch.setenv("REGISTER_HOME", str(recorded.home))
    assert recorded.watch.outside_record is not None
    monkeypatch.setenv("REGISTER_OUTSIDE_RECORD", str(recorded.watch.outside_record))
    good = CliRunner().invoke(commands, ["access", "verify"])
    assert (good.exit_code, "Complete: 10 entries" in good.output) == (0, True)
    number, noted = 3, list(read_record(recorded))[2]["hash"]
    words = ["access", "verify", "--head"]
    assert CliRunner().invoke(commands, [*words, f"{number}:{noted}"]).exit_code == 0
    assert CliRunner().invoke(commands, [*words, f"4:{noted}"]).exit_code == 5
    _edit(_alter)(recorded)
    bad = CliRunner().invoke(commands, ["web", "log", "verify"])
    assert (bad.exit_code, "entry 5 was altered" in bad.output) == (5, True)


def test_a_record_that_is_lost_begins_anew_by_name(recorded: Settings) -> None:
    """Prevents an application that stays shut, and a loss that nobody answers for."""
    shutil.rmtree(recorded.access_record)
    with pytest.raises(RecordError, match="needs a name"):
        restart_record(recorded, "A. Person", " ")
    assert restart_record(recorded, "A. Person", "Disk lost") == 10
    _add_views(recorded, 2)
    assert find_faults(recorded) == []
    note = json.loads((recorded.decisions / "access_log.json").read_bytes())["restarted"]
    assert (note["by"], note["reason"], note["number"]) == ("A. Person", "Disk lost", 10)
    first, *_ = read_record(recorded)
    assert (first["kind"], first["what"], first["number"]) == ("record", "restarted", 1)


def test_an_entry_of_another_copy_of_the_home_is_noticed(recorded: Settings) -> None:
    """Prevents an entry with a right seal, written in a copy, from taking another one's place."""
    anchor = recorded.decisions / "access_log.json"
    before, anchor_before = _path(recorded).read_text(encoding="utf-8"), anchor.read_bytes()
    _add_views(recorded, 2)
    *_, last = _path(recorded).read_text(encoding="utf-8").splitlines()
    anchor_after = anchor.read_bytes()
    _path(recorded).write_text(before, encoding="utf-8")
    anchor.write_bytes(anchor_before)
    record_access(recorded, Entry("view", "case_list", "audit", "G", ("another child",)))
    with _path(recorded).open("a", encoding="utf-8") as file:
        file.write(last + "\n")
    anchor.write_bytes(anchor_after)
    assert find_faults(recorded) == ["entry 12 does not follow entry 11: one of them was replaced"]
