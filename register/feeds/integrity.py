"""Integrity of landing: whether each landed folder is what its entry says, and mending one.

A damaged folder is put aside, and the same delivery is landed again: from its raw copy, else from
the inbox, where the load finds it as new. What cannot be landed again is put back and stops the
load. How a delivery is landed belongs in `register.feeds.landing`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from register.durable import flush
from register.feeds.delivery import (
    UNKNOWN_FEED_FOLDER,
    Delivery,
    InboxDelivery,
    InboxFile,
    LandedFile,
    SourceFile,
)
from register.feeds.file_names import NAMES
from register.feeds.inbox import UNKNOWN, hash_of
from register.feeds.ledger import ENTRY_NAME, LedgerError, landed_folders, read_entry

DAMAGED = ".damaged"
RAW = "raw"
# Hashing lets go of Python's lock: two threads read twice as fast.
THREADS = 2
LANDED_ID = re.compile(r"^(?P<supplier>[^-]+)-(?P<period>.+)-(?P<hash>[0-9a-f]{12})(-\d+)?$")


@dataclass(frozen=True)
class Damage:
    """A folder of landing (`<feed>/<delivery id>`) that is not what it should be, and why not."""

    folder: str
    reason: str


@dataclass(frozen=True)
class Landed:
    """What landing has: the entries of whole deliveries, and the folders that are damaged."""

    entries: list[Delivery]
    damaged: list[Damage]


def hash_landed_files(folder: Path) -> tuple[LandedFile, ...]:
    """The Parquet files of a delivery with their sizes and hashes, for its entry."""
    return tuple(
        LandedFile(name=path.name, bytes=path.stat().st_size, sha256=_hash(path))
        for path in sorted(folder.glob("*.parquet"))
    )


def examine_landing(landing: Path, *, is_deep: bool = False) -> Landed:
    """Compare every landed folder with its entry, and every Parquet file with its hash.

    `is_deep` compares the raw copies with the hash of the delivery too.
    """
    entries: list[Delivery] = []
    damaged: list[Damage] = []
    with ThreadPoolExecutor(THREADS) as pool:
        folders = landed_folders(landing)
        found = pool.map(lambda folder: _examine(folder, is_deep), folders)
        for folder, (entry, reason) in zip(folders, found, strict=True):
            if reason is None and entry is not None:
                entries.append(entry)
            else:
                damaged.append(Damage(f"{folder.parent.name}/{folder.name}", str(reason)))
    entries.sort(key=lambda entry: (entry.received_at, entry.delivery_id))
    return Landed(entries, damaged)


def put_aside(landing: Path, damaged: Sequence[Damage]) -> list[Damage]:
    """Move damaged folders out of the way; returns them with what a killed load had moved."""
    found = {damage.folder: damage for damage in damaged}
    aside = landing / DAMAGED
    for path in aside.glob("*/*"):
        folder = f"{path.parent.name}/{path.name}"
        found.setdefault(folder, Damage(folder, "a load was killed while it landed this again"))
    for damage in damaged:
        if (aside / damage.folder).exists():
            # It was landed again from there, and is damaged now.
            shutil.rmtree(aside / damage.folder)
        (aside / damage.folder).parent.mkdir(parents=True, exist_ok=True)
        (landing / damage.folder).rename(aside / damage.folder)
    return list(found.values())


def kept_copies(landing: Path, aside: Iterable[Damage]) -> list[InboxDelivery]:
    """The raw copies of damaged deliveries, as an inbox (`landing/.damaged`) would have them.

    A copy that is damaged itself is left out.
    """
    copies = (_kept_copy(landing / DAMAGED, damage.folder) for damage in aside)
    return [copy for copy in copies if copy is not None]


def end_mending(landing: Path, damage: Damage) -> bool:
    """Let go of a damaged folder whose delivery is landed again; else put it back.

    Returns whether it is landed. What a person or another part keeps in the folder stays in it.
    """
    aside, target = landing / DAMAGED / damage.folder, landing / damage.folder
    if not target.exists():
        aside.rename(target)
        return False
    for path in aside.iterdir():
        if path.is_file() and path.suffix != ".parquet" and not (target / path.name).exists():
            path.rename(target / path.name)
    flush(target)
    shutil.rmtree(aside)
    return True


def is_kept_copy_whole(folder: Path, content_hash: str) -> bool:
    """Whether the raw copy of a delivery still has the bytes that were delivered."""
    files = [
        SourceFile(path.relative_to(folder / RAW).as_posix(), path.read_bytes())
        for path in (folder / RAW).rglob("*")
        if path.is_file()
    ]
    return bool(files) and hash_of(files).startswith(content_hash)


def _examine(folder: Path, is_deep: bool) -> tuple[Delivery | None, str | None]:
    """The entry, or None, and what is wrong, or None."""
    if not (folder / ENTRY_NAME).exists():
        return None, f"it has no {ENTRY_NAME}"
    try:
        entry = read_entry(folder / ENTRY_NAME)
    except LedgerError:
        return None, f"its {ENTRY_NAME} is not whole"
    if not (folder / NAMES).exists():
        return entry, "it was landed before files were told by names of the contract"
    try:
        fault = _file_fault(folder, entry)
    except OSError:
        fault = "its files cannot be read"
    is_kept = is_deep and entry.is_copy_kept
    if fault is None and is_kept and not is_kept_copy_whole(folder, entry.content_hash):
        fault = "its raw copy is not what was delivered"
    return entry, fault


def _file_fault(folder: Path, entry: Delivery) -> str | None:
    if not entry.files:
        return _row_fault(folder, entry)
    for file in entry.files:
        path = folder / file.name
        if not path.exists():
            return f"{file.name} is not there"
        if path.stat().st_size != file.bytes or _hash(path) != file.sha256:
            return f"{file.name} is not the file that was landed"
    return None


def _row_fault(folder: Path, entry: Delivery) -> str | None:
    """An entry of a former release has no hashes: rows are counted from the files' metadata."""
    rows = 0
    for name in entry.table_names:
        path = folder / f"{name}.parquet"
        if not path.exists():
            return f"{path.name} is not there"
        try:
            rows += pq.read_metadata(path).num_rows
        except (pa.ArrowException, OSError):
            return f"{path.name} cannot be read"
    return None if rows == entry.landed_row_count else "its tables do not have the rows landed"


