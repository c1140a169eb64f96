"""`register backup`: back up a home, and list, verify and forget backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import backup as backups
from register.backup_settings import resolve_place
from register.settings import Settings, SettingsError, load_settings

app = typer.Typer(
    help="Back up what cannot be rebuilt, verify it, and delete expired backups.",
    invoke_without_command=True,
)
PLACE = "A folder, or an address of restic, instead of REGISTER_BACKUP."


@app.callback()
def take(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help=PLACE)] = "",
    as_json: console.AsJson = False,
) -> None:
    """Back up the home, even while a load runs. Verify what was written; delete expired backups."""
    settings = load_backup_settings(to)
    context.obj = settings
    if context.invoked_subcommand is not None:
        return
    with stop_on_backup_errors():
        run = backups.take_backup(settings)
    if as_json:
        console.write_json(
            {**asdict(run.backup), "forgotten": [i.backup_id for i in run.forgotten]}
        )
        return
    console.output.print(
        f"Backup {run.backup.backup_id} is written and verified: {run.backup.file_count:,} files,"
        f" {run.backup.byte_count / 1e6:,.0f} MB. {len(run.forgotten)} expired backups deleted."
    )


@app.command(name="list")
def list_all(context: typer.Context, as_json: console.AsJson = False) -> None:
    """List the backups, newest first, with size and date of expiry."""
    with stop_on_backup_errors():
        stored = backups.list_backups(context.obj)
    if as_json:
        console.write_json([asdict(item) for item in stored])
        return
    rows = [
        [
            item.backup_id,
            f"{item.taken_at:%Y-%m-%d %H:%M:%S}",
            f"{item.file_count:,}",
            f"{item.byte_count / 1e6:,.0f}",
            str(item.expires_on),
            " ".join(f"{name}={value}" for name, value in item.key_ids.items()),
        ]
        for item in stored
    ]
    headings = ["!backup", "!taken (UTC)", "#files", "#MB", "!expires", "keys needed"]
    console.show_table(console.format_count(len(stored), "backup"), headings, rows)


@app.command()
def verify(context: typer.Context) -> None:
    """Read and decrypt all data of all backups, and compare them with their hashes."""
    with stop_on_backup_errors():
        count = backups.verify_backups(context.obj)
    console.output.print(f"{count / 1e6:,.0f} MB read: every backup is whole.")


@app.command()
def forget(context: typer.Context) -> None:
    """Delete expired backups now. Each backup does this at its end."""
    with stop_on_backup_errors():
        expired = backups.forget_expired(context.obj)
    console.output.print(f"{len(expired)} expired backups deleted.")


def load_backup_settings(place: str) -> Settings:
    """Return the settings with `place`, if it is given, as the place of backups."""
    with console.stop_on(SettingsError):
        settings = load_settings()
    if not place:
        return settings
    return replace(settings, backup=replace(settings.backup, place=resolve_place(place)))


@contextmanager
def stop_on_backup_errors() -> Iterator[None]:
    """End the command with the message of an error about backups, and the exit code for it."""
    with (
        console.stop_on(backups.BackupError),
        console.stop_on(backups.BackupNotFoundError, code=console.NOT_FOUND),
        console.stop_on(backups.BackupBusyError, code=console.BUSY),
    ):
        yield
