"""The inbox: which deliveries are there, which of them are new, and their bytes.

One delivery is one folder `<feed>/<supplier code>/<period>`. The inbox is read and never changed.
What the bytes mean belongs in `register.feeds.parse_delivery`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    is_unfinished,
)
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.file_names import FileNames
from register.settings import Settings

CACHE = ".cache/fingerprints.json"
UNFILED = "unfiled"
UNKNOWN = "unknown"
# Names of folders that may be told, whether or not there is such a supplier or such a period.
SUPPLIER = re.compile(r"[EW][0-9]{8}|[0-9]{3}|BTP|DFE")
PERIOD = re.compile(r"(19|20|21)[0-9]{2}(-[0-9]{2}|-Q[0-9])?")


class InboxChangedError(Exception):
    """A file changed or went away while it was read: its delivery waits for the next load."""


def read_delivery(context: LandingContext, item: InboxDelivery) -> RawDelivery:
    """Read a delivery's bytes and name it by their hash.

    What is no file, cannot be opened or is larger than the limit is not read: the delivery is
    `unread`, with the reason. Raises `InboxChangedError` for a file that is being written.
    """
    names = FileNames.of(item.feed, item.supplier_code, item.period)
    told = names.told([file.path for file in item.files])
    files: list[SourceFile] = []
    unread = _fault(context, item, told)
    if unread is None:
        for file, name in zip(item.files, told, strict=True):
            try:
                data = _read_file(item.file_path(context.inbox, file), file)
            except OSError:
                unread = Finding(Rule.UNREADABLE_FILE, name)
                files = []
                break
            files.append(SourceFile(name, data, file.path))
    content_hash = item.fingerprint if unread else hash_of(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    period = parse_period(item.feed, item.period) if item.feed in load_contracts() else None
    return RawDelivery(item, delivery_id, content_hash, period, files, unread)


def _fault(context: LandingContext, item: InboxDelivery, told: Sequence[str]) -> Finding | None:
    """Why a delivery is refused before any of it is read, or none."""
    for file, name in zip(item.files, told, strict=True):
        if file.fault is not None:
            return Finding(file.fault, name)
    if sum(file.size for file in item.files) > context.limits.delivery_bytes:
        return Finding(Rule.TOO_LARGE)
    return None


def _read_file(path: Path, expected: InboxFile) -> bytes:
    """The bytes of a plain file, as it was listed."""
    try:
        # Neither a link nor a pipe that took the file's place since is followed or waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise InboxChangedError from error
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle).st_mtime_ns
        data = file.read(expected.size + 1)
        is_changed = os.fstat(handle).st_mtime_ns != before
    if is_changed or len(data) != expected.size:
        raise InboxChangedError
    return data


def hash_of(files: list[SourceFile]) -> str:
    """The hash of a delivery's content: its files' delivered paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.delivered_path):
        digest.update(os.fsencode(file.delivered_path) + f"\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def scan_inbox(inbox: Path) -> list[InboxDelivery]:
    """Every delivery in the inbox, in order of place; hidden files are not seen."""
    grouped: dict[tuple[tuple[str, ...], bool], list[InboxFile]] = {}
    for parts, status, fault in _files(inbox):
        # A file that is in no period's folder is a delivery of its own.
        is_stray = len(parts) <= 3
        place, inner = (parts, parts[-1:]) if is_stray else (parts[:3], parts[3:])
        times = (status.st_mtime_ns, status.st_ctime_ns)
        file = InboxFile("/".join(inner), status.st_size, *times, fault)
        grouped.setdefault((place, is_stray), []).append(file)
    return [_delivery(place, stray, files) for (place, stray), files in sorted(grouped.items())]


def delivery_in(path: Path, feed: str, supplier_code: str, period: str) -> InboxDelivery:
    """A delivery that is in no inbox: one file, or a folder of files.

    It is read with the folder, or that of the file, as the inbox.
    """
    listed = list(_files(path)) if path.is_dir() else [((path.name,), path.stat(), None)]
    files = tuple(
        InboxFile("/".join(parts), status.st_size, status.st_mtime_ns, status.st_ctime_ns, fault)
        for parts, status, fault in sorted(listed, key=lambda item: item[0])
    )
    place = "." if path.is_dir() else path.name
    return InboxDelivery(place, not path.is_dir(), feed, supplier_code, period, files)


def _delivery(place: tuple[str, ...], is_stray: bool, files: list[InboxFile]) -> InboxDelivery:
    names = place[:-1] if is_stray else place
    feed, supplier_code, period = (*names, *[UNFILED] * 3)[:3]
    if feed not in load_contracts():
        feed = UNKNOWN
    if not SUPPLIER.fullmatch(supplier_code):
        supplier_code = UNKNOWN
    if period != UNFILED and not PERIOD.fullmatch(period):
        period = UNKNOWN
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return InboxDelivery("/".join(place), is_stray, feed, supplier_code, period, ordered)


def _files(inbox: Path) -> Iterator[tuple[tuple[str, ...], os.stat_result, Rule | None]]:
    """Every file with its status, and why it is none that can be read.

    A folder that cannot be listed stands for what it contains.
    """
    pending: list[tuple[Path, tuple[str, ...]]] = [(inbox, ())]
    while pending:
        folder, parts = pending.pop()
        try:
            with os.scandir(folder) as entries:
                found = [entry for entry in entries if not is_ignored(entry.name)]
        except OSError:
            if not parts:
                raise
            yield (*parts, ""), folder.lstat(), Rule.UNREADABLE_FILE
            continue
        for entry in found:
            inner = (*parts, entry.name)
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError:
                # A folder may be listed and its files not looked at.
                yield inner, folder.lstat(), Rule.UNREADABLE_FILE
                continue
            if is_unfinished(entry.name):
                yield inner, status, Rule.UNFINISHED_FILE
            elif stat.S_ISDIR(status.st_mode):
                pending.append((Path(entry.path), inner))
            else:
                yield inner, status, None if stat.S_ISREG(status.st_mode) else Rule.NOT_A_FILE


@dataclass(frozen=True)
class InboxState:
    """What is new in the inbox, and a sign (`cursor`) that changes when the inbox does.

    `waiting` are deliveries of which a file is still being sent.
    """

    new: tuple[InboxDelivery, ...]
    delivery_count: int
    cursor: str
    waiting: tuple[InboxDelivery, ...] = ()


def inbox_state(settings: Settings, now: datetime | None = None) -> InboxState:
    """What is in the inbox that no load has landed: a listing, no file is opened."""
    if not settings.inbox.is_dir():
        return InboxState((), 0, "")
    deliveries = scan_inbox(settings.inbox)
    known = read_fingerprints(settings.landing)
    signs = json.dumps([[item.place, item.fingerprint] for item in deliveries])
    moment, hours = now or datetime.now(UTC), settings.limits.unfinished_hours
    waiting = tuple(item for item in deliveries if item.is_waiting(moment, hours))
    return InboxState(
        new=tuple(i for i in deliveries if not known.has_landed(i) and i not in waiting),
        delivery_count=len(deliveries),
        cursor=hashlib.sha256(signs.encode()).hexdigest(),
        waiting=waiting,
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
