"""Taking, listing, verifying and restoring the backups of a home.

restic is used where it is installed, and the store of this package otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from register.access_record import Entry, read_states, record_access
from register.backup.backup_records import (
    Backup,
    BackupError,
    Repository,
    add_expiry,
    choose_backup,
    find_expired,
)
from register.backup.chunk_store import DESCRIPTION, ChunkStore
from register.backup.home_copy import BACKED_UP, copy_home, remove_tree
from register.backup.restic import ResticRepository, is_restic_installed
from register.durable import flush, write_whole
from register.key_strength import find_key_fault
from register.settings import Settings

KEY_COMMAND_SECONDS = 60
STATE_MODE = 0o600
# The folder inside a new home that holds what is restored until all of it is there.
UNFINISHED = ".restoring"


@dataclass(frozen=True)
class BackupRun:
    """The result of a run: the verified backup, and the backups that had expired."""

    backup: Backup
    forgotten: Sequence[Backup]


def take_backup(settings: Settings, now: datetime | None = None) -> BackupRun:
    """Back up a home, verify what was written, and delete expired backups.

    Raises `BackupError` if anything fails. The backups before then stay as they are.
    """
    moment = now or datetime.now(UTC)
    with _explain_disk_faults(), copy_home(settings) as folder:
        repository = open_repository(settings, may_create=True)
        backup_id = repository.write_backup(folder, moment, list_key_ids(settings))
        repository.verify_backup(backup_id, folder)
    place = _hash_place(settings)
    state = {"backup_id": backup_id, "taken_at": moment.isoformat(), "place_sha256": place}
    write_whole(_state_file(settings), json.dumps(state).encode(), STATE_MODE)
    backups = add_expiry(repository.list_backups(), settings.backup)
    forgotten = _forget_expired(repository, backups, moment)
    written = next(item for item in backups if item.backup_id == backup_id)
    return BackupRun(written, forgotten)


def forget_expired(settings: Settings, now: datetime | None = None) -> list[Backup]:
    """Delete expired backups and the data that only they need, and return these backups."""
    repository = open_repository(settings)
    backups = add_expiry(repository.list_backups(), settings.backup)
    return _forget_expired(repository, backups, now or datetime.now(UTC))


def _forget_expired(repository: Repository, backups: list[Backup], now: datetime) -> list[Backup]:
    expired = find_expired(backups, now)
    repository.forget_backups([item.backup_id for item in expired])
    return expired


def list_backups(settings: Settings) -> list[Backup]:
    """Return every backup, newest first, with the date on which it expires."""
    return add_expiry(open_repository(settings).list_backups(), settings.backup)


def verify_backups(settings: Settings) -> int:
    """Read and decrypt all data of all backups, and return how many bytes were read.

    Raises `BackupError` if anything is missing or was changed.
    """
    repository = open_repository(settings)
    byte_count = repository.verify_everything()
    state = _read_state(settings)
    listed = {item.backup_id for item in repository.list_backups()}
    if state.get("place_sha256") == _hash_place(settings) and state["backup_id"] not in listed:
        raise BackupError("the last backup of this home is gone: run `register backup`")
    return byte_count


def restore_backup(settings: Settings, home: Path, moment_or_id: str | None = None) -> Backup:
    """Restore a backup into an empty folder, and return it. Only the operator can read the result.

    `moment_or_id` is as for `choose_backup`. If the process is killed, a new call starts over.
    """
    repository = open_repository(settings)
    backup = choose_backup(add_expiry(repository.list_backups(), settings.backup), moment_or_id)
    unfinished = home / UNFINISHED
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    _remove_unfinished(home)
    unfinished.mkdir(mode=0o700)
    with _explain_disk_faults():
        repository.restore(backup.backup_id, unfinished)
        _close_to_others(unfinished)
    # One flush of all disks takes less time than one of each file.
    os.sync()
    for path in unfinished.iterdir():
        path.rename(home / path.name)
    flush(home)
    unfinished.rmdir()
    return backup


def note_restore(settings: Settings, backup_id: str) -> None:
    """Record that a home was restored from a backup, and what its files then were.

    The backup may have been taken between an act and its entry. Raises `RecordError` if the record
    cannot be continued.
    """
    states = read_states(settings)
    record_access(settings, Entry("record", "restored", keys=(backup_id,), states=states))


def _remove_unfinished(home: Path) -> None:
    """Remove what a killed restore left. Raises `BackupError` if the folder has anything else."""
    names = {path.name for path in home.iterdir()}
    left = {UNFINISHED, *(part.partition("/")[0] for part in BACKED_UP)}
    if names and (UNFINISHED not in names or names - left):
        raise BackupError(f"{home} is not empty: restore into an empty folder")
    for name in names:
        remove_tree(home / name)


def find_backup_fault(settings: Settings, now: datetime | None = None) -> str | None:
    """Return why the backups of a home need attention, or None if they do not."""
    if not settings.backup.place:
        return None
    if settings.backup.is_folder and not Path(settings.backup.place).is_dir():
        return "the folder of REGISTER_BACKUP is not there: mount it, or run `register backup`"
    state = _read_state(settings)
    if not state:
        return "this home has no verified backup: run `register backup`"
    taken_at = datetime.fromisoformat(state["taken_at"])
    if state["place_sha256"] != _hash_place(settings):
        return "REGISTER_BACKUP is another place since the last backup: run `register backup`"
    hours = ((now or datetime.now(UTC)) - taken_at).total_seconds() / 3600
    if hours > settings.backup.alert_hours:
        return f"the last verified backup is {hours:.0f} hours old: run `register backup`"
    return None


@contextmanager
def _explain_disk_faults() -> Iterator[None]:
    """Raise `BackupError` for an error of a disk. The name of a file may name a child."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"a file cannot be read or written: {error.strerror}") from None


