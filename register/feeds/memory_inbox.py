"""An inbox in memory: the files of one delivery that is checked and never written."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from register.feeds.delivery_rules import Rule
from register.feeds.inbox_storage import (
    DeliveryNameError,
    Inbox,
    InboxFile,
    is_ignored,
    is_unfinished,
)


@dataclass(frozen=True)
class MemoryInbox(Inbox):
    """The bytes of files by path, all received at one moment. It can only be read."""

    files: Mapping[str, bytes]
    received_ns: int

    def list_files(self) -> Iterator[InboxFile]:
        """Yield each file; see `Inbox`."""
        for path, data in sorted(self.files.items()):
            fault = Rule.UNFINISHED_FILE if is_unfinished(path) else None
            if not any(is_ignored(part) for part in path.split("/")):
                yield InboxFile(path, len(data), self.received_ns, self.received_ns, fault)

    def read_file(self, path: str, expected: InboxFile) -> bytes:
        """Return the bytes of a file."""
        return self.files[expected.path]

    def open_file(self, path: str) -> BinaryIO:
        """Open a file, to read parts of it."""
        return io.BytesIO(self.files[path])

    def remove_file(self, path: str) -> None:
        """Raise `DeliveryNameError`, because nothing is written."""
        self._refuse()

    def deliver(self, feed: str, supplier_code: str, period: str, files: Mapping[str, Path]) -> str:
        """Raise `DeliveryNameError`, because nothing is written."""
        self._refuse()

    def write_message(self, feed: str, supplier_code: str, name: str, content: bytes) -> None:
        """Raise `DeliveryNameError`, because nothing is written."""
        self._refuse()

    @staticmethod
    def _refuse() -> NoReturn:
        raise DeliveryNameError("a delivery that is checked is not written anywhere")
