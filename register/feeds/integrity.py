"""Integrity of landing: landed folders are compared with their entries, and damage is repaired.

A damaged folder is set aside. Its delivery is landed again from its raw copy or, without one, from
the inbox. If that is impossible, the folder is put back and the load stops. Landing itself belongs
in `register.feeds.landing`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from register.data_keys import KeyRing
from register.durable import flush
from register.feeds.delivery import (
    UNKNOWN_FEED_FOLDER,
    Delivery,
    InboxDelivery,
    LandedFile,
    SourceFile,
)
from register.feeds.feedback import FEEDBACK_NAME
from register.feeds.file_names import NAMES_FILE
from register.feeds.inbox import DAMAGED, UNKNOWN, hash_content
from register.feeds.inbox_storage import InboxFile
from register.feeds.ledger import ENTRY_NAME, LedgerError, list_landed_folders, read_entry
from register.feeds.raw_copies import RAW, RawCopy, read_raw_copies
from register.hashing import hash_file
from register.parquet_files import ParquetKeyError, count_parquet_rows
from register.private_files import PrivateFileError, read_key_id, read_private
from register.rewritten_files import RewrittenFiles, read_rewritten

COPY_FAULT = "its raw copy is not what was delivered"
# Hashing releases Python's interpreter lock, so two threads are twice as fast as one.
THREADS = 2
LANDED_ID = re.compile(r"^(?P<supplier>[^-]+)-(?P<period>.+)-(?P<hash>[0-9a-f]{12})(-\d+)?$")


@dataclass(frozen=True)
class Damage:
    """A damaged folder in landing (`<feed>/<delivery id>`), and the kind of damage."""

    folder: str
    reason: str


@dataclass(frozen=True)
class LandingState:
    """The state of landing: entries of intact deliveries, and damaged folders."""

    entries: list[Delivery]
    damaged: list[Damage]


def hash_landed_files(folder: Path) -> tuple[LandedFile, ...]:
    """Return a delivery's files with their sizes and hashes: Parquet, feedback, names of files.

    An encrypted file of names needs no hash: it cannot be changed without its key.
    """
    names = folder / NAMES_FILE
    is_encrypted = not names.exists() or read_key_id(names) is not None
    others = (folder / FEEDBACK_NAME, *(() if is_encrypted else (names,)))
    return tuple(
        LandedFile(name=path.name, bytes=path.stat().st_size, sha256=hash_file(path))
        for path in sorted((*folder.glob("*.parquet"), *others))
    )


def examine_landing(
    landing: Path, *, is_deep: bool = False, ring: KeyRing | None = None
) -> LandingState:
    """Compare every landed folder with its ledger entry, and its files with their hashes.

    If `is_deep`, raw copies are also compared with the delivery's hash; an encrypted home needs its
    key ring for this.
    """
    entries: list[Delivery] = []
    damaged: list[Damage] = []
    with ThreadPoolExecutor(THREADS) as pool:
        folders = list_landed_folders(landing)
        rewritten = read_rewritten(ring, landing)
        results = pool.map(
            lambda folder: _examine_folder(folder, is_deep, ring, rewritten), folders
        )
        for folder, (entry, reason) in zip(folders, results, strict=True):
            if reason is None and entry is not None:
                entries.append(entry)
            else:
                damaged.append(Damage(f"{folder.parent.name}/{folder.name}", str(reason)))
    entries.sort(key=lambda entry: (entry.received_at, entry.delivery_id))
    return LandingState(entries, damaged)


def set_damaged_aside(landing: Path, damaged: Sequence[Damage]) -> list[Damage]:
    """Move damaged folders aside, and return all folders set aside, by this or a killed load."""
    by_folder = {damage.folder: damage for damage in damaged}
    aside = landing / DAMAGED
    for path in aside.glob("*/*"):
        folder = f"{path.parent.name}/{path.name}"
        by_folder.setdefault(folder, Damage(folder, "it was set aside to land again"))
    for damage in damaged:
        if (aside / damage.folder).exists():
            # An earlier repair may have moved a damaged folder of this name here; the newer one
            # replaces it.
            shutil.rmtree(aside / damage.folder)
        (aside / damage.folder).parent.mkdir(parents=True, exist_ok=True)
        (landing / damage.folder).rename(aside / damage.folder)
    return list(by_folder.values())


def list_raw_copies(
    landing: Path, aside: Iterable[Damage], ring: KeyRing | None
) -> list[InboxDelivery]:
    """Return the intact raw copies of damaged deliveries, in the form of deliveries to land.

    Their inbox is `landing/.damaged`.
    """
    copies = (_find_raw_copy(landing / DAMAGED, damage.folder, ring) for damage in aside)
    return [copy for copy in copies if copy is not None]


def finish_repair(landing: Path, damage: Damage) -> bool:
    """Finish the repair of a damaged folder, and return whether its delivery was landed again.

    If so, the damaged folder is deleted, and files that a person added to it are moved to the new
    folder. Otherwise the damaged folder is put back.
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


