"""Backups of a home: consistent while a load runs, incremental, encrypted and verified.

What a home contains belongs to the packages that write it; here its files are only bytes.
"""

from register.backup.backup_records import (
    Backup,
    BackupBusyError,
    BackupError,
    BackupNotFoundError,
)
from register.backup.backups import (
    find_backup_fault,
    forget_expired,
    list_backups,
    note_restore,
    restore_backup,
    take_backup,
    verify_backups,
)

__all__ = [
    "Backup",
    "BackupBusyError",
    "BackupError",
    "BackupNotFoundError",
    "find_backup_fault",
    "forget_expired",
    "list_backups",
    "note_restore",
    "restore_backup",
    "take_backup",
    "verify_backups",
]