def _kept_copy(aside: Path, folder: str) -> InboxDelivery | None:
    feed, name = folder.split("/")
    try:
        entry = read_entry(aside / folder / ENTRY_NAME)
    except (LedgerError, FileNotFoundError):
        entry = None
    if entry is not None and entry.delivery_id == name:
        # Release 0.1 named a folder that is no feed as it was.
        known_feed = UNKNOWN if feed == UNKNOWN_FEED_FOLDER else feed
        who = (known_feed, entry.supplier_code, entry.period)
        content_hash = entry.content_hash
    else:
        named = LANDED_ID.match(name.removeprefix(f"{feed}-"))
        if named is None or feed == UNKNOWN_FEED_FOLDER:
            return None
        who = (feed, named["supplier"], named["period"])
        content_hash = named["hash"]
    if not is_kept_copy_whole(aside / folder, content_hash):
        return None
    received_ns = None if entry is None else int(entry.received.timestamp()) * 10**9
    raw = aside / folder / RAW
    files = tuple(
        InboxFile(
            path.relative_to(raw).as_posix(),
            path.stat().st_size,
            # The raw copy has the time of receipt: an entry is not needed to know it.
            received_ns or path.stat().st_mtime_ns,
            path.stat().st_ctime_ns,
        )
        for path in sorted(raw.rglob("*"))
        if path.is_file()
    )
    return InboxDelivery(f"{folder}/{RAW}", False, *who, files, delivery_id=name)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
