"""What lies in the inbox: one delivery for each folder `<feed>/<supplier code>/<period>`.

The inbox is read and never changed. What a delivery holds is not looked at here: only names,
sizes and times.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from register.feeds.delivery import as_instant

LOGGER = logging.getLogger(__name__)
UNFILED = "unfiled"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
# Hidden files, Excel's locks, and files that are still being sent.
IGNORED_PREFIXES = (".", "~$")
IGNORED_SUFFIXES = (".part", ".tmp", ".filepart")


@dataclass(frozen=True)
class InboxFile:
    """One file as it lies there: its path within the delivery, and its stamps."""

    path: str
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True)
class InboxDelivery:
    """One delivery as it lies there.

    `place` is its folder within the inbox (or the file itself, when it was put above a period's
    folder). The names of feed, supplier and period are made safe for use in a path.
    """

    place: str
    is_stray: bool
    feed: str
    supplier_code: str
    period: str
    files: tuple[InboxFile, ...]

    @cached_property
    def fingerprint(self) -> str:
        """A cheap sign of change, from names, sizes and times."""
        listing = [[f.path, f.size, f.modified_ns, f.changed_ns] for f in self.files]
        return hashlib.sha256(json.dumps(listing).encode()).hexdigest()

    def file_path(self, inbox: Path, file: InboxFile) -> Path:
        """Where one of its files lies."""
        folder = inbox / self.place
        return folder.parent / file.path if self.is_stray else folder / file.path

    def received_at(self, now: datetime) -> str:
        """The latest time that a file was modified, and never later than `now`."""
        latest = max(file.modified_ns for file in self.files) / 1e9
        return as_instant(min(datetime.fromtimestamp(latest, UTC), now))


def is_ignored(name: str) -> bool:
    """Whether a file's name says that it is no part of a delivery, or not yet."""
    return name.startswith(IGNORED_PREFIXES) or name.endswith(IGNORED_SUFFIXES)


def scan_inbox(inbox: Path) -> list[InboxDelivery]:
    """Every delivery in the inbox, in order of place; hidden and half-sent files are not seen."""
    grouped: dict[tuple[tuple[str, ...], bool], list[InboxFile]] = {}
    for parts, status in _files(inbox):
        # A file that lies in no period's folder is a delivery of its own.
        is_stray = len(parts) <= 3
        place, inner = (parts, parts[-1:]) if is_stray else (parts[:3], parts[3:])
        file = InboxFile("/".join(inner), status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        grouped.setdefault((place, is_stray), []).append(file)
    return [_delivery(place, stray, files) for (place, stray), files in sorted(grouped.items())]


def _delivery(place: tuple[str, ...], is_stray: bool, files: list[InboxFile]) -> InboxDelivery:
    names = place[:-1] if is_stray else place
    feed, supplier_code, period = (_safe(name) for name in (*names, *[UNFILED] * 3)[:3])
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return InboxDelivery("/".join(place), is_stray, feed, supplier_code, period, ordered)


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name)[:40].lstrip(".") or "_"


def _files(inbox: Path) -> Iterator[tuple[tuple[str, ...], os.stat_result]]:
    pending: list[tuple[Path, tuple[str, ...]]] = [(inbox, ())]
    while pending:
        folder, parts = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_ignored(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((Path(entry.path), (*parts, entry.name)))
                    continue
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield (*parts, entry.name), status
                else:
                    LOGGER.warning("a link in the inbox was not followed")
