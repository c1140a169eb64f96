"""The inbox: which deliveries are there, which of them are new, and their bytes.

One delivery is one folder `<feed>/<supplier code>/<period>`. The inbox is read and never changed.
What the bytes mean belongs in `register.feeds.parse_delivery`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from register.feeds.contract import load_contracts
from register.feeds.dates import parse_period
from register.feeds.delivery import (
    InboxDelivery,
    InboxFile,
    LandingContext,
    RawDelivery,
    SourceFile,
    is_ignored,
)
from register.settings import Settings

LOGGER = logging.getLogger(__name__)
CACHE = ".cache/fingerprints.json"
UNFILED = "unfiled"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def read_delivery(context: LandingContext, item: InboxDelivery) -> RawDelivery:
    """Read a delivery's bytes and name it by their hash."""
    files = [
        SourceFile(file.path, item.file_path(context.inbox, file).read_bytes())
        for file in item.files
    ]
    content_hash = hash_of(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    period = parse_period(item.feed, item.period) if item.feed in load_contracts() else None
    return RawDelivery(item, delivery_id, content_hash, period, files)


def hash_of(files: list[SourceFile]) -> str:
    """The hash of a delivery's content: its files' paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.path):
        digest.update(f"{file.path}\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def scan_inbox(inbox: Path) -> list[InboxDelivery]:
    """Every delivery in the inbox, in order of place; hidden and half-sent files are not seen."""
    grouped: dict[tuple[tuple[str, ...], bool], list[InboxFile]] = {}
    for parts, status in _files(inbox):
        # A file that is in no period's folder is a delivery of its own.
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


@dataclass(frozen=True)
class InboxState:
    """What is new in the inbox, and a sign (`cursor`) that changes when the inbox does."""

    new: tuple[InboxDelivery, ...]
    delivery_count: int
    cursor: str


def inbox_state(settings: Settings) -> InboxState:
    """What is in the inbox that no load has landed: a listing, no file is opened."""
    if not settings.inbox.is_dir():
        return InboxState((), 0, "")
    deliveries = scan_inbox(settings.inbox)
    known = read_fingerprints(settings.landing)
    signs = json.dumps([[item.place, item.fingerprint] for item in deliveries])
    return InboxState(
        new=tuple(item for item in deliveries if not known.has_landed(item)),
        delivery_count=len(deliveries),
        cursor=hashlib.sha256(signs.encode()).hexdigest(),
    )


@dataclass
class Fingerprints:
    """The fingerprint of each place in the inbox when it was last landed, and as what."""

    landing: Path
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)

    def has_landed(self, item: InboxDelivery) -> bool:
        """Whether this very delivery was landed and its folder is still there."""
        fingerprint, folder = self.seen.get(item.place, ("", ""))
        return fingerprint == item.fingerprint and (self.landing / folder).is_dir()

    def add(self, item: InboxDelivery, folder: str) -> None:
        """Remember that the delivery is landed in `folder` (relative to landing)."""
        self.seen[item.place] = (item.fingerprint, folder)

    def save(self, items: Iterable[InboxDelivery]) -> None:
        """Write the cache, forgetting what is no longer in the inbox."""
        present = {item.place for item in items}
        kept = {place: list(seen) for place, seen in self.seen.items() if place in present}
        path = self.landing / CACHE
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(path)


def read_fingerprints(landing: Path) -> Fingerprints:
    """Read the cache; a missing or damaged one is empty, since it can be made again."""
    try:
        stored = json.loads((landing / CACHE).read_text(encoding="utf-8"))
        seen = {place: (str(sign), str(folder)) for place, (sign, folder) in stored.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        seen = {}
    return Fingerprints(landing, seen)