def list_key_ids(settings: Settings) -> dict[str, str]:
    """Return the ids of the keys that a restored home needs. No id tells anything about its key."""
    data_keys = settings.data_keys.keys if settings.data_keys else ()
    named = {f"data_key_{number}": key.id for number, key in enumerate(data_keys, start=1)}
    return {"pseudonym_key": settings.key_id, **named}


def open_repository(settings: Settings, *, may_create: bool = False) -> Repository:
    """Return the backups at `REGISTER_BACKUP`, by the tool that wrote them.

    A new place gets restic if it is installed. Raises `BackupError` if the place or the key cannot
    be used.
    """
    place = settings.backup.place
    if not place:
        raise BackupError("no place for backups: set REGISTER_BACKUP")
    key = _read_key(settings)
    is_store = settings.backup.is_folder and (Path(place) / DESCRIPTION).exists()
    is_restics = not settings.backup.is_folder or (Path(place) / "config").exists()
    if is_restics and not is_restic_installed():
        raise BackupError("REGISTER_BACKUP needs restic: install it, or choose a folder of its own")
    if is_restics or (is_restic_installed() and not is_store):
        return ResticRepository(place, key)
    if not is_store and not may_create:
        raise BackupError(
            "REGISTER_BACKUP has no backups: check the place, and run `register backup`"
        )
    return ChunkStore(Path(place), key)


def _read_key(settings: Settings) -> str:
    key = settings.backup.key
    if settings.backup.key_command:
        key = _run_key_command(settings.backup.key_command)
    if not key:
        raise BackupError(
            "no key for backups: set REGISTER_BACKUP_KEY or REGISTER_BACKUP_KEY_COMMAND"
        )
    fault = find_key_fault(key)
    if fault is not None and settings.environment == "production":
        raise BackupError(f"REGISTER_BACKUP_KEY is no key for production: {fault}")
    return key


def _run_key_command(command: str) -> str:
    try:
        result = subprocess.run(
            shlex.split(command),
            env={
                name: value
                for name, value in os.environ.items()
                if not name.startswith("REGISTER_")
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=KEY_COMMAND_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # The error's text may have the output, so only its type is shown.
        kind = type(error).__name__
        raise BackupError(f"REGISTER_BACKUP_KEY_COMMAND failed: {kind}") from None
    return result.stdout.strip()


def _close_to_others(folder: Path) -> None:
    """Take away the rights of groups, whose ids another machine may give to somebody else.

    What everybody could read stays so: these are published releases of statistics.
    """
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if mode & 0o070 and not mode & 0o004 and not stat.S_ISLNK(mode):
            path.chmod(mode & 0o700)


def _hash_place(settings: Settings) -> str:
    """Return a hash of the place, which may be an address with a password."""
    return hashlib.sha256(settings.backup.place.encode()).hexdigest()


def _read_state(settings: Settings) -> dict[str, str]:
    """Return the id, time and place of the last verified backup; empty if none is known."""
    try:
        state = json.loads(_state_file(settings).read_bytes())
        return {name: str(state[name]) for name in ("backup_id", "taken_at", "place_sha256")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _state_file(settings: Settings) -> Path:
    return settings.warehouse / "last_backup.json"
