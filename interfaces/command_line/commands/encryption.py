"""`register keys`: make keys, list those in use, and rewrite files under a new key."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.command_line import console
from interfaces.command_line.lazy_modules import review
from interfaces.command_line.recorded_output import Purpose, record_output, require_level
from register.access import PRIVATE_FOLDER
from register.access_record import Entry, RecordError
from register.approvals import ApprovalError, require_approval
from register.data_keys import KeyRing, MissingKeyError, make_key
from register.durable import write_whole
from register.private_files import (
    FILE_MODE,
    PrivateFileError,
    list_private_files,
    read_private,
)
from register.settings import load_settings

if TYPE_CHECKING:
    from register.settings import Settings

NO_RING = "this home has no keys: set REGISTER_DATA_KEYS to a line that `register keys new` prints"

app = typer.Typer(
    help="Make and list the keys that encrypt files, and rewrite files under a new key.",
    no_args_is_help=True,
)


@app.callback()
def keys() -> None:
    """Make and list the keys that encrypt files, and rewrite files under a new key."""


@app.command()
def new() -> None:
    """Print a new random key as a line `ID SECRET`, for a secret store.

    The line is stored nowhere. Put it before the lines of former keys.
    """
    key = make_key()
    typer.echo(f"{key.id} {key.secret}")


@app.command(name="list")
def list_keys(as_json: console.AsJson = False) -> None:
    """List the ids of keys, and how many files of each kind are encrypted under each."""
    from register.encrypted_kinds import ENCRYPTED_KINDS
    from register.key_rotation import count_files

    settings = load_settings()
    ring = _require_ring(settings)
    with console.stop_on(MissingKeyError):
        counts = count_files(settings, ENCRYPTED_KINDS)
    ids = [*(key.id for key in ring.keys), *sorted({key_id for _, key_id in counts})]
    ids = list(dict.fromkeys(ids))
    if as_json:
        console.write_json(
            [
                {
                    "key_id": key_id,
                    "is_current": key_id == ring.current.id,
                    "files": {kind: counts[kind, key] for kind, key in counts if key == key_id},
                }
                for key_id in ids
            ]
        )
        return
    rows = []
    for key_id in ids:
        use = Counter({kind: counts[kind, key] for kind, key in counts if key == key_id})
        is_current = "yes" if key_id == ring.current.id else ""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(use.items()))
        rows.append([key_id, is_current, f"{use.total():,}", kinds])
    console.show_table("", ["!key", "current", "#files", "kinds"], rows)


@app.command()
def rotate() -> None:
    """Rewrite every file that is plain or under a former key, under the current key.

    A rotation that was interrupted continues when the command is run again. No load may run.
    """
    from orchestration.locks import BusyError, WarehouseBusyError, command_lock, warehouse_lock
    from register.encrypted_kinds import ENCRYPTED_KINDS
    from register.home import prepare_home
    from register.key_rotation import rotate_files

    settings = load_settings()
    ring = _require_ring(settings)
    prepare_home(settings)
    done: Counter[str] = Counter()
    with (
        console.stop_on(BusyError, WarehouseBusyError, code=console.BUSY),
        console.stop_on(MissingKeyError),
        command_lock(settings),
        warehouse_lock(settings),
        console.notices.status("Rewriting files") as status,
    ):
        for kind, _ in rotate_files(settings, ENCRYPTED_KINDS):
            done[kind.name] += 1
            status.update(f"Rewriting files: {done.total():,}, now {kind.name}")
    for name, count in done.items():
        console.write_line(f"{count:,} {name} rewritten")
    console.write_line(f"Every file is under the key {ring.current.id}.")
    for key in ring.keys[1:]:
        console.write_line(f"The key {key.id} is no longer used: keep it only for old backups.")


@app.command("rotate-pseudonyms")
def rotate_pseudonyms() -> None:
    """Give decisions and the key log the keys of a new pseudonym key, and keep a crosswalk.

    REGISTER_PSEUDONYM_KEY is the new key, and REGISTER_PSEUDONYM_KEY_BEFORE the former one. If the
    command is interrupted, run it again. No load may run.
    """
    from orchestration.dbt import DbtError
    from orchestration.locks import BusyError, WarehouseBusyError
    from orchestration.warehouse_exports import rekey_home

    with (
        console.stop_on(BusyError, WarehouseBusyError, code=console.BUSY),
        console.stop_on(DbtError, review.ReviewError, RecordError),
    ):
        done = rekey_home(load_settings())
    console.write_line(f"{done.row_count:,} rows of decisions have new keys.")
    if done.unknown_row_count:
        console.write_line(
            f"{done.unknown_row_count:,} rows keep their keys: their records are not delivered now."
        )
    console.write_line("Every published key changes with the next load: run `register load`.")


@app.command()
def decrypt(
    file: Annotated[
        Path,
        typer.Argument(help="An encrypted file of the home, or a folder with such files."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="A folder outside the home; it is created."),
    ],
    purpose: Purpose = "",
) -> None:
    """Write plain copies of encrypted files, such as worksheets, review pages or feedback.

    The copies may name children: delete them when they are no longer needed. In production, a
    second person must approve: `register access request unmask FILE`, with the path in the home.
    """
    settings = load_settings()
    require_level(settings, "identity", "decrypted_files")
    source, target = file.resolve(), out.resolve()
    if target.is_relative_to(settings.home):
        console.stop(f"{out} is in the home: choose a folder outside it")
    known = list_private_files(settings.home)
    chosen = [path for path in known if path == source or source in path.parents]
    if not chosen:
        console.stop(f"{file} is no encrypted file of the home", console.NOT_FOUND)
    if settings.environment == "production":
        with console.stop_on(ApprovalError):
            require_approval(settings, "unmask", [source.relative_to(settings.home).as_posix()])
    names = tuple(path.relative_to(settings.home).as_posix() for path in chosen)
    record_output(settings, Entry("export", "decrypted_files", purpose, keys=names))
    for path in chosen:
        copy = target / path.relative_to(source.parent)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with console.stop_on(PrivateFileError):
            write_whole(copy, read_private(settings.data_keys, path), FILE_MODE)
    console.write_line(f"{len(chosen):,} files written to {out}")


def _require_ring(settings: Settings) -> KeyRing:
    if settings.data_keys is None:
        console.stop(NO_RING)
    return settings.data_keys
