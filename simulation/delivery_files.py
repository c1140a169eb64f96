"""Deliveries as files in an inbox: single files or one zip, with the time of receipt.

The content comes from `sources`.
"""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ZIP_TIME = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Delivery:
    """One delivery: feed, supplier and period, its files by name, and its time of receipt (UTC)."""

    feed: str
    supplier: str
    period: str
    files: dict[str, bytes]
    received_at: datetime
    is_zip: bool = False


@dataclass
class Inbox:
    """The inbox that is being filled, with a record of each delivery written.

    A delivery is not written if it would be received after `as_of`.
    """

    home: Path
    as_of: datetime
    written: list[Delivery] = field(default_factory=list)
    resubmitted: list[Delivery] = field(default_factory=list)
    file_count: int = 0

    def deliver(self, delivery: Delivery) -> bool:
        """Write a delivery into the inbox; return False if it would be received after `as_of`."""
        return self._write(delivery, "inbox", self.written)

    def resubmit(self, delivery: Delivery) -> bool:
        """Write a later version of a delivery into `resubmissions`, to be delivered afterwards."""
        return self._write(delivery, "resubmissions", self.resubmitted)

    def _write(self, delivery: Delivery, root: str, record: list[Delivery]) -> bool:
        if delivery.received_at > self.as_of:
            return False
        folder = self.home / root / delivery.feed / delivery.supplier / delivery.period
        folder.mkdir(parents=True, exist_ok=True)
        files = delivery.files
        if delivery.is_zip:
            files = {f"{delivery.supplier}_{delivery.period}.zip": zip_bytes(files)}
        moment = delivery.received_at.timestamp()
        for name, content in files.items():
            path = folder / name
            path.write_bytes(content)
            os.utime(path, (moment, moment))
        self.file_count += len(files)
        record.append(
            Delivery(
                delivery.feed, delivery.supplier, delivery.period, {}, delivery.received_at,
                delivery.is_zip,
            )
        )  # fmt: skip
        return True


def zip_bytes(files: dict[str, bytes]) -> bytes:
    """Return a zip of files; the same files always give the same bytes."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return sink.getvalue()


def end_of_day(moment: datetime) -> datetime:
    """Return the last minute of a day, in UTC."""
    return moment.replace(hour=23, minute=59, tzinfo=UTC)
