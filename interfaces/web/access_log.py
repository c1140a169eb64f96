"""The access log: who viewed a page that names children, when, which keys, and why.

Each view is one line of JSON with the hash of the line before it. A line that is changed, removed
or inserted breaks this chain. The last hash is also stored in a separate file and outside the
folder (`register.access_anchor`), so lines missing from the end are noticed. The log has keys and
codes, and never a name or another value of a person.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from interfaces.web.application_files import lock_file, prepare_file_path, read_json, write_json
from register.access_anchor import AnchorError, read_anchor, restart_anchor, write_anchor
from register.durable import flush
from register.settings import Settings

LOG, HEAD = "access_log.jsonl", "access_log_head.json"
START = "0" * 64
# The reason for looking at children's names. A person states it once in each session.
Purpose = Literal[
    "clerical_review",
    "safeguarding",
    "audit",
    "supplier_question",
    "data_protection_request",
    "test_of_the_system",
]
PURPOSES: tuple[str, ...] = get_args(Purpose)


class AccessLogError(RuntimeError):
    """The access log cannot be written or is damaged, so no page that names children is shown."""


@dataclass(frozen=True)
class View:
    """One view of identifying data: who viewed which page, with which keys, and why.

    `what` is a code of the page; `keys` are ids of the register, of deliveries or of samples.
    """

    who: str
    why: str
    what: str
    generation_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Verification:
    """The result of verifying the log: number of entries, last hash, and first fault."""

    entry_count: int
    head: str
    fault: str | None


def log_view(settings: Settings, view: View) -> None:
    """Append a view to the log, and return once it is on disk.

    If this fails, raises `AccessLogError`; the caller must then not show the page.
    """
    try:
        path = prepare_file_path(settings, LOG)
        with lock_file(path):
            _append_view(settings, path, view)
    except OSError as error:
        raise AccessLogError(f"the access log cannot be written ({type(error).__name__})") from None


def _append_view(settings: Settings, path: Path, view: View) -> None:
    last = _last_entry(path)
    head = read_json(settings, prepare_file_path(settings, HEAD))
    if max(head.get("number", 0), _read_anchor(settings)["number"]) > last["number"]:
        raise AccessLogError("lines are missing from the access log: `register web log verify`")
    entry = {
        "number": last["number"] + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **asdict(view),
        "keys": list(view.keys),
        "previous": last["hash"],
    }
    entry["hash"] = _hash_entry(entry)
    with path.open("ab") as file:
        os.chmod(file.fileno(), 0o600)  # noqa: PTH101 - of the open file
        file.write((json.dumps(entry, ensure_ascii=True) + "\n").encode())
    flush(path)
    write_json(
        settings,
        prepare_file_path(settings, HEAD),
        {"number": entry["number"], "hash": entry["hash"]},
    )
    write_anchor(settings, entry["number"], entry["hash"])


def _read_anchor(settings: Settings) -> dict[str, Any]:
    try:
        return read_anchor(settings)
    except AnchorError as error:
        raise AccessLogError(str(error)) from None


def restart_log(settings: Settings, by: str, reason: str) -> int:
    """Start a new log because the old one is lost; return the old log's number of views.

    Files that remain of the old log are renamed. Raises `AccessLogError` if a name or reason is
    missing.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not (by and reason):
        raise AccessLogError("a new log needs a name and a reason")
    path = prepare_file_path(settings, LOG)
    with lock_file(path):
        _read_anchor(settings)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        for name in (LOG, HEAD):
            left = prepare_file_path(settings, name)
            if left.exists():
                left.rename(left.with_name(f"{left.stem}_before_{stamp}{left.suffix}"))
        return restart_anchor(settings, by, reason)


def _last_entry(path: Path) -> dict[str, Any]:
    """Read the last complete line. Remove an incomplete line after it, which a power cut left."""
    if not path.exists() or path.stat().st_size == 0:
        return {"number": 0, "hash": START}
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
    try:
        entry = json.loads(lines[-1]) if lines else {"number": 0, "hash": START}
        return {"number": int(entry["number"]), "hash": str(entry["hash"])}
    except (ValueError, KeyError, TypeError):
        raise AccessLogError("the access log is damaged: `register web log verify`") from None


def verify_log(settings: Settings, noted_head: str | None = None) -> Verification:
    """Verify the log's chain of hashes. If it is broken, the fault names the line.

    `noted_head` is the log's last hash, as a person noted it earlier. The log must still contain
    it.
    """
    count, previous, known_hashes = 0, START, {START}
    path = settings.web_folder / LOG
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    fault = None if lines[-1] == b"" else "the last line was cut short"
    for number, line in enumerate(lines[:-1], start=1):
        line_fault = _find_line_fault(line, number, previous)
        if line_fault is not None:
            return Verification(count, previous, f"line {number}: {line_fault}")
        count, previous = number, str(json.loads(line)["hash"])
        known_hashes.add(previous)
    head = read_json(settings, settings.web_folder / HEAD) or {"number": 0, "hash": START}
    try:
        known = read_anchor(settings)
    except AnchorError as error:
        return Verification(count, previous, str(error))
    longest = max(head["number"], known["number"])
    if longest > count:
        fault = f"{longest - count} lines are missing from the end"
    elif known["hash"] not in known_hashes:
        fault = "the log was replaced by another: views were written to a different log"
    elif head["number"] < count - 1 or head["hash"] not in known_hashes:
        fault = "the stored last hash is not in the log"
    elif noted_head is not None and noted_head not in known_hashes:
        fault = "the noted hash is not in the log: the log was replaced"
    return Verification(count, previous, fault)


def _find_line_fault(line: bytes, number: int, previous: str) -> str | None:
    try:
        entry = json.loads(line)
        claimed = entry.pop("hash")
    except (ValueError, KeyError, AttributeError):
        return "it is not an entry"
    if entry.get("number") != number:
        return "its number is wrong: a line was removed or inserted"
    if entry.get("previous") != previous:
        return "it does not follow the line before it"
    return None if claimed == _hash_entry(entry) else "it was changed"


def read_log(settings: Settings, key: str | None = None) -> Iterator[dict[str, Any]]:
    """Read the entries in order; if `key` is given, only views that showed this key."""
    path = settings.web_folder / LOG
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if key is None or key in entry["keys"]:
                yield entry


def list_view_keys(*groups: Iterable[str | None]) -> tuple[str, ...]:
    """List the keys of a view in order, without duplicates and without None."""
    return tuple(dict.fromkeys(key for group in groups for key in group if key))


def _hash_entry(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
