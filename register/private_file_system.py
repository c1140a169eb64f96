"""Private files for DuckDB: a file system that decrypts them in memory.

DuckDB reads a private file under the address `private://` and its absolute path. No plain copy is
written. Only small files, such as decisions, are read in this way.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import duckdb
from fsspec import AbstractFileSystem

from register.data_keys import KeyRing
from register.private_files import read_private

PROTOCOL = "private"


class PrivateFileSystem(AbstractFileSystem):
    """A read-only file system of the private files under the keys of a ring."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self, ring: KeyRing) -> None:
        super().__init__()
        self._ring = ring

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        if mode != "rb":
            raise PermissionError(f"private files are only read here, not opened with '{mode}'")
        return io.BytesIO(read_private(self._ring, Path(path)))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return the name and the type of a file."""
        place = Path(self._strip_protocol(path))
        if not place.is_file():
            raise FileNotFoundError(place.name)
        return {"name": str(place), "type": "file", "size": len(read_private(self._ring, place))}


def open_private_files(connection: duckdb.DuckDBPyConnection, ring: KeyRing | None) -> None:
    """Let a connection read private files, if there is a key ring."""
    if ring is not None:
        connection.register_filesystem(PrivateFileSystem(ring))
