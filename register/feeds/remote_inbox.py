"""An inbox on another machine: what S3, Azure and SFTP have in common.

A delivery is written beside an empty file `delivery.part`, which is removed last. While it is
there, the delivery waits; so a delivery that was cut is never read, and can be completed.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

from register.feeds.delivery_rules import Rule
from register.feeds.inbox_storage import (
    FROM_REGISTER,
    Inbox,
    InboxChangedError,
    InboxFile,
    check_delivery_names,
    check_message_name,
    is_ignored,
    is_unfinished,
    iterate_marks,
)
from register.storage_settings import InboxUnreachableError

LOGGER = logging.getLogger(__name__)
MARKER = "delivery.part"
# Seconds before each further attempt.
PAUSES = (0.5, 2.0)
CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
# Landing stores the delivered files under their names, which can be no longer than this.
LONGEST_NAME = 255
Result = TypeVar("Result")
# The connections of this process, by the place of their inbox.
_CONNECTIONS: dict[str, Any] = {}
_LOCK = threading.Lock()


@dataclass(frozen=True)
class RemoteInbox(Inbox):
    """An inbox at an address, such as `s3://bucket/inbox`.

    An instance has no connection, so it can be pickled; each process makes its own.
    """

    place: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @abstractmethod
    def connect(self) -> Any:
        """Return a new connection."""

    @abstractmethod
    def list_below(self, connection: Any, folder: str) -> list[InboxFile]:
        """Return all files below a folder, without faults of their names."""

    @abstractmethod
    def find_file(self, connection: Any, path: str) -> InboxFile:
        """Return a file's size, time and version. Raises `FileNotFoundError`."""

    @abstractmethod
    def read_start(self, connection: Any, path: str, size: int) -> bytes:
        """Return at most `size` bytes of a file."""

    @abstractmethod
    def write_file(self, connection: Any, path: str, source: Path | bytes) -> None:
        """Write a file that appears under its name only once it is complete."""

    @abstractmethod
    def delete_file(self, connection: Any, path: str) -> None:
        """Remove a file. Raises `FileNotFoundError`."""

    @abstractmethod
    def is_intact(self, file: InboxFile, data: bytes) -> bool:
        """Return whether the data have the hash that the store gives for a file, if any."""

    @property
    def described(self) -> str:
        """The kind and the host of the inbox, for messages."""
        address = urlsplit(self.place)
        host = self.options.get("endpoint_url") or self.options.get("account_name")
        name = (urlsplit(str(host)).hostname or host) if host else address.hostname
        return f"{address.scheme} on {name}"

    def list_files(self) -> Iterator[InboxFile]:
        """Yield each file; see `Inbox`."""
        files = [
            file
            for file in self._try(self.list_below, "")
            if not any(is_ignored(part) for part in file.path.split("/"))
        ]
        paths = [file.path.split("/") for file in files]
        # In an object store, a name may be both a file and the folder of others.
        folders = {tuple(parts[:end]) for parts in paths for end in range(1, len(parts))}
        for file, parts in zip(files, paths, strict=True):
            fault = file.fault or _find_name_fault(parts, tuple(parts) in folders)
            yield replace(file, fault=fault)

    def read_file(self, path: str, expected: InboxFile) -> bytes:
        """Read a file, and compare it with its listing before and after; see `Inbox`."""
        try:
            self._check_unchanged(path, expected)
            data: bytes = self._try(self.read_start, path, expected.size + 1)
            # The store's hash may be of encrypted content. Two equal readings are no accident.
            if (
                not self.is_intact(expected, data)
                and self._try(self.read_start, path, expected.size + 1) != data
            ):
                raise InboxChangedError
            self._check_unchanged(path, expected)
        except FileNotFoundError as error:
            raise InboxChangedError from error
        if len(data) != expected.size:
            raise InboxChangedError
        return data

    def has_only(self, place: str, paths: frozenset[str]) -> bool:
        """Return whether a folder has only these files; see `Inbox`."""
        return {
            file.path
            for file in self._try(self.list_below, place)
            if not any(is_ignored(part) for part in file.path.split("/"))
        } == paths

    def open_file(self, path: str) -> BinaryIO:
        """Read a whole file into memory; see `Inbox`."""
        size = self._try(self.find_file, path).size
        return io.BytesIO(self._try(self.read_start, path, size))

    def remove_file(self, path: str) -> None:
        """Remove a file; see `Inbox`."""
        try:
            self._try(self.delete_file, path)
        except FileNotFoundError:
            return

    def deliver(self, feed: str, supplier_code: str, period: str, files: Mapping[str, Path]) -> str:
        """Write a delivery beside a marker, which is removed last; see `Inbox`."""
        check_delivery_names(feed, supplier_code, period, files)
        for mark in iterate_marks(files):
            place = f"{feed}/{supplier_code}/{period}+{mark}"
            present = {file.path for file in self._try(self.list_below, place)}
            # Without a marker, it is an earlier delivery of the same files.
            if not present or f"{place}/{MARKER}" in present:
                break
        self._try(self.write_file, f"{place}/{MARKER}", b"")
        for name, source in files.items():
            self._try(self.write_file, f"{place}/{name}", source)
        written = {file.path: file.size for file in self._try(self.list_below, place)}
        if any(
            written.get(f"{place}/{name}") != source.stat().st_size
            for name, source in files.items()
        ):
            raise InboxUnreachableError(f"the inbox ({self.described}) lost a file: send it again")
        self.remove_file(f"{place}/{MARKER}")
        return place

    def write_message(self, feed: str, supplier_code: str, name: str, content: bytes) -> None:
        """Write a message; see `Inbox`."""
        check_message_name(feed, supplier_code, name)
        self._try(self.write_file, f"{feed}/{supplier_code}/{FROM_REGISTER}/{name}", content)

    def _check_unchanged(self, path: str, expected: InboxFile) -> None:
        found = self._try(self.find_file, path)
        # Some stores list times more exactly than they give them for one file.
        is_same = found.version == expected.version and (
            found.version or found.modified_ns // 10**9 == expected.modified_ns // 10**9
        )
        if not is_same or found.size != expected.size or found.fault:
            raise InboxChangedError

    def _try(self, action: Callable[..., Result], *details: Any) -> Result:
        """Do something with a connection, up to three times.

        Raises `InboxUnreachableError` if the inbox does not answer. A missing file, and one to
        which access is refused, raise what they do on this machine.
        """
        for pause in (*PAUSES, None):
            try:
                return action(self._get_connection(), *details)
            except (FileNotFoundError, InboxChangedError):
                raise
            except PermissionError:
                self._check_access(action)
                raise
            except Exception as error:
                # Every library of a storage has errors of its own. Their texts may have secrets.
                self._forget_connection()
                kind = type(error).__name__
                if pause is None:
                    raise InboxUnreachableError(
                        f"the inbox ({self.described}) does not answer ({kind}): check the network,"
                        " REGISTER_INBOX and REGISTER_INBOX_OPTIONS"
                    ) from None
                LOGGER.warning(
                    "the inbox (%s) did not answer (%s): trying again", self.described, kind
                )
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _check_access(self, action: Callable[..., Any]) -> None:
        """Return if only one file refuses to be read; raise `InboxUnreachableError` otherwise."""
        try:
            if action in (self.find_file, self.read_start):
                self.list_below(self._get_connection(), "")
                return
        except Exception:
            self._forget_connection()
        raise InboxUnreachableError(
            f"the inbox ({self.described}) refuses access: check REGISTER_INBOX_OPTIONS"
        ) from None

    def _get_connection(self) -> Any:
        with _LOCK:
            key = f"{self.place} {hash(repr(sorted(self.options.items())))}"
            if key not in _CONNECTIONS:
                _CONNECTIONS[key] = self.connect()
            return _CONNECTIONS[key]

    def _forget_connection(self) -> None:
        with _LOCK:
            _CONNECTIONS.pop(f"{self.place} {hash(repr(sorted(self.options.items())))}", None)


def _find_name_fault(parts: list[str], is_folder: bool) -> Rule | None:
    """Return the rule that a file breaks by its path, which need not be one of this machine."""
    if any(is_unfinished(part) for part in parts):
        return Rule.UNFINISHED_FILE
    is_path = all(part not in {"", ".", ".."} and "\0" not in part for part in parts)
    is_short = all(len(part.encode("utf-8", "surrogateescape")) <= LONGEST_NAME for part in parts)
    return None if is_path and is_short and not is_folder else Rule.NOT_A_FILE
