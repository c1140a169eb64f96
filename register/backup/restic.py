"""Backups by restic, used through its command line as it is installed.

The password is passed in restic's environment, never as an argument. restic gets no other secret of
the register.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from register.backup.backup_records import Backup, BackupBusyError, BackupError
from register.hashing import hash_file

if TYPE_CHECKING:
    from io import BufferedReader

NO_REPOSITORY, LOCKED, WRONG_PASSWORD = 10, 11, 12
HOST = "register"


def is_restic_installed() -> bool:
    """Return whether the command `restic` is found."""
    return shutil.which("restic") is not None


class ResticRepository:
    """A repository of restic at a folder or an address."""

    def __init__(self, place: str, key: str) -> None:
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("REGISTER_")
        }
        # restic reads the time of a backup in the zone of its process.
        self._environment |= {"RESTIC_REPOSITORY": place, "RESTIC_PASSWORD": key, "TZ": "UTC"}

    def write_backup(self, folder: Path, taken_at: datetime, key_ids: Mapping[str, str]) -> str:
        """Store a folder as a new backup, and return its id. Equal content is stored once."""
        if self._start_restic("cat", "config").returncode == NO_REPOSITORY:
            self._run_restic("init")
        # This removes only locks of processes that have ended.
        self._run_restic("unlock")
        tags = [word for name, value in key_ids.items() for word in ("--tag", f"{name}={value}")]
        moment = f"{taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        # A hard link changes a file's ctime, and so is no sign of a change.
        options = ("--json", "--quiet", "--host", HOST, "--ignore-ctime", "--time", moment)
        lines = self._run_restic("backup", *options, *tags, ".", folder=folder).splitlines()
        return str(json.loads(lines[-1])["snapshot_id"])[:8]

    def verify_backup(self, backup_id: str, folder: Path) -> None:
        """Read the whole backup back, and compare every file with the folder that was stored."""
        expected = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        }
        command = ("dump", "--archive", "tar", backup_id, "/")
        try:
            with (
                subprocess.Popen(
                    ["restic", "--no-cache", *command],
                    env=self._environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                ) as process,
                tarfile.open(fileobj=process.stdout, mode="r|") as archive,
            ):
                for member in (item for item in archive if item.isfile()):
                    path = expected.pop(member.name.lstrip("/"), None)
                    content = cast("BufferedReader", archive.extractfile(member))
                    stored = hashlib.file_digest(content, "sha256").hexdigest()
                    if path is None or stored != hash_file(path):
                        raise _report_damage(backup_id)
        except tarfile.TarError:
            raise _report_damage(backup_id) from None
        if process.returncode != 0 or expected:
            raise _report_damage(backup_id)

    def verify_everything(self) -> int:
        """Read and decrypt all data of all backups, and return how many bytes were read."""
        self._run_restic("check", "--read-data")
        statistics = self._run_restic("stats", "--mode", "raw-data", "--json")
        return int(json.loads(statistics)["total_size"])

    def list_backups(self) -> list[Backup]:
        """Return every backup, in any order, without the date of expiry."""
        result = self._start_restic("snapshots", "--json", "--host", HOST)
        if result.returncode == NO_REPOSITORY:
            return []
        _check_result(result)
        return [_read_snapshot(item) for item in json.loads(result.stdout) or []]

    def restore(self, backup_id: str, folder: Path) -> None:
        """Restore a backup into an empty folder."""
        self._run_restic("restore", backup_id, "--target", str(folder))

    def forget_backups(self, backup_ids: list[str]) -> None:
        """Delete backups, and all data that no other backup needs."""
        if backup_ids:
            self._run_restic("forget", "--prune", *backup_ids)

    def _run_restic(self, *arguments: str, folder: Path | None = None) -> str:
        result = self._start_restic(*arguments, folder=folder)
        _check_result(result)
        return result.stdout

    def _start_restic(self, *arguments: str, folder: Path | None = None) -> Any:
        # Without a cache, no metadata stay on this machine.
        return subprocess.run(
            ["restic", "--no-cache", *arguments],
            env=self._environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def _check_result(result: Any) -> None:
    if result.returncode == NO_REPOSITORY:
        raise BackupError(
            "REGISTER_BACKUP has no backups: check the place, and run `register backup`"
        )
    if result.returncode == LOCKED:
        raise BackupBusyError("another process is using these backups: wait")
    if result.returncode == WRONG_PASSWORD:
        raise BackupError("these backups were made with another REGISTER_BACKUP_KEY")
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        raise BackupError(f"restic failed: {lines[-1]}")


def _read_snapshot(item: dict[str, Any]) -> Backup:
    summary = item.get("summary") or {}
    pairs = (tag.partition("=") for tag in item.get("tags") or [])
    return Backup(
        backup_id=item["short_id"],
        taken_at=datetime.fromisoformat(item["time"]),
        byte_count=summary.get("total_bytes_processed", 0),
        file_count=summary.get("total_files_processed", 0),
        key_ids={name: value for name, _, value in pairs},
    )


def _report_damage(name: str) -> BackupError:
    return BackupError(f"backup {name} is not what was stored: run `register backup verify`")
