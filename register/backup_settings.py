"""Settings of backups: where they go, how long they are kept, and the key that encrypts them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from register.setting_values import read_number
from register.variables import declare_variable


@dataclass(frozen=True)
class BackupSettings:
    """Settings of `register backup` and `register restore`.

    `place` is an absolute folder, or an address that restic understands.
    """

    place: str = declare_variable(
        "REGISTER_BACKUP",
        "folder, or address of restic such as `sftp:user@host:/backups`",
        "Where `register backup` writes and `register restore` reads.",
        "none",
        default="",
    )
    key: str = declare_variable(
        "REGISTER_BACKUP_KEY",
        "text, secret",
        "The key that encrypts backups: 32 characters or more. Without it no backup can be read, so"
        " keep it in a secret store.",
        "none",
        default="",
        repr=False,
    )
    key_command: str = declare_variable(
        "REGISTER_BACKUP_KEY_COMMAND",
        "command",
        "A command that prints the key of backups; it replaces `REGISTER_BACKUP_KEY`.",
        "none",
        default="",
    )
    days: int = declare_variable(
        "REGISTER_BACKUP_DAYS",
        "whole number",
        "Days for which each backup is kept.",
        default=14,
    )
    weeks: int = declare_variable(
        "REGISTER_BACKUP_WEEKS",
        "whole number",
        "Weeks for which the first backup of each week is kept.",
        default=0,
    )
    months: int = declare_variable(
        "REGISTER_BACKUP_MONTHS",
        "whole number",
        "Months of 31 days for which the first backup of each month is kept. A backup holds an"
        " erased child until it expires.",
        default=0,
    )
    alert_hours: float = declare_variable(
        "REGISTER_BACKUP_ALERT_HOURS",
        "number",
        "The age in hours of the last verified backup from which `register doctor` names a fault.",
        default=26.0,
    )

    @property
    def is_folder(self) -> bool:
        """Whether backups go to a folder of this machine."""
        return self.place.startswith("/")

    @classmethod
    def read(cls, values: Mapping[str, str]) -> BackupSettings:
        """Return the settings that `values` contain. Raises `SettingsError` for a wrong number."""
        return cls(
            place=resolve_place(values.get("REGISTER_BACKUP", "")),
            key=values.get("REGISTER_BACKUP_KEY", ""),
            key_command=values.get("REGISTER_BACKUP_KEY_COMMAND", ""),
            days=int(read_number(values, "REGISTER_BACKUP_DAYS", 14, minimum=1)),
            weeks=int(read_number(values, "REGISTER_BACKUP_WEEKS", 0, minimum=0)),
            months=int(read_number(values, "REGISTER_BACKUP_MONTHS", 0, minimum=0)),
            alert_hours=read_number(values, "REGISTER_BACKUP_ALERT_HOURS", 26.0, minimum=1.0),
        )


def resolve_place(place: str) -> str:
    """Return a place with a relative folder made absolute. Addresses stay as they are."""
    if not place or re.match(r"\w+:", place):
        return place
    return str(Path(place).expanduser().resolve())
