"""The storage of the inbox: where suppliers' files are, and where messages to suppliers go.

An `Inbox` lists files, reads them, and writes deliveries and messages. Which files make up a
delivery belongs in `register.feeds.inbox`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from register.durable import flush, flush_tree, write_whole
from register.feeds.contract import load_contracts
from register.feeds.delivery_rules import Rule
from register.storage_settings import InboxUnreachableError

IGNORED_PREFIXES = (".", "~$")
UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
# The folder of a supplier's messages, beside the periods. No scan reads it as a delivery.
FROM_REGISTER = "from_register"
# Folder names in the inbox that may be shown outside landing. Any other name could be a child's.
SUPPLIER = re.compile(r"[EW][0-9]{8}|[0-9]{3}|BTP|DFE")
PERIOD = re.compile(r"(19|20|21)[0-9]{2}(-[0-9]{2}|-Q[0-9])?")
# A mark after a period tells deliveries of the same period apart.
MARK = re.compile(r"[0-9A-Za-z]{1,32}")
MARK_DIGITS = 16
MISSING = "the inbox does not exist: is the disk of REGISTER_INBOX mounted?"
MESSAGE_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.\-]{0,199}")


class InboxChangedError(Exception):
    """A file changed or disappeared while it was read, so its delivery waits for the next load."""


class DeliveryNameError(ValueError):
    """A delivery or a message cannot be written under this name; the error never quotes it."""


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox: its path, its size and its times.

    If it cannot be read, `fault` says why: it may be a link, or be in a folder without access.
    `version` is the tag that an object store gives to the content.
    """

    path: str
    size: int
    modified_ns: int
    changed_ns: int
    fault: Rule | None = None
    version: str = ""


def is_ignored(name: str) -> bool:
    """Return whether a file is ignored because of its name: hidden, or a lock file of Excel."""
    return name.startswith(IGNORED_PREFIXES)


def is_unfinished(name: str) -> bool:
    """Return whether a file's name shows that the file is still being uploaded."""
    return name.casefold().endswith(UNFINISHED_SUFFIXES)


class Inbox(ABC):
    """A place for deliveries, on any storage. Paths are relative to it and separated by `/`.

    An inbox can be pickled, so that worker processes read it with connections of their own.
    """

    @abstractmethod
    def list_files(self) -> Iterator[InboxFile]:
        """Yield each file that is not ignored, without opening it.

        A folder that cannot be listed is yielded in place of its files; its path ends with `/`.
        """

    @abstractmethod
    def read_file(self, path: str, expected: InboxFile) -> bytes:
        """Read a file. Raises `InboxChangedError` if it is not the file that was listed."""

    @abstractmethod
    def has_only(self, place: str, paths: frozenset[str]) -> bool:
        """Return whether a folder has these files now and no other that is not ignored."""

    @abstractmethod
    def open_file(self, path: str) -> BinaryIO:
        """Open a file, to read parts of it."""

    @abstractmethod
    def remove_file(self, path: str) -> None:
        """Remove a file, if it exists. Only the erasure of a child removes delivered files."""

    @abstractmethod
    def deliver(self, feed: str, supplier_code: str, period: str, files: Mapping[str, Path]) -> str:
        """Write a delivery so that a load reads all of it or nothing, and return its place.

        `files` has the path of each file by its name within the delivery. Raises
        `DeliveryNameError` for a name that no load would read.
        """

    @abstractmethod
    def write_message(self, feed: str, supplier_code: str, name: str, content: bytes) -> None:
        """Write a message to a supplier beside its deliveries, under its name at once."""


