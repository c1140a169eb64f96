"""What is in a backup, and that it is one state of the home while others write to it."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interfaces.command_line.commands.doctor import CHECKS, DEEP_CHECKS, check_restored
from register.access import close_all
from register.access_record import Entry, record_access
from register.backup import home_copy, note_restore, restore_backup, take_backup
from register.backup.home_copy import BACKED_UP, NOT_BACKED_UP, copy_home
from register.decision_files import append_decisions
from register.feeds import read_ledger, write_entry, write_history
from register.home import prepare_home
from register.publishing import publish
from register.serving import serve
from register.settings import PROJECT_ROOT, Settings
from tests.house_rules.test_files import PRODUCTION
from tests.publishing.builds import DELIVERY_ID, build


def test_every_folder_of_a_home_is_backed_up_or_said_to_be_no_loss(settings: Settings) -> None:
    """Prevents a lost disk that takes a folder along which nobody had thought of."""
    properties = [name for name, value in vars(Settings).items() if isinstance(value, property)]
    of_settings = {
        value.relative_to(settings.home).parts[0]
        for value in (getattr(settings, name) for name in properties)
        if isinstance(value, Path) and value.is_relative_to(settings.home)
    }
    assert len(of_settings) > 10
    named_elsewhere = {
        name
        for package in (*PRODUCTION, "simulation")
        for path in (PROJECT_ROOT / package).rglob("*.py")
        for name in re.findall(r"""\bhome / "(\w+)\"""", path.read_text(encoding="utf-8"))
    }
    answered = {part.partition("/")[0] for part in (*BACKED_UP, *NOT_BACKED_UP)}
    assert (of_settings | named_elsewhere) - answered == set()
    assert answered - of_settings - named_elsewhere == set()
    assert not set(BACKED_UP) & NOT_BACKED_UP.keys()
    assert all(NOT_BACKED_UP.values())


def test_every_part_of_a_home_in_use_has_an_answer(home: Settings) -> None:
    """Prevents a new folder inside `quality` that no answer is about."""
    answered = {*BACKED_UP, *NOT_BACKED_UP}
    parents = {part.partition("/")[0] for part in answered if "/" in part}
    found = {
        path.relative_to(home.home).as_posix()
        for folder in (home.home, *(home.home / parent for parent in parents))
        for path in folder.iterdir()
    }
    assert found - parents - answered == set()


def test_a_restore_page_names_what_is_backed_up() -> None:
    """Prevents a page that promises more, or less, than the command stores."""
    text = (PROJECT_ROOT / "docs" / "how-to" / "restore.md").read_text(encoding="utf-8")
    found = re.search(r"A backup has (.+?)\. It has no", text, re.DOTALL)
    assert found
    assert sorted(re.findall(r"`([\w/]+)/`", found.group(1))) == sorted(BACKED_UP)


def test_what_is_unfinished_is_in_no_copy(home: Settings) -> None:
    """Prevents half a build in a backup, and secrets of the running application."""
    for name in (".next-1", ".removed-20260101T000000-000000"):
        (home.published / name).mkdir()
        (home.published / name / "manifest.json").touch()
    # Its folder has its name, and its publication has not come to an end.
    (home.published / "29991231T000000-000000").mkdir()
    (home.published / "29991231T000000-000000" / "manifest.json").touch()
    (home.landing / ".partial" / "1").mkdir(parents=True)
    (home.landing / ".damaged" / "police_reports").mkdir(parents=True)
    upload = home.web_folder / "uploads" / "id"
    upload.mkdir(parents=True)
    (upload / "upload.json").touch()
    with copy_home(home) as copy:
        names = {path.relative_to(copy).as_posix() for path in copy.rglob("*")}
    hidden = {name for name in names if "/." in name}
    told = {path for path in hidden if path.startswith("outbox/.told")}
    assert hidden - told == {"landing/.damaged", "landing/.damaged/police_reports"}
    assert told
    assert not any("29991231" in name for name in names)
    assert "web/secret" not in names
    assert not any(name.startswith("web/uploads") for name in names)
    assert "web/facts.json" in names


def test_the_copy_of_a_running_backup_opens_nothing(home: Settings) -> None:
    """Prevents `register doctor --close` during a backup from closing files to their readers."""
    shared = replace(home, readers_group="root")
    (home.web_folder / "facts.json").chmod(0o600)
    published = home.published / "current" / "national_register_coarse.duckdb"
    published.chmod(0o440)
    with copy_home(home):
        assert CHECKS["access"](shared) == (True, "only the people who should")
        close_all(shared)
    assert published.stat().st_mode & 0o777 == 0o440


def _restore_and_check(home: Settings, folder: Path) -> list[str]:
    backup = restore_backup(home, folder)
    restored = replace(home, home=folder)
    prepare_home(restored)
    note_restore(restored, backup.backup_id)
    faults = [f"{f.subject}: {f.says}" for f in check_restored(restored, None) if not f.is_well]
    shutil.rmtree(folder)
    return faults


def _view(key: str) -> Entry:
    return Entry("view", "case_list", "audit", "G", (key,))


