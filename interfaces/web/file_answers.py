"""The folder of the application in a home: closed to others, and locked while it is written.

What lies in it belongs to accounts, claims and the access log.
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


def web_file(settings: Settings, name: str) -> Path:
    """The path of one of the application's files; its folder is there and closed."""
    folder = settings.web_folder
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder.chmod(PRIVATE_FOLDER)
    return folder / name


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Let one process and thread at a time work on a file."""
    with path.with_name(f".{path.name}.lock").open("ab") as lock:
        Path(lock.name).chmod(FILE_MODE)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_json(path: Path) -> Any:
    """What a JSON file has; an empty object where there is none."""
    return json.loads(path.read_bytes()) if path.exists() else {}


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole, for the operator alone."""
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode(), FILE_MODE)


def signing_secret(settings: Settings) -> str:
    """The secret that signs sessions and forms; made when it is first asked for."""
    path = web_file(settings, SECRET)
    with hold(path):
        if not path.exists():
            write_whole(path, secrets.token_urlsafe(SECRET_BYTES).encode(), FILE_MODE)
        return path.read_text(encoding="utf-8")
