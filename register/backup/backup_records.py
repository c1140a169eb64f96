"""What a backup is to its users, and the date on which it expires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from register.backup_settings import BackupSettings


class BackupError(RuntimeError):
    """A backup cannot be made, read or restored; the message says what to do."""


class BackupBusyError(BackupError):
    """Another process is using the same home's or place's backups."""


class BackupNotFoundError(BackupError):
    """There is no such backup."""


@dataclass(frozen=True)
class Backup:
    """A stored backup of a home.

    `byte_count` and `file_count` are those of the home. `key_ids` names the keys that are needed to
    use what is restored. From `expires_on` on, the next run deletes the backup, unless it is the
    newest.
    """

    backup_id: str
    taken_at: datetime
    byte_count: int
    file_count: int
    key_ids: Mapping[str, str] = field(default_factory=dict)
    expires_on: date | None = None


class Repository(Protocol):
    """A place with backups, as each tool offers it."""

    def write_backup(self, folder: Path, taken_at: datetime, key_ids: Mapping[str, str]) -> str:
        """Store a folder as a new backup, and return its id. Equal content is stored once."""

    def verify_backup(self, backup_id: str, folder: Path) -> None:
        """Read back what was stored of this folder. Raises `BackupError` if it differs."""

    def verify_everything(self) -> int:
        """Read and decrypt all data of all backups, and return how many bytes were read."""

    def list_backups(self) -> list[Backup]:
        """Return every backup, in any order, without the date of expiry."""

    def restore(self, backup_id: str, folder: Path) -> None:
        """Restore a backup into an empty folder."""

    def forget_backups(self, backup_ids: list[str]) -> None:
        """Delete backups, and all data that no other backup needs."""


def add_expiry(backups: Iterable[Backup], settings: BackupSettings) -> list[Backup]:
    """Return the backups, newest first, with the date on which each expires."""
    weeks: set[tuple[int, int]] = set()
    months: set[tuple[int, int]] = set()
    dated = []
    for backup in sorted(backups, key=lambda item: item.taken_at):
        day = backup.taken_at.astimezone(UTC).date()
        week, month = day.isocalendar()[:2], (day.year, day.month)
        kept_days = max(
            settings.days,
            0 if week in weeks else settings.weeks * 7,
            0 if month in months else settings.months * 31,
        )
        weeks.add(week)
        months.add(month)
        dated.append(replace(backup, expires_on=day + timedelta(days=kept_days)))
    return dated[::-1]


def find_expired(backups: list[Backup], now: datetime) -> list[Backup]:
    """Return the backups, given newest first, that have expired. The newest never expires."""
    today = now.astimezone(UTC).date()
    return [item for item in backups[1:] if item.expires_on and item.expires_on <= today]


def choose_backup(backups: list[Backup], moment_or_id: str | None) -> Backup:
    """Return the backup, of those given newest first, with this id or the last before this time.

    `moment_or_id` is an id, a date (its end counts) or an ISO 8601 time, in UTC unless it has an
    offset. Without it, the newest is returned. Raises `BackupNotFoundError` if there is none.
    """
    if not backups:
        raise BackupNotFoundError("there is no backup yet: run `register backup`")
    if moment_or_id is None:
        return backups[0]
    by_id = [item for item in backups if item.backup_id.startswith(moment_or_id)]
    if len(by_id) == 1:
        return by_id[0]
    moment = _parse_moment(moment_or_id)
    if moment is None:
        raise BackupNotFoundError(f"no backup {moment_or_id}: see `register backup list`")
    for item in backups:
        if item.taken_at <= moment:
            return item
    raise BackupNotFoundError(
        f"no backup was taken before {moment_or_id}: see `register backup list`"
    )


def _parse_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == len("2026-01-31"):
        moment += timedelta(days=1, microseconds=-1)
    elif "." not in text:
        # Times are shown in whole seconds.
        moment += timedelta(seconds=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
