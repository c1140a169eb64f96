"""An inbox on an SFTP server, whose key must be a known one.

A file is written under a name that ends with `.part`, and renamed once it is complete.
"""

from __future__ import annotations

import io
import logging
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paramiko

from register.feeds.delivery_rules import Rule
from register.feeds.inbox_storage import InboxChangedError, InboxFile, is_ignored
from register.feeds.remote_inbox import ANSWER_SECONDS, CONNECT_SECONDS, RemoteInbox

PORT = 22
PART = ".part"


@dataclass(frozen=True)
class SftpInbox(RemoteInbox):
    """An inbox at `sftp://user@host:port/path`.

    Options: `key_file`, `passphrase`, `password`, and `known_hosts_file` (default: the user's).
    """

    def connect(self) -> Any:
        """Return a session of SFTP. The server's key must be in the file of known hosts."""
        # The library's log names files.
        logging.getLogger("paramiko").setLevel(logging.CRITICAL)
        address = urlsplit(self.place)
        client = paramiko.SSHClient()
        known = self.options.get("known_hosts_file")
        client.load_system_host_keys(known) if known else client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            address.hostname or "",
            address.port or PORT,
            address.username,
            self.options.get("password"),
            key_filename=self.options.get("key_file"),
            passphrase=self.options.get("passphrase"),
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            allow_agent=False,
            look_for_keys=False,
        )
        session = client.open_sftp()
        channel = session.get_channel()
        assert channel is not None
        channel.settimeout(ANSWER_SECONDS)
        return session

    @property
    def root(self) -> str:
        """The path of the inbox on the server."""
        return urlsplit(self.place).path.rstrip("/")

    def list_below(self, connection: Any, folder: str) -> list[InboxFile]:
        """Return the files below a folder; see `RemoteInbox`."""
        files: list[InboxFile] = []
        pending = [folder]
        while pending:
            parent = pending.pop()
            try:
                entries = connection.listdir_attr(f"{self.root}/{parent}")
            except FileNotFoundError as error:
                if not parent:
                    raise ConnectionError("no such folder") from error
                continue
            except (PermissionError, UnicodeDecodeError):
                if not parent:
                    raise
                # A name in another encoding than UTF-8 makes its folder unreadable.
                files.append(_describe(f"{parent}/", connection.stat(f"{self.root}/{parent}")))
                continue
            for entry in entries:
                path = f"{parent}/{entry.filename}" if parent else entry.filename
                if not stat.S_ISDIR(entry.st_mode):
                    files.append(_describe(path, entry))
                elif not is_ignored(entry.filename):
                    pending.append(path)
        return files

    def find_file(self, connection: Any, path: str) -> InboxFile:
        """Return a file's size and time; see `RemoteInbox`."""
        return _describe(path, connection.lstat(f"{self.root}/{path}"))

    def read_start(self, connection: Any, path: str, size: int) -> bytes:
        """Return the first bytes of a regular file; see `RemoteInbox`."""
        with connection.open(f"{self.root}/{path}", "rb") as file:
            # The file may have been replaced by a link meanwhile.
            if not stat.S_ISREG(file.stat().st_mode):
                raise InboxChangedError
            file.prefetch(min(size, file.stat().st_size))
            return bytes(file.read(size))

    def write_file(self, connection: Any, path: str, source: Path | bytes) -> None:
        """Write a file under another name, and rename it; see `RemoteInbox`."""
        target = f"{self.root}/{path}"
        parts = path.split("/")[:-1]
        for end in range(1, len(parts) + 1):
            folder = f"{self.root}/{'/'.join(parts[:end])}"
            try:
                connection.stat(folder)
            except FileNotFoundError:
                # Another process may make it at the same time.
                with suppress(OSError):
                    connection.mkdir(folder)
        partial = target if target.endswith(PART) else target + PART
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as opened:
            connection.putfo(opened, partial, confirm=True)
        if partial != target:
            connection.posix_rename(partial, target)

    def delete_file(self, connection: Any, path: str) -> None:
        """Remove a file; see `RemoteInbox`."""
        connection.remove(f"{self.root}/{path}")

    def is_intact(self, file: InboxFile, data: bytes) -> bool:
        """Return True: an SFTP server gives no hash."""
        return True


def _describe(path: str, status: paramiko.SFTPAttributes) -> InboxFile:
    moment = int(status.st_mtime or 0) * 10**9
    mode = status.st_mode or 0
    fault = None if stat.S_ISREG(mode) else Rule.NOT_A_FILE
    if path.endswith("/"):
        fault = Rule.UNREADABLE_FILE
    return InboxFile(path, int(status.st_size or 0), moment, moment, fault)
