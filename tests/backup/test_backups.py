"""Backups by both tools: whole, incremental, encrypted, verified, and restored as they were."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interfaces.command_line.commands.doctor import check_restored
from register.backup import (
    Backup,
    BackupBusyError,
    BackupError,
    BackupNotFoundError,
    find_backup_fault,
    list_backups,
    restore_backup,
    take_backup,
    verify_backups,
)
from register.backup.backup_records import add_expiry, find_expired
from register.backup.backups import UNFINISHED, open_repository
from register.backup.home_copy import BACKED_UP, copy_home, get_copy_folder
from register.backup_settings import BackupSettings
from register.home import prepare_home
from register.publishing import publish
from register.settings import PROJECT_ROOT, Settings
from tests.backup.conftest import KEY, RESTIC, STORE, with_backup
from tests.publishing.builds import build

MONDAY = datetime(2026, 6, 1, 2, tzinfo=UTC)


def _contents(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for part in BACKED_UP
        for path in (home / part).rglob("*")
        if path.is_file() and path.name not in (".lock", "secret")
    }


def _restore(settings: Settings, folder: Path, wanted: str | None = None) -> Settings:
    """Restore, and check all that the command checks."""
    restore_backup(settings, folder, wanted)
    restored = replace(settings, home=folder)
    prepare_home(restored)
    assert [f for f in check_restored(restored, settings.key_id) if not f.is_well] == []
    return restored


def _stored_files(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.backup.place).rglob("*") if path.is_file()]


def test_a_restored_home_is_the_home(home: Settings, tool: str, tmp_path: Path) -> None:
    """Prevents a backup that is found to lack something on the day on which it is needed."""
    run = take_backup(home)
    restored = _restore(home, tmp_path / "restored")
    assert _contents(restored.home) == _contents(home.home)
    assert len(_contents(home.home)) > 25
    assert run.backup.file_count == len(_contents(home.home))
    assert run.backup.key_ids == {"pseudonym_key": home.key_id}
    for name in ("current", "parquet"):
        assert (restored.published / name).readlink() == (home.published / name).readlink()
    assert not (restored.web_folder / "secret").exists()
    assert not get_copy_folder(home).exists()
    publish(restored, build(restored, 3))


def test_only_the_operator_can_open_what_is_restored(
    home: Settings, tool: str, tmp_path: Path
) -> None:
    """Prevents a restore that lets a group of another machine read records of children."""
    take_backup(home)
    os.umask(0)
    restore_backup(home, tmp_path / "restored")
    restored = replace(home, home=tmp_path / "restored")
    opened = {
        path.relative_to(restored.home).as_posix()
        for path in [restored.home, *restored.home.rglob("*")]
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    }
    release = "statistics/missing_children/2026/v1/public"
    assert opened == {release, f"{release}/figures.csv"}
    assert stat.S_IMODE((restored.home / release).stat().st_mode) == 0o555


def test_an_unchanged_home_is_stored_once(home: Settings, tool: str) -> None:
    """Prevents nightly backups that fill the disk with copies of the same."""
    take_backup(home, MONDAY)
    before = sum(path.stat().st_size for path in _stored_files(home))
    take_backup(home, MONDAY + timedelta(days=1))
    after = sum(path.stat().st_size for path in _stored_files(home))
    assert after - before < before / 4
    assert len(list_backups(home)) == 2


def test_content_that_only_moved_is_stored_once(home: Settings, store: None) -> None:
    """Prevents a restored or re-encrypted copy of the same content from being stored again."""
    take_backup(home)
    chunks = {path: path.stat().st_ino for path in Path(home.backup.place).glob("chunks/*/*")}
    assert len(chunks) > 2
    os.utime(home.models / "large.bin", (0, 0))
    shutil.copy(home.models / "large.bin", home.operations / "large_copy.bin")
    take_backup(home)
    assert {path: path.stat().st_ino for path in chunks} == chunks
    assert len(list(Path(home.backup.place).glob("chunks/*/*"))) <= len(chunks) + 1


def test_no_byte_of_a_record_and_no_key_is_in_the_place(home: Settings, tool: str) -> None:
    """Prevents names of children on the disk of backups, and a key beside what it encrypts."""
    take_backup(home)
    planted = [b"Okonkwo", b"INVENTED/1", b"links.csv", KEY.encode(), b"A. Person"]
    assert any(planted[0] in path.read_bytes() for path in home.home.rglob("*") if path.is_file())
    stored = _stored_files(home)
    assert [path for path in stored for each in planted if each in path.read_bytes()] == []
    assert {path for path in stored if path.stat().st_mode & 0o077} == set()


@pytest.mark.drill
def test_no_argument_of_a_process_has_the_key(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a key in the list of processes, which every user of the machine can read."""
    if shutil.which("restic") is None:
        pytest.skip("restic is not installed on this machine")
    script = tmp_path / "bin" / "restic"
    script.parent.mkdir()
    log = tmp_path / "log"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {log}\nenv >> {log}.env\nexec {shutil.which("restic")} "$@"\n'
    )
    script.chmod(0o700)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("REGISTER_PSEUDONYM_KEY", "a key of the register")
    take_backup(home)
    assert " backup " in log.read_text(encoding="utf-8")
    assert KEY not in log.read_text(encoding="utf-8")
    assert "a key of the register" not in Path(f"{log}.env").read_text(encoding="utf-8")