def _read_intact_copies(
    ring: KeyRing | None, folder: Path, content_hash: str
) -> list[RawCopy] | None:
    """Return the raw copies of a delivery; None if they do not have this hash."""
    try:
        copies = read_raw_copies(ring, folder)
    except (PrivateFileError, OSError):
        return None
    files = [SourceFile(copy.path, copy.data) for copy in copies]
    return copies if files and hash_content(files).startswith(content_hash) else None


def _examine_folder(
    folder: Path, is_deep: bool, ring: KeyRing | None, rewritten: RewrittenFiles
) -> tuple[Delivery | None, str | None]:
    """Return a folder's ledger entry if it can be read, and a description of any damage."""
    if not (folder / ENTRY_NAME).exists():
        return None, f"it has no {ENTRY_NAME}"
    try:
        entry = read_entry(folder / ENTRY_NAME)
    except LedgerError:
        return None, f"its {ENTRY_NAME} is damaged"
    if not (folder / NAMES_FILE).exists():
        return entry, "it was landed by an earlier release, without safe file names"
    try:
        read_private(ring, folder / NAMES_FILE)
        fault = _find_file_fault(folder, entry, ring, rewritten)
    except PrivateFileError:
        fault = f"its {NAMES_FILE} cannot be decrypted"
    except OSError:
        fault = "its files cannot be read"
    has_copy_to_check = fault is None and is_deep and entry.is_copy_kept
    copy_hash = entry.copy_hash or entry.content_hash
    if has_copy_to_check and _read_intact_copies(ring, folder, copy_hash) is None:
        fault = COPY_FAULT
    return entry, fault


def _find_file_fault(
    folder: Path, entry: Delivery, ring: KeyRing | None, rewritten: RewrittenFiles
) -> str | None:
    if not entry.files:
        return _find_row_fault(folder, entry, ring)
    for file in entry.files:
        path = folder / file.name
        if file.name == NAMES_FILE and ring is not None:
            continue  # it was encrypted since
        if not path.exists():
            return f"{file.name} is not there"
        if not rewritten.has_content(path, file.sha256):
            return f"{file.name} is not the file that was landed"
    return None


def _find_row_fault(folder: Path, entry: Delivery, ring: KeyRing | None) -> str | None:
    """Return a description of wrong row counts, or None if there are none.

    This is needed for old entries, which have no hashes.
    """
    rows = 0
    for name in entry.table_names:
        path = folder / f"{name}.parquet"
        if not path.exists():
            return f"{path.name} is not there"
        try:
            rows += count_parquet_rows(ring, path)
        except (pa.ArrowException, OSError, ParquetKeyError):
            return f"{path.name} cannot be read"
    return (
        None
        if rows == entry.landed_row_count
        else "its tables do not have as many rows as its entry says"
    )


def _find_raw_copy(aside: Path, folder: str, ring: KeyRing | None) -> InboxDelivery | None:
    feed, name = folder.split("/")
    try:
        entry = read_entry(aside / folder / ENTRY_NAME)
    except (LedgerError, FileNotFoundError):
        entry = None
    if entry is not None and entry.delivery_id == name:
        # Version 0.1 of this program recorded an unknown feed under the supplier's own folder name.
        known_feed = UNKNOWN if feed == UNKNOWN_FEED_FOLDER else feed
        identity = (known_feed, entry.supplier_code, entry.period)
        content_hash = entry.copy_hash or entry.content_hash
        delivered_hash = entry.content_hash if entry.copy_hash else ""
    else:
        parts = LANDED_ID.match(name.removeprefix(f"{feed}-"))
        if parts is None or feed == UNKNOWN_FEED_FOLDER:
            return None
        identity = (feed, parts["supplier"], parts["period"])
        content_hash = parts["hash"]
        delivered_hash = ""
    copies = _read_intact_copies(ring, aside / folder, content_hash)
    if copies is None:
        return None
    received_ns = None if entry is None else int(entry.received.timestamp()) * 10**9
    files = tuple(
        # If the ledger entry is lost, the file time of the raw copy is the time of receipt.
        InboxFile(copy.path, len(copy.data), received_ns or copy.modified_ns, copy.modified_ns)
        for copy in copies
    )
    former = entry if delivered_hash else None
    return InboxDelivery(f"{folder}/{RAW}", False, *identity, files, name, delivered_hash, former)
