"""The inbox: listing its deliveries, recognising new ones, and reading their bytes.

A delivery is a folder `<feed>/<supplier code>/<period>`. The inbox is read and never changed.
Parsing the bytes belongs in `register.feeds.parse_delivery`.
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

from register.data_keys import KeyRing
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
from register.feeds.raw_copies import read_raw_copies
from register.private_files import PrivateFileError, read_private, write_private
from register.settings import Settings

CACHE = ".cache/fingerprints.json"
UNFILED = "unfiled"
UNKNOWN = "unknown"
# Folder names in the inbox that may be shown outside landing. Any other name could be a child's.
SUPPLIER = re.compile(r"[EW][0-9]{8}|[0-9]{3}|BTP|DFE")
PERIOD = re.compile(r"(19|20|21)[0-9]{2}(-[0-9]{2}|-Q[0-9])?")


class InboxChangedError(Exception):
    """A file changed or disappeared while it was read, so its delivery waits for the next load."""


def read_delivery(context: LandingContext, item: InboxDelivery) -> RawDelivery:
    """Read a delivery's bytes, and derive the delivery's id from their hash.

    If a part of the delivery is no file, cannot be opened or is too large, the result is `unread`
    with the reason. Raises `InboxChangedError` if a file is being written.
    """
    names = FileNames.for_delivery(item.feed, item.supplier_code, item.period)
    safe_names = names.make_safe([file.path for file in item.files])
    files: list[SourceFile] = []
    unread = _find_fault(context, item, safe_names)
    if unread is None:
        copies = _read_copies(context, item) if item.delivery_id else {}
        for file, name in zip(item.files, safe_names, strict=True):
            try:
                data = (
                    copies[file.path]
                    if item.delivery_id
                    else _read_file(item.file_path(context.inbox, file), file)
                )
            except OSError:
                unread = Finding(Rule.UNREADABLE_FILE, name)
                files = []
                break
            files.append(SourceFile(name, data, file.path))
    content_hash = item.fingerprint if unread else item.delivered_hash or hash_content(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    period = parse_period(item.feed, item.period) if item.feed in load_contracts() else None
    return RawDelivery(item, delivery_id, content_hash, period, files, unread)


def _read_copies(context: LandingContext, item: InboxDelivery) -> dict[str, bytes]:
    """Return the bytes of a delivery that is landed again, by path, from its raw copies."""
    folder = (context.inbox / item.place).parent
    return {copy.path: copy.data for copy in read_raw_copies(context.data_keys, folder)}


def _find_fault(
    context: LandingContext, item: InboxDelivery, safe_names: Sequence[str]
) -> Finding | None:
    """Return the reason to reject a delivery before reading it, or None if there is none."""
    for file, name in zip(item.files, safe_names, strict=True):
        if file.fault is not None:
            return Finding(file.fault, name)
    if sum(file.size for file in item.files) > context.limits.delivery_bytes:
        return Finding(Rule.TOO_LARGE)
    return None


def _read_file(path: Path, expected: InboxFile) -> bytes:
    """Read a regular file. Raises `InboxChangedError` if it changed since it was listed."""
    try:
        # The file may have been replaced meanwhile: do not follow a link, and do not wait for a
        # pipe.
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


def hash_content(files: list[SourceFile]) -> str:
    """Return the hash of a delivery's content: its delivered paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.delivered_path):
        digest.update(os.fsencode(file.delivered_path) + f"\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def scan_inbox(inbox: Path) -> list[InboxDelivery]:
    """Return every delivery in the inbox in order of place. Hidden files are left out."""
    grouped: dict[tuple[tuple[str, ...], bool], list[InboxFile]] = {}
    for parts, status, fault in _list_files(inbox):
        # A file outside the folder of a period is a delivery of its own.
        is_stray = len(parts) <= 3
        place, inner = (parts, parts[-1:]) if is_stray else (parts[:3], parts[3:])
        times = (status.st_mtime_ns, status.st_ctime_ns)
        file = InboxFile("/".join(inner), status.st_size, *times, fault)
        grouped.setdefault((place, is_stray), []).append(file)
    return [
        _build_delivery(place, stray, files) for (place, stray), files in sorted(grouped.items())
    ]


def list_single_delivery(path: Path, feed: str, supplier_code: str, period: str) -> InboxDelivery:
    """Return a file, or a folder of files, as a delivery, although it is not in the inbox.

    To read the delivery, pass the folder, or the folder of the file, as the inbox.
    """
    listed = list(_list_files(path)) if path.is_dir() else [((path.name,), path.stat(), None)]
    files = tuple(
        InboxFile("/".join(parts), status.st_size, status.st_mtime_ns, status.st_ctime_ns, fault)
        for parts, status, fault in sorted(listed, key=lambda item: item[0])
    )
    place = "." if path.is_dir() else path.name
    return InboxDelivery(place, not path.is_dir(), feed, supplier_code, period, files)


def _build_delivery(
    place: tuple[str, ...], is_stray: bool, files: list[InboxFile]
) -> InboxDelivery:
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


def _list_files(inbox: Path) -> Iterator[tuple[tuple[str, ...], os.stat_result, Rule | None]]:
    """Yield each file's path, its status and, if it cannot be read, the rule that it breaks.

    A folder that cannot be listed is yielded in place of its files.
    """
    pending: list[tuple[Path, tuple[str, ...]]] = [(inbox, ())]
    while pending:
        folder, parts = pending.pop()
        try:
            with os.scandir(folder) as entries:
                visible = [entry for entry in entries if not is_ignored(entry.name)]
        except OSError:
            if not parts:
                raise
            yield (*parts, ""), folder.lstat(), Rule.UNREADABLE_FILE
            continue
        for entry in visible:
            inner = (*parts, entry.name)
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError:
                # The rights of a folder may allow listing it but not reading its files.
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
    """The new deliveries in the inbox, and a `cursor` that changes whenever the inbox changes.

    `waiting` lists deliveries of which a file is still being uploaded.
    """

    new: tuple[InboxDelivery, ...]
    delivery_count: int
    cursor: str
    waiting: tuple[InboxDelivery, ...] = ()


def read_inbox_state(settings: Settings, now: datetime | None = None) -> InboxState:
    """Return the new deliveries and the state of the inbox, without opening any file."""
    if not settings.inbox.is_dir():
        return InboxState((), 0, "")
    deliveries = scan_inbox(settings.inbox)
    known = read_fingerprints(settings)
    signs = json.dumps([[item.place, item.fingerprint] for item in deliveries])
    moment, hours = now or datetime.now(UTC), settings.limits.unfinished_hours
    waiting = tuple(item for item in deliveries if item.is_waiting(moment, hours))
    return InboxState(
        new=tuple(i for i in deliveries if not known.has_landed(i) and i not in waiting),
        delivery_count=len(deliveries),
        cursor=hashlib.sha256(signs.encode()).hexdigest(),
        waiting=waiting,
    )


def note_copies(settings: Settings, now: datetime | None = None) -> None:
    """Note deliveries that were sent again unchanged, so that they no longer count as new.

    Only their bytes tell, so files are read that have another time or size than when they landed.
    """
    if not settings.inbox.is_dir():
        return
    known = read_fingerprints(settings)
    context = LandingContext.from_settings(settings, now or datetime.now(UTC))
    present = scan_inbox(settings.inbox)
    fresh = [item for item in present if not known.has_landed(item)]
    copies = [item for item in fresh if _has_landed_bytes(context, known, item)]
    for item in copies:
        known.add(item, known.folders_by_place[item.place][1])
    if copies:
        known.save(present)


def _has_landed_bytes(
    context: LandingContext, known: LandedFingerprints, item: InboxDelivery
) -> bool:
    """Return whether a delivery has the bytes that landed from its place before."""
    _, folder = known.folders_by_place.get(item.place, ("", ""))
    if not folder or not (context.landing / folder).is_dir():
        return False
    try:
        delivery = read_delivery(context, item)
    except InboxChangedError:
        return False
    return delivery.unread is None and Path(folder).name == delivery.delivery_id


@dataclass
class LandedFingerprints:
    """A cache with the fingerprint and the landing folder of each place in the inbox."""

    landing: Path
    ring: KeyRing | None = field(default=None, repr=False)
    folders_by_place: dict[str, tuple[str, str]] = field(default_factory=dict)

    def has_landed(self, item: InboxDelivery) -> bool:
        """Return whether this delivery has landed unchanged and its folder still exists."""
        fingerprint, folder = self.folders_by_place.get(item.place, ("", ""))
        return fingerprint == item.fingerprint and (self.landing / folder).is_dir()

    def add(self, item: InboxDelivery, folder: str) -> None:
        """Record the folder, relative to landing, into which a delivery has landed."""
        self.folders_by_place[item.place] = (item.fingerprint, folder)

    def save(self, items: Iterable[InboxDelivery]) -> None:
        """Write the cache without places that are no longer in the inbox."""
        present = {item.place for item in items}
        entries = {
            place: list(entry) for place, entry in self.folders_by_place.items() if place in present
        }
        path = self.landing / CACHE
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self.ring, path, json.dumps(entries).encode())


def read_fingerprints(settings: Settings) -> LandedFingerprints:
    """Read the cache of fingerprints.

    A missing or damaged cache counts as empty, because it can be rebuilt.
    """
    try:
        stored = json.loads(read_private(settings.data_keys, settings.landing / CACHE))
        entries = {place: (str(sign), str(folder)) for place, (sign, folder) in stored.items()}
    except (FileNotFoundError, PrivateFileError, ValueError, TypeError, AttributeError):
        entries = {}
    return LandedFingerprints(settings.landing, settings.data_keys, entries)