def test_one_changed_or_missing_file_of_the_place_is_found(home: Settings, tool: str) -> None:
    """Prevents backups that a disk damaged, and that are believed to be whole."""
    take_backup(home)
    assert verify_backups(home) > 1000
    data = sorted(_stored_files(home), key=lambda path: -path.stat().st_size)
    # restic holds its own files to tests of its own.
    for path in data if tool == STORE else data[:1]:
        content = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(BackupError):
            verify_backups(home)
        path.unlink()
        with pytest.raises(BackupError):
            verify_backups(home)
        path.write_bytes(content)
    assert verify_backups(home) > 1000


def test_a_run_fails_that_did_not_write_what_it_should(
    home: Settings, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a backup that is called good because nobody read it."""
    repository = type(open_repository(home, may_create=True))
    verify = repository.verify_backup

    def damage(self: object, backup_id: str, folder: Path) -> None:
        kind = "data" if tool == RESTIC else "chunks"
        path = max(Path(home.backup.place, kind).glob("*/*"), key=lambda item: item.stat().st_size)
        path.chmod(0o600)
        content = path.read_bytes()
        path.write_bytes(content[:99] + bytes([content[99] ^ 1]) + content[100:])
        verify(self, backup_id, folder)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "verify_backup", damage)
    with pytest.raises(BackupError):
        take_backup(home)
    assert find_backup_fault(home) == "this home has no verified backup: run `register backup`"


def test_a_damaged_chunk_is_stored_again(home: Settings, store: None, tmp_path: Path) -> None:
    """Prevents damage that each later backup takes over."""
    take_backup(home)
    for path in Path(home.backup.place, "chunks").glob("*/*"):
        path.unlink()
    with pytest.raises(BackupError, match="run `register backup`"):
        restore_backup(home, tmp_path / "damaged")
    take_backup(home)
    assert verify_backups(home) > 1000
    _restore(home, tmp_path / "restored")


def test_another_key_is_refused(home: Settings, tool: str) -> None:
    """Prevents backups that two keys encrypt, of which one is lost."""
    take_backup(home)
    other = replace(home, backup=replace(home.backup, key=KEY[::-1]))
    with pytest.raises(BackupError, match="another REGISTER_BACKUP_KEY"):
        take_backup(other)
    by_command = replace(home.backup, key="", key_command=f"echo {KEY}")
    assert len(list_backups(replace(home, backup=by_command))) == 1
    failing = replace(home.backup, key_command="false")
    with pytest.raises(BackupError, match="REGISTER_BACKUP_KEY_COMMAND failed"):
        list_backups(replace(home, backup=failing))
    with pytest.raises(BackupError, match="no key for backups"):
        list_backups(replace(home, backup=replace(home.backup, key="")))
    weak = replace(home, environment="production", backup=replace(home.backup, key="short"))
    with pytest.raises(BackupError, match="no key for production"):
        list_backups(weak)


def test_a_backup_expires_on_its_day() -> None:
    """Prevents backups that hold an erased child for ever, or that are gone too early."""
    kept = BackupSettings(days=2, weeks=2, months=2)
    stored: list[Backup] = []
    # From a Monday that begins a month, until the Monday two weeks later.
    for day in range(15):
        moment = MONDAY + timedelta(days=day)
        stored = add_expiry([*stored, Backup(str(day), moment, 1, 1)], kept)
        expired = find_expired(stored, moment)
        stored = [item for item in stored if item not in expired]
    assert [(item.taken_at.day, str(item.expires_on)) for item in stored] == [
        (15, "2026-06-29"),
        (14, "2026-06-16"),
        (8, "2026-06-22"),
        (1, "2026-08-02"),
    ]
    # Long after, the newest stays until there is another.
    late = MONDAY + timedelta(days=400)
    assert find_expired(stored, late) == stored[1:]
    assert find_expired(add_expiry([Backup("0", MONDAY, 1, 1)], BackupSettings()), late) == []


def test_a_run_deletes_what_has_expired(home: Settings, tool: str) -> None:
    """Prevents expired backups that stay, and one that takes data of a later one along."""
    first = take_backup(home, MONDAY).backup
    assert str(first.expires_on) == "2026-06-15"
    assert len(list_backups(home)) == 1
    run = take_backup(home, MONDAY + timedelta(days=14))
    assert [item.backup_id for item in run.forgotten] == [first.backup_id]
    assert [item.backup_id for item in list_backups(home)] == [run.backup.backup_id]
    assert verify_backups(home) > 1000


def test_data_of_forgotten_backups_alone_is_deleted(home: Settings, store: None) -> None:
    """Prevents a child's records that stay in the place after the last backup with them."""
    take_backup(home, MONDAY)
    before = set(_stored_files(home))
    (home.models / "facts.json").write_text("{}", encoding="utf-8")
    shutil.rmtree(home.published)
    take_backup(home, MONDAY + timedelta(days=20))
    assert len(list_backups(home)) == 1
    assert len(before - set(_stored_files(home))) > 1
    assert verify_backups(home) > 0


def test_a_time_chooses_the_last_backup_before_it(
    home: Settings, tool: str, tmp_path: Path
) -> None:
    """Prevents a restore of a state after the fault that it is to undo."""
    with pytest.raises(BackupError, match="run `register backup`"):
        restore_backup(home, tmp_path / "restored")
    ids = [take_backup(home, MONDAY + timedelta(days=day)).backup.backup_id for day in range(3)]
    for wanted, expected in (
        (None, ids[2]),
        (ids[0], ids[0]),
        ("2026-06-02", ids[1]),
        ("2026-06-02T01:59:59", ids[0]),
        ("2026-06-02T03:00:00+01:00", ids[1]),
    ):
        folder = tmp_path / str(wanted)
        assert restore_backup(home, folder, wanted).backup_id == expected
    for wanted in ("2026-05-31", "no id"):
        with pytest.raises(BackupNotFoundError):
            restore_backup(home, tmp_path / "restored", wanted)


def test_a_folder_with_anything_in_it_is_refused(
    home: Settings, store: None, tmp_path: Path
) -> None:
    """Prevents a restore over a home that is in use."""
    take_backup(home)
    before = _contents(home.home)
    with pytest.raises(BackupError, match="is not empty"):
        restore_backup(home, home.home)
    # This home was in use after a restore that was killed as its last step.
    (home.home / UNFINISHED).mkdir()
    with pytest.raises(BackupError, match="is not empty"):
        restore_backup(home, home.home)
    assert _contents(home.home) == before


def test_a_killed_restore_can_be_run_again(home: Settings, tool: str, tmp_path: Path) -> None:
    """Prevents half a home that a load takes for a whole one, or that blocks the next restore."""
    take_backup(home)
    target = tmp_path / "restored"
    (target / UNFINISHED / "landing").mkdir(parents=True)
    (target / UNFINISHED / "landing" / "half").write_bytes(b"1")
    shutil.copytree(home.decisions, target / "decisions")
    restored = _restore(home, target)
    assert _contents(restored.home) == _contents(home.home)
    assert not (target / UNFINISHED).exists()


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from register import durable
from register.backup import backups, chunk_store, home_copy, take_backup
from register.settings import load_settings
backups.is_restic_installed = lambda: False
settings = load_settings()
steps, last = 0, int(sys.argv[1])
def count(function):
    def counted(*arguments, **options):
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return counted
for module in (backups, chunk_store):
    module.write_whole = count(module.write_whole)
home_copy._copy_part = count(home_copy._copy_part)
take_backup(settings)
print(steps)
"""


def test_a_backup_that_is_killed_harms_no_other(
    home: Settings, store: None, tmp_path: Path
) -> None:
    """Prevents a kill or a power cut at any step from costing an earlier or a later backup."""
    take_backup(home, MONDAY)
    environment = os.environ | {
        "REGISTER_HOME": str(home.home),
        "REGISTER_ENVIRONMENT": "test",
        "REGISTER_BACKUP": home.backup.place,
        "REGISTER_BACKUP_KEY": KEY,
    }
    step = 0
    while True:
        step += 1
        (home.models / "facts.json").write_text(f"{step}", encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(step)],
            env=environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 0:
            break
        assert ran.returncode == -9, ran.stderr
        assert verify_backups(home) > 1000
    assert step > len(BACKED_UP) + 3
    assert not get_copy_folder(home).exists()
    restored = _restore(home, tmp_path / "restored")
    assert (restored.models / "facts.json").read_text(encoding="utf-8") == str(step)


def test_two_backups_of_one_home_do_not_meet(home: Settings, store: None) -> None:
    """Prevents one backup that removes the copy from which another is made."""
    with copy_home(home), pytest.raises(BackupBusyError, match="another backup of this home"):
        take_backup(home)


def test_a_place_that_cannot_be_used_is_named(home: Settings, tool: str, tmp_path: Path) -> None:
    """Prevents backups in a folder of something else, and an empty list for a wrong path."""
    away = with_backup(home, tmp_path / "typing-error")
    if tool == STORE:
        with pytest.raises(BackupError, match="has no backups"):
            list_backups(away)
        with pytest.raises(BackupError, match="other files"):
            take_backup(with_backup(home, home.decisions))
        remote = replace(home, backup=replace(home.backup, place="sftp:nobody@nowhere:/backups"))
        with pytest.raises(BackupError, match="needs restic"):
            take_backup(remote)
    with pytest.raises(BackupError, match="set REGISTER_BACKUP"):
        take_backup(replace(home, backup=replace(home.backup, place="")))


def test_a_backup_that_is_too_old_is_a_fault(home: Settings, store: None) -> None:
    """Prevents a timer that stopped, or a disk that is away, from being noticed at the fire."""
    now = datetime.now(UTC)
    unset = replace(home, backup=replace(home.backup, place=""))
    assert find_backup_fault(unset) is None
    fault = find_backup_fault(home)
    assert fault is not None
    assert "is not there" in fault
    take_backup(home)
    assert find_backup_fault(home) is None
    late = find_backup_fault(home, now + timedelta(hours=27))
    assert late == "the last verified backup is 27 hours old: run `register backup`"
    Path(home.backup.place).rename(f"{home.backup.place}-away")
    assert find_backup_fault(home) == fault
    other = Path(f"{home.backup.place}-away")
    assert find_backup_fault(with_backup(home, other)) is not None
