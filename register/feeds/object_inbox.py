"""An inbox in an object store: S3-compatible or Azure, reached through fsspec.

An object appears at once and complete. Options are those of s3fs and adlfs.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from register.feeds.delivery_rules import Rule
from register.feeds.inbox_storage import InboxFile
from register.feeds.remote_inbox import ANSWER_SECONDS, CONNECT_SECONDS, RemoteInbox

# The ETag of an object that was written in one part is the MD5 hash of its content.
MD5 = re.compile(r"[0-9a-f]{32}")
VERSION_IN_NAME = "?versionId="
S3_OPTIONS = {
    "config_kwargs": {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "retries": {"max_attempts": 1},
    }
}


@dataclass(frozen=True)
class ObjectInbox(RemoteInbox):
    """An inbox at `s3://bucket/path` or `abfs://container/path`."""

    def connect(self) -> Any:
        """Return a file system of fsspec, which remembers no listing."""
        kind = urlsplit(self.place).scheme
        usual = S3_OPTIONS if kind == "s3" else {}
        options = {**usual, **self.options, "use_listings_cache": False}
        return fsspec.filesystem(kind, skip_instance_cache=True, **options)

    @property
    def root(self) -> str:
        """The bucket or container, with the path within it."""
        address = urlsplit(self.place)
        return f"{address.netloc}{address.path}".rstrip("/")

    def list_below(self, connection: Any, folder: str) -> list[InboxFile]:
        """Return the objects below a folder; see `RemoteInbox`."""
        start = f"{self.root}/{folder}" if folder else self.root
        if not folder and not connection.exists(self.root.split("/")[0]):
            raise ConnectionError("no such bucket")
        found = connection.find(start, detail=True)
        return [
            _describe(path.removeprefix(f"{self.root}/"), info)
            for path, info in found.items()
            if path.startswith(f"{start}/")
            and info["type"] == "file"
            # Consoles make an empty object for each folder.
            and not (path.endswith("/") and not info["size"])
        ]

    def find_file(self, connection: Any, path: str) -> InboxFile:
        """Return an object's size, time and version; see `RemoteInbox`."""
        info = connection.info(f"{self.root}/{path}")
        if info["type"] != "file":
            raise FileNotFoundError
        return _describe(path, info)

    def read_start(self, connection: Any, path: str, size: int) -> bytes:
        """Return the first bytes of an object; see `RemoteInbox`."""
        if self.find_file(connection, path).size == 0:
            return b""
        return bytes(connection.cat_file(f"{self.root}/{path}", start=0, end=size))

    def write_file(self, connection: Any, path: str, source: Path | bytes) -> None:
        """Write an object, which appears once it is complete; see `RemoteInbox`."""
        if isinstance(source, bytes):
            connection.pipe_file(f"{self.root}/{path}", source)
        else:
            connection.put_file(str(source), f"{self.root}/{path}")

    def delete_file(self, connection: Any, path: str) -> None:
        """Remove an object; see `RemoteInbox`."""
        connection.rm_file(f"{self.root}/{path}")

    def is_intact(self, file: InboxFile, data: bytes) -> bool:
        """Return whether the data have the object's MD5 hash, if its version is one."""
        if not MD5.fullmatch(file.version):
            return True
        return hashlib.md5(data, usedforsecurity=False).hexdigest() == file.version


def _describe(path: str, info: dict[str, Any]) -> InboxFile:
    modified = info.get("LastModified") or info.get("last_modified")
    moment = int(modified.timestamp() * 1e9) if isinstance(modified, datetime) else 0
    # The library reads such a name as a version of another object.
    fault = Rule.NOT_A_FILE if VERSION_IN_NAME in path else None
    version = str(info.get("ETag") or info.get("etag") or "").strip('"')
    return InboxFile(path, int(info["size"]), moment, moment, fault, version)
