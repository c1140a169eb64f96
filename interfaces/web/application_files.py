"""Files in the application's folder of a home. They are private, and locked during writing.

Their content belongs in `accounts` and `claims`.
"""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from register.access import PRIVATE_FOLDER
from register.durable import write_whole
from register.settings import Settings

FILE_MODE = 0o600
SECRET = "secret"  # noqa: S105 - the name of a file
SECRET_BYTES = 48


def prepare_file_path(settings: Settings, name: str) -> Path:
    """Return the path of a file of the application, after creating its private folder."""
    folder = settings.web_folder
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder.chmod(PRIVATE_FOLDER)
    return folder / name


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Lock a file for this thread and process until the block ends."""
    with path.with_name(f".{path.name}.lock").open("ab") as lock:
        Path(lock.name).chmod(FILE_MODE)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_json(path: Path) -> Any:
    """Read a JSON file, or return an empty object if there is no file."""
    return json.loads(path.read_bytes()) if path.exists() else {}


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file atomically; only the operator can read it."""
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode(), FILE_MODE)


def read_signing_secret(settings: Settings) -> str:
    """Read the secret that signs sessions and forms; create it if there is none."""
    path = prepare_file_path(settings, SECRET)
    with lock_file(path):
        if not path.exists():
            write_whole(path, secrets.token_urlsafe(SECRET_BYTES).encode(), FILE_MODE)
        return path.read_text(encoding="utf-8")
