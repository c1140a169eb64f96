"""`register restore`: restore a home from a backup, and check it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.commands.backup import (
    PLACE,
    load_backup_settings,
    stop_on_backup_errors,
)
from interfaces.command_line.commands.doctor import check_restored, show_findings
from interfaces.command_line.lazy_modules import backup as backups
from register.access_record import RecordError
from register.home import prepare_home


def restore(
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new home: an empty folder.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME|BACKUP",
            help="Restore this backup, or the last one taken before this time (UTC).",
        ),
    ] = None,
    source: Annotated[str, typer.Option("--from", metavar="PLACE", help=PLACE)] = "",
    as_json: console.AsJson = False,
) -> None:
    """Restore a home, and read every byte of it to check it; exit code 1 if it has a fault.

    If the command is interrupted, run it again.
    """
    settings = load_backup_settings(source)
    home = to.expanduser().resolve()
    with stop_on_backup_errors():
        restored = backups.restore_backup(settings, home, at)
    settings = replace(settings, home=home)
    prepare_home(settings)
    with console.stop_on(RecordError):
        backups.note_restore(settings, restored.backup_id)
    console.notices.print(
        f"Backup {restored.backup_id} of {restored.taken_at:%Y-%m-%d %H:%M:%S} UTC is restored."
        " Its files are being checked."
    )
    show_findings(check_restored(settings, restored.key_ids.get("pseudonym_key")), as_json)