@dataclass(frozen=True)
class LocalInbox(Inbox):
    """An inbox in a folder of this machine.

    If the operator chose the folder, it `must_exist`: its disk may not be mounted.
    """

    folder: Path
    must_exist: bool = False

    def list_files(self) -> Iterator[InboxFile]:
        """Yield each file; see `Inbox`."""
        pending: list[tuple[Path, tuple[str, ...]]] = [(self.folder, ())]
        while pending:
            folder, parts = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    visible = [entry for entry in entries if not is_ignored(entry.name)]
            except FileNotFoundError:
                if not parts and self.must_exist:
                    raise InboxUnreachableError(MISSING) from None
                visible = []
            except OSError:
                if not parts:
                    raise
                yield _describe((*parts, ""), folder.lstat(), Rule.UNREADABLE_FILE)
                continue
            for entry in visible:
                inner = (*parts, entry.name)
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                except OSError:
                    # The rights of a folder may allow listing it but not reading its files.
                    yield _describe(inner, folder.lstat(), Rule.UNREADABLE_FILE)
                    continue
                if stat.S_ISDIR(status.st_mode) and not is_unfinished(entry.name):
                    pending.append((Path(entry.path), inner))
                else:
                    yield _describe(inner, status, find_fault(entry.name, status.st_mode))

    def read_file(self, path: str, expected: InboxFile) -> bytes:
        """Read a regular file; see `Inbox`."""
        try:
            # The file may have been replaced meanwhile: do not follow a link, and do not wait for a
            # pipe.
            handle = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise InboxChangedError from error
        with os.fdopen(handle, "rb") as file:
            before = os.fstat(handle).st_mtime_ns
            data = file.read(expected.size + 1)
            is_changed = os.fstat(handle).st_mtime_ns != before
        if is_changed or len(data) != expected.size:
            raise InboxChangedError
        return data

    def has_only(self, place: str, paths: frozenset[str]) -> bool:
        """Return whether a folder has only these files; see `Inbox`."""
        files = LocalInbox(self.folder / place).list_files()
        return {f"{place}/{file.path}" for file in files} == paths

    def open_file(self, path: str) -> BinaryIO:
        """Open a file; see `Inbox`."""
        return (self.folder / path).open("rb")

    def remove_file(self, path: str) -> None:
        """Remove a file; see `Inbox`."""
        (self.folder / path).unlink(missing_ok=True)

    def deliver(self, feed: str, supplier_code: str, period: str, files: Mapping[str, Path]) -> str:
        """Write a delivery into a hidden folder and rename the folder; see `Inbox`."""
        check_delivery_names(feed, supplier_code, period, files)
        self._check_exists()
        parent = self.folder / feed / supplier_code
        hidden = parent / f".{period}-{os.urandom(8).hex()}"
        try:
            for name, source in files.items():
                path = hidden / name
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, path)
            flush_tree(hidden)
            for mark in iterate_marks(files):
                try:
                    hidden.rename(parent / f"{period}+{mark}")
                except OSError:
                    # The mark is taken by an earlier delivery of the same files.
                    if not (parent / f"{period}+{mark}").exists():
                        raise
                    continue
                flush(parent)
                return f"{feed}/{supplier_code}/{period}+{mark}"
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
        raise AssertionError("marks never end")

    def write_message(self, feed: str, supplier_code: str, name: str, content: bytes) -> None:
        """Write a message; see `Inbox`."""
        check_message_name(feed, supplier_code, name)
        self._check_exists()
        folder = self.folder / feed / supplier_code / FROM_REGISTER
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, content, mode=0o640)

    def _check_exists(self) -> None:
        """Raise `InboxUnreachableError` rather than write where a disk should be mounted."""
        if self.must_exist and not self.folder.is_dir():
            raise InboxUnreachableError(MISSING)


def check_delivery_names(
    feed: str, supplier_code: str, period: str, files: Mapping[str, Path]
) -> None:
    """Raise `DeliveryNameError` unless a load would read these files as a delivery."""
    if feed not in load_contracts():
        raise DeliveryNameError("the feed is unknown")
    if not SUPPLIER.fullmatch(supplier_code) or not PERIOD.fullmatch(period):
        raise DeliveryNameError("the supplier or the period has another form")
    if not files:
        raise DeliveryNameError("the delivery has no file")
    for name in files:
        parts = name.split("/")
        if "\0" in name or any(part in {"", ".", ".."} for part in parts):
            raise DeliveryNameError("a file's name is no path within the delivery")
        if any(is_ignored(part) or is_unfinished(part) for part in parts):
            raise DeliveryNameError("a file's name is hidden, or that of an unfinished file")


def check_message_name(feed: str, supplier_code: str, name: str) -> None:
    """Raise `DeliveryNameError` unless a message may have this name."""
    if feed not in load_contracts() or not SUPPLIER.fullmatch(supplier_code):
        raise DeliveryNameError("the feed or the supplier is unknown")
    if not MESSAGE_NAME.fullmatch(name):
        raise DeliveryNameError("the name of a message has other characters than A-Z, 0-9, _ . -")


def iterate_marks(files: Mapping[str, Path]) -> Iterator[str]:
    """Yield the marks that a delivery may have: a hash of its files, then numbered ones.

    So a delivery that was cut gets the same mark again, and can be completed.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(os.fsencode(name) + b"\0")
        with files[name].open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    mark = digest.hexdigest()[:MARK_DIGITS]
    yield mark
    for number in range(2, 10**9):
        yield f"{mark}n{number}"


def find_fault(name: str, mode: int) -> Rule | None:
    """Return the rule that a file breaks by its name or its kind, or None."""
    if is_unfinished(name):
        return Rule.UNFINISHED_FILE
    return None if stat.S_ISREG(mode) else Rule.NOT_A_FILE


def _describe(parts: tuple[str, ...], status: os.stat_result, fault: Rule | None) -> InboxFile:
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return InboxFile("/".join(parts), status.st_size, *times, fault)
