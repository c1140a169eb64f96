"""The inbox: listing its deliveries, recognising new ones, and reading their bytes.

A delivery is a folder `<feed>/<supplier code>/<period>`, or `<period>+<mark>` if there are several
deliveries of a period. The inbox is read and never changed. Its storage belongs in
`register.feeds.inbox_storage`, and parsing the bytes in `register.feeds.parse_delivery`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from register.data_keys import KeyRing
from register.feeds.contract import load_contracts
from register.feeds.dates import parse_period
from register.feeds.delivery import InboxDelivery, LandingContext, RawDelivery, SourceFile
from register.feeds.delivery_rules import Finding, Rule
from register.feeds.file_names import FileNames
from register.feeds.inbox_choice import open_inbox
from register.feeds.inbox_storage import (
    FROM_REGISTER,
    MARK,
    PERIOD,
    SUPPLIER,
    Inbox,
    InboxChangedError,
    InboxFile,
    LocalInbox,
)
from register.feeds.raw_copies import read_raw_copies
from register.private_files import PrivateFileError, read_private, write_private
from register.settings import Settings

CACHE = ".cache/fingerprints.json"
# The folder in landing of damaged deliveries, which land again from their raw copies.
DAMAGED = ".damaged"
# In production, a delivery waits until no file of it has changed for this long.
QUIET_SECONDS = 60
UNFILED = "unfiled"
UNKNOWN = "unknown"


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
                    else context.inbox.read_file(item.file_path(file), file)
                )
            except OSError:
                unread = Finding(Rule.UNREADABLE_FILE, name)
                files = []
                break
            files.append(SourceFile(name, data, file.path))
        _check_same_files(context, item)
    content_hash = item.fingerprint if unread else item.delivered_hash or hash_content(files)
    delivery_id = f"{item.feed}-{item.supplier_code}-{item.period}-{content_hash[:12]}"
    period = parse_period(item.feed, item.period) if item.feed in load_contracts() else None
    return RawDelivery(item, delivery_id, content_hash, period, files, unread)


def _check_same_files(context: LandingContext, item: InboxDelivery) -> None:
    """Raise `InboxChangedError` if a file was added to a delivery while it was read."""
    paths = frozenset(item.file_path(file) for file in item.files)
    is_folder = not item.is_stray and not item.delivery_id and item.place != "."
    if is_folder and not context.inbox.has_only(item.place, paths):
        raise InboxChangedError


def _read_copies(context: LandingContext, item: InboxDelivery) -> dict[str, bytes]:
    """Return the bytes of a delivery that is landed again, by path, from its raw copies."""
    folder = context.landing / DAMAGED / item.place.rpartition("/")[0]
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


def hash_content(files: list[SourceFile]) -> str:
    """Return the hash of a delivery's content: its delivered paths and bytes, in order of path."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda item: item.delivered_path):
        digest.update(os.fsencode(file.delivered_path) + f"\0{len(file.data)}\0".encode())
        digest.update(hashlib.sha256(file.data).digest())
    return digest.hexdigest()


def scan_inbox(inbox: Inbox) -> list[InboxDelivery]:
    """Return every delivery in the inbox in order of place. Hidden files are left out."""
    grouped: dict[tuple[tuple[str, ...], bool], list[InboxFile]] = {}
    for file in inbox.list_files():
        parts = tuple(file.path.split("/"))
        # A file outside the folder of a period is a delivery of its own.
        is_stray = len(parts) <= 3
        if not is_stray and parts[2] == FROM_REGISTER:
            continue
        place, inner = (parts, parts[-1:]) if is_stray else (parts[:3], parts[3:])
        grouped.setdefault((place, is_stray), []).append(replace(file, path="/".join(inner)))
    return [
        _build_delivery(place, stray, files) for (place, stray), files in sorted(grouped.items())
    ]


def list_single_delivery(path: Path, feed: str, supplier_code: str, period: str) -> InboxDelivery:
    """Return a file, or a folder of files, as a delivery, although it is not in the inbox.

    To read the delivery, pass the folder, or the folder of the file, as a `LocalInbox`.
    """
    if path.is_dir():
        listed = sorted(LocalInbox(path).list_files(), key=lambda file: file.path.split("/"))
        return InboxDelivery(".", False, feed, supplier_code, period, tuple(listed))
    status = path.stat()
    file = InboxFile(path.name, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return InboxDelivery(path.name, True, feed, supplier_code, period, (file,))


def _build_delivery(
    place: tuple[str, ...], is_stray: bool, files: list[InboxFile]
) -> InboxDelivery:
    names = place[:-1] if is_stray else place
    feed, supplier_code, period = (*names, *[UNFILED] * 3)[:3]
    if feed not in load_contracts():
        feed = UNKNOWN
    if not SUPPLIER.fullmatch(supplier_code):
        supplier_code = UNKNOWN
    if period != UNFILED:
        period = _parse_folder_name(period)
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return InboxDelivery("/".join(place), is_stray, feed, supplier_code, period, ordered)


def _parse_folder_name(name: str) -> str:
    """Return the period of a folder `<period>` or `<period>+<mark>`, or `unknown`."""
    period, plus, mark = name.partition("+")
    has_mark = MARK.fullmatch(mark) is not None if plus else True
    return period if has_mark and PERIOD.fullmatch(period) else UNKNOWN


@dataclass(frozen=True)
class InboxState:
    """The new deliveries in the inbox, and a `cursor` that changes whenever the inbox changes.

    `waiting` lists deliveries of which a file is still being sent; see `list_waiting`.
    """

    new: tuple[InboxDelivery, ...]
    delivery_count: int
    cursor: str
    waiting: tuple[InboxDelivery, ...] = ()


def read_inbox_state(settings: Settings, now: datetime | None = None) -> InboxState:
    """Return the new deliveries and the state of the inbox, without opening any file."""
    deliveries = scan_inbox(open_inbox(settings))
    known = read_fingerprints(settings)
    signs = json.dumps([[item.place, item.fingerprint] for item in deliveries])
    waiting = list_waiting(settings, deliveries, known, now or datetime.now(UTC))
    return InboxState(
        new=tuple(i for i in deliveries if not known.has_landed(i) and i not in waiting),
        delivery_count=len(deliveries),
        cursor=hashlib.sha256(signs.encode()).hexdigest(),
        waiting=tuple(waiting),
    )


def list_waiting(
    settings: Settings,
    deliveries: Iterable[InboxDelivery],
    known: LandedFingerprints,
    now: datetime,
    is_asked_for: bool = False,
) -> list[InboxDelivery]:
    """Return the deliveries of which a file is still being sent.

    A file's name says so, or in production a change in the last minute. A load that was asked for
    one delivery does not wait for this minute.
    """
    needs_quiet = settings.environment == "production" and not is_asked_for
    hours = settings.limits.unfinished_hours
    return [
        item
        for item in deliveries
        if item.is_waiting(now, hours)
        or (needs_quiet and not known.has_landed(item) and item.has_changed(now, QUIET_SECONDS))
    ]


def note_copies(settings: Settings, now: datetime | None = None) -> None:
    """Note deliveries that were sent again unchanged, so that they no longer count as new.

    Only their bytes tell, so files are read that have another time or size than when they landed.
    """
    known = read_fingerprints(settings)
    context = LandingContext.from_settings(settings, now or datetime.now(UTC))
    present = scan_inbox(context.inbox)
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