def _land_another(settings: Settings, number: int) -> None:
    """Land one more delivery as landing does: complete under a hidden name, then renamed."""
    name = f"{DELIVERY_ID[:-4]}{number:04x}"
    partial, target = settings.landing / ".partial" / name, settings.landing / "police_reports"
    shutil.copytree(target / DELIVERY_ID, partial)
    entry = next(each for each in read_ledger(settings) if each.delivery_id == DELIVERY_ID)
    write_entry(entry.model_copy(update={"delivery_id": name}), partial)
    partial.rename(target / name)


def _load_once(settings: Settings, number: int) -> None:
    """Do all that changes a home: land, decide, view, publish, serve, and tidy up."""
    for each in range(5):
        _land_another(settings, number * 5 + each)
    write_history(settings, read_ledger(settings))
    row = [
        f"2026-05-01T00:00:{number % 60:02}Z",
        "A. Person",
        "link",
        "a" * 32,
        "b" * 32,
        "",
        "",
        "",
    ]
    append_decisions(settings, "links.csv", [[*row[:5], "Same", "", "other"]], ValueError)
    record_access(settings, _view(f"C{number}"))
    publish(settings, build(settings, number))
    serve(settings, "parquet", [])


@contextmanager
def _running(step: Callable[[int], object]) -> Iterator[list[Exception]]:
    """Repeat a step in a thread until the block ends."""
    errors: list[Exception] = []
    stop = threading.Event()

    def run() -> None:
        number = 3
        while not stop.is_set() and not errors:
            try:
                step(number)
            except Exception as error:
                errors.append(error)
            number += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield errors
    finally:
        stop.set()
        thread.join()


def test_each_backup_during_loads_is_a_sound_home(
    home: Settings, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a backup that mixes two states, so that what is restored is of none of them."""
    monkeypatch.setattr("register.publishing.generations.READER_GRACE_SECONDS", 0.0)
    loading = replace(home, generations_kept=1)
    faults = []
    with _running(lambda number: _load_once(loading, number)) as errors:
        for number in range(12):
            take_backup(home)
            faults += _restore_and_check(home, tmp_path / str(number))
    assert errors == []
    assert faults == []
    assert len(DEEP_CHECKS) > 4


@pytest.mark.parametrize("part", BACKED_UP)
def test_a_load_between_two_parts_harms_no_copy(
    home: Settings, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Prevents an order of copying in which a load in between tears the copy."""
    copy_part = home_copy._copy_part
    loaded: list[str] = []

    def load_before(*arguments: Any) -> None:
        if arguments[2] == part and not loaded:
            loaded.append(part)
            _load_once(home, 3)
        copy_part(*arguments)

    monkeypatch.setattr(home_copy, "_copy_part", load_before)
    take_backup(home)
    assert loaded == [part]
    assert _restore_and_check(home, tmp_path / "restored") == []


def test_a_generation_that_is_removed_while_it_is_copied_is_left_out(
    home: Settings, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents half a generation in a backup, and a backup that fails since a load tidied up."""
    oldest = min(path for path in home.published.iterdir() if path.name[0].isdigit())
    link = home_copy._link_file

    def remove_first(path: Path, target: Path) -> None:
        if path == oldest / "national_register.duckdb":
            shutil.rmtree(oldest)
        link(path, target)

    monkeypatch.setattr(home_copy, "_link_file", remove_first)
    take_backup(home)
    assert not oldest.exists()
    assert _restore_and_check(home, tmp_path / "restored") == []


def test_the_application_is_copied_between_two_views(
    home: Settings, store: None, tmp_path: Path
) -> None:
    """Prevents a restored access log whose end does not match what is stored about its end."""

    def view(number: int) -> None:
        record_access(home, _view(f"C{number}"))

    faults = []
    with _running(view) as errors:
        for number in range(10):
            take_backup(home)
            faults += _restore_and_check(home, tmp_path / str(number))
    assert errors == []
    assert faults == []


def test_files_that_change_while_they_are_copied_are_copied_again(
    home: Settings, store: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents an access log and a stored end of it that are of two moments."""
    copy_file, viewed = shutil.copy2, []

    def view_between(path: Path, target: Path) -> None:
        copy_file(path, target)
        if path.parent == home.web_folder and not viewed:
            for number in range(3):
                viewed.append(record_access(home, _view(f"C{number}")))

    monkeypatch.setattr(home_copy.shutil, "copy2", view_between)
    record_access(home, _view("C9"))
    take_backup(home)
    assert len(viewed) == 3
    assert _restore_and_check(home, tmp_path / "restored") == []


def test_a_delivery_that_is_set_aside_meanwhile_is_in_the_copy(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the loss of a delivery that a load moved to repair it."""
    copy_folder, feed = home_copy._copy_folder, home.landing / "police_reports"

    def move_before(home_folder: Path, source: Path, *arguments: Any) -> None:
        if source == feed and (feed / DELIVERY_ID).exists():
            aside = home.landing / ".damaged" / feed.name
            aside.mkdir(parents=True)
            (feed / DELIVERY_ID).rename(aside / DELIVERY_ID)
        copy_folder(home_folder, source, *arguments)

    monkeypatch.setattr(home_copy, "_copy_folder", move_before)
    with copy_home(home) as copy:
        assert len(list((copy / "landing").rglob(f"{DELIVERY_ID}/reports.parquet"))) == 1
