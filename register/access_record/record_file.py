"""The file of the access record: appending entries to it, and reading them.

The number and hash of the last entry are also stored outside the file (`record_anchor`), so entries
missing from the end are noticed. A home of an earlier release has a log of the web application's
views. The record continues its numbers and its chain.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from register.access import PRIVATE_FOLDER
from register.access_record.record_anchor import (
    AnchorError,
    read_anchor,
    restart_anchor,
    write_anchor,
)
from register.access_record.record_entries import (
    HASH,
    START,
    Entry,
    build_line,
    hash_line,
    is_sealed,
    list_known_keys,
)
from register.access_record.recorded_states import (
    find_ledger_changes,
    list_stated_files,
    read_states,
)
from register.durable import flush
from register.generation_ids import list_published_ids
from register.settings import Settings

RECORD, LOCK = "record.jsonl", ".lock"
# The log of views of an earlier release, in the folder of the web application.
EARLIER_LOG = "access_log.jsonl"
FILE_MODE = 0o600
ABSENCE = (
    "there is no access record, and the home has deliveries, decisions or generations: restore it"
    " from the backup; in a home of an earlier release, the next load begins it"
)
VERIFY = "run `register access verify`"
EMPTY = {"number": 0, HASH: START}


class RecordError(RuntimeError):
    """The access record cannot be written or is damaged, so nothing that it covers may go on."""


def record_access(settings: Settings, entry: Entry) -> int:
    """Append an entry to the record, and return its number once it is on disk.

    If this fails, raises `RecordError`; the caller must then not show or do what it recorded.
    """
    try:
        with _hold_record(settings) as path:
            last = _read_last_line(settings, path)
            if last["number"] == 0 or not path.exists():
                last = _append_line(settings, path, _describe_beginning(settings, last), last)
            return int(_append_line(settings, path, entry, last)["number"])
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecordError(f"the access record cannot be written: {reason}") from None


def record_ledger(settings: Settings) -> None:
    """Record the entries of the ledger that are new or changed since the last load, if any."""
    states = find_ledger_changes(settings, read_record(settings))
    if states:
        deliveries = tuple(Path(name).parent.name for name in states)
        record_access(settings, Entry("ledger", "landed", keys=deliveries, states=states))


def find_record_fault(settings: Settings) -> str | None:
    """Return why no entry could be appended, or why there is no record; None if all is well.

    It looks at the last entry alone. `verify_record` looks at all of them.
    """
    path = settings.access_record / RECORD
    try:
        with _hold_record(settings):
            _read_last_line(settings, path)
    except OSError as error:
        return f"the access record cannot be read ({type(error).__name__})"
    except RecordError as error:
        return str(error)
    is_used = bool(list_published_ids(settings.published)) or any(list_stated_files(settings))
    return ABSENCE if is_used and not path.exists() else None


def restart_record(settings: Settings, by: str, reason: str) -> int:
    """Start a new record because the old one is lost; return the old one's number of entries.

    Files that remain of the old record are renamed. Raises `RecordError` if a name or reason is
    missing.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not (by and reason):
        raise RecordError("a new record needs a name and a reason")
    with _hold_record(settings) as path:
        _read_anchor(settings)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        for left in (path, settings.web_folder / EARLIER_LOG):
            if left.exists():
                left.rename(left.with_name(f"{left.stem}_before_{stamp}{left.suffix}"))
        count = restart_anchor(settings, by, reason)
        beginning = Entry("record", "restarted", states=read_states(settings))
        _append_line(settings, path, beginning, EMPTY)
        return count


def read_record(settings: Settings, key: str | None = None) -> Iterator[dict[str, Any]]:
    """Read the entries in order; if `key` is given, only entries about this key."""
    for path in list_record_files(settings):
        with path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if key is None or key in entry["keys"]:
                    yield entry


def read_sealed_entries(settings: Settings, kind: str) -> Iterator[dict[str, Any]]:
    """Read the entries of a kind in order, without any that was altered or has no right seal."""
    known_keys = list_known_keys(settings)
    for entry in read_record(settings):
        is_intact = entry.get("kind") == kind and entry[HASH] == hash_line(entry)
        if is_intact and is_sealed(known_keys, entry):
            yield entry


def list_record_files(settings: Settings) -> list[Path]:
    """Return the files with the entries: the log of an earlier release, and the record."""
    paths = (settings.web_folder / EARLIER_LOG, settings.access_record / RECORD)
    return [path for path in paths if path.exists()]


@contextmanager
def _hold_record(settings: Settings) -> Iterator[Path]:
    """Lock the record for this thread and process until the block ends, and return its path."""
    folder = settings.access_record
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder.chmod(PRIVATE_FOLDER)
    with (folder / LOCK).open("ab") as lock:
        os.chmod(lock.fileno(), FILE_MODE)  # noqa: PTH101 - of the open file
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / RECORD


def _append_line(
    settings: Settings, path: Path, entry: Entry, last: dict[str, Any]
) -> dict[str, Any]:
    line = build_line(settings, entry, last)
    with path.open("ab") as file:
        os.chmod(file.fileno(), FILE_MODE)  # noqa: PTH101 - of the open file
        file.write((json.dumps(line, ensure_ascii=True) + "\n").encode())
    flush(path)
    write_anchor(settings, line["number"], line[HASH])
    return line


def _describe_beginning(settings: Settings, last: dict[str, Any]) -> Entry:
    """Return the entry with which a record begins: what the home has and no entry is about yet."""
    what = "continued" if last["number"] else "begun"
    return Entry("record", what, states=read_states(settings))


def _read_last_line(settings: Settings, path: Path) -> dict[str, Any]:
    """Return the last entry, after checking that it is the one that was written last.

    Raises `RecordError` if entries are missing from the end, or the last one has another seal.
    """
    last = _read_end(path) or _read_end(settings.web_folder / EARLIER_LOG) or EMPTY
    known = _read_anchor(settings)
    if known["number"] > last["number"]:
        raise RecordError(f"entries are missing from the access record: {VERIFY}")
    if "key_id" in last:
        seal = is_sealed(list_known_keys(settings), last)
        if seal is None:
            raise RecordError(
                "the access record was written under another pseudonym key: set"
                " REGISTER_PSEUDONYM_KEY_BEFORE to it, until one entry is written"
            )
        if not seal or last[HASH] != hash_line(last):
            raise RecordError(f"the last entry of the access record was changed: {VERIFY}")
    return last


def _read_anchor(settings: Settings) -> dict[str, Any]:
    try:
        return read_anchor(settings)
    except AnchorError as error:
        raise RecordError(str(error)) from None


def _read_end(path: Path) -> dict[str, Any] | None:
    """Read the last complete line. Remove an incomplete line after it, which a power cut left."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with path.open("r+b") as file:
        size, block = path.stat().st_size, b""
        while size and block.strip(b"\n").count(b"\n") == 0:
            step = min(1 << 16, size)
            size -= step
            file.seek(size)
            block = file.read(step) + block
        lines_block = block[: block.rfind(b"\n") + 1]
        file.truncate(size + len(lines_block))
    lines = lines_block.splitlines()
    if not lines:
        return None
    try:
        entry: dict[str, Any] = json.loads(lines[-1])
        return {**entry, "number": int(entry["number"]), HASH: str(entry[HASH])}
    except (ValueError, KeyError, TypeError):
        raise RecordError(f"the access record is damaged: {VERIFY}") from None
