"""`register keys`: make keys, list those in use, and rewrite files under a new key."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from interfaces.command_line import console
from register.data_keys import KeyRing, MissingKeyError, make_key
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


def _require_ring(settings: Settings) -> KeyRing:
    if settings.data_keys is None:
        console.stop(NO_RING)
    return settings.data_keys
