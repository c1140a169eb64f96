"""The access log: who looked at what names children, when, which keys, and why.

One line of JSON for each view, only ever appended, each with the hash of the one before. A line
that was changed, taken out or put in breaks the chain. The last hash lies in a file of its own, and
outside the folder (`register.access_anchor`), so that lines missing from the end, or all of them,
are seen; noted elsewhere, it shows a log that was made anew. Keys and codes are in it, never a name
or another value of a person.
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

from interfaces.web.file_answers import hold, read_json, web_file, write_json
from register.access_anchor import AnchorError, read_anchor, restart_anchor, write_anchor
from register.durable import flush
from register.settings import Settings

LOG, HEAD = "access_log.jsonl", "access_log_head.json"
START = "0" * 64
# Why somebody looks: asked for once in each session.
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
    """The access log cannot be written or is not whole: nothing that names children is shown."""


@dataclass(frozen=True)
class View:
    """One view of identifying data: which, of what keys, by whom and why.

    `what` is a code of the page; `keys` are ids of the register, of deliveries or of samples.
    """

    who: str
    why: str
    what: str
    generation_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Verification:
    """What a reading of the whole log found: its length, its last hash, and the first fault."""

    entry_count: int
    head: str
    fault: str | None


def log_view(settings: Settings, view: View) -> None:
    """Append a view; it is on the disk when this returns.

    Raises `AccessLogError` where that cannot be done: the caller then shows nothing.
    """
    try:
        path = web_file(settings, LOG)
        with hold(path):
            _append(settings, path, view)
    except OSError as error:
        raise AccessLogError(f"the access log cannot be written ({type(error).__name__})") from None


def _append(settings: Settings, path: Path, view: View) -> None:
    last = _last_entry(path)
    head = read_json(web_file(settings, HEAD))
    if max(head.get("number", 0), _anchor(settings)["number"]) > last["number"]:
        raise AccessLogError("lines are missing from the access log: `register web log verify`")
    entry = {
        "number": last["number"] + 1,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **asdict(view),
        "keys": list(view.keys),
        "previous": last["hash"],
    }
    entry["hash"] = _hash(entry)
    with path.open("ab") as file:
        os.chmod(file.fileno(), 0o600)  # noqa: PTH101 - of the open file
        file.write((json.dumps(entry, ensure_ascii=True) + "\n").encode())
    flush(path)
    write_json(web_file(settings, HEAD), {"number": entry["number"], "hash": entry["hash"]})
    write_anchor(settings, entry["number"], entry["hash"])


def _anchor(settings: Settings) -> dict[str, Any]:
    try:
        return read_anchor(settings)
    except AnchorError as error:
        raise AccessLogError(str(error)) from None


def restart_log(settings: Settings, by: str, reason: str) -> int:
    """Begin the log anew where it is lost, as a person answers for; return how long it was.

    What is left of it is kept beside. Raises `AccessLogError` without a name or a reason.
    """
    by, reason = " ".join(by.split()), " ".join(reason.split())
    if not (by and reason):
        raise AccessLogError("a log is begun anew with a name and a reason")
    path = web_file(settings, LOG)
    with hold(path):
        _anchor(settings)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        for name in (LOG, HEAD):
            left = web_file(settings, name)
            if left.exists():
                left.rename(left.with_name(f"{left.stem}_before_{stamp}{left.suffix}"))
        return restart_anchor(settings, by, reason)


def _last_entry(path: Path) -> dict[str, Any]:
    """The last whole line; what a power cut left behind it was never shown, and is cut off."""
    if not path.exists() or path.stat().st_size == 0:
        return {"number": 0, "hash": START}
    with path.open("r+b") as file:
        size, block = path.stat().st_size, b""
        while size and block.strip(b"\n").count(b"\n") == 0:
            step = min(1 << 16, size)
            size -= step
            file.seek(size)
            block = file.read(step) + block
        whole = block[: block.rfind(b"\n") + 1]
        file.truncate(size + len(whole))
    lines = whole.splitlines()
    try:
        entry = json.loads(lines[-1]) if lines else {"number": 0, "hash": START}
        return {"number": int(entry["number"]), "hash": str(entry["hash"])}
    except (ValueError, KeyError, TypeError):
        raise AccessLogError("the access log is damaged: `register web log verify`") from None


def verify_log(settings: Settings, noted_head: str | None = None) -> Verification:
    """Read the whole log and follow its chain; the fault names the line.

    `noted_head` is a last hash that somebody noted elsewhere: the log must still have it.
    """
    count, previous, seen = 0, START, {START}
    path = settings.web_folder / LOG
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    fault = None if lines[-1] == b"" else "the last line was cut short"
    for number, line in enumerate(lines[:-1], start=1):
        broken = _fault_of(line, number, previous)
        if broken is not None:
            return Verification(count, previous, f"line {number}: {broken}")
        count, previous = number, str(json.loads(line)["hash"])
        seen.add(previous)
    head = read_json(settings.web_folder / HEAD) or {"number": 0, "hash": START}
    try:
        known = read_anchor(settings)
    except AnchorError as error:
        return Verification(count, previous, str(error))
    longest = max(head["number"], known["number"])
    if longest > count:
        fault = f"{longest - count} lines are missing from the end"
    elif known["hash"] not in seen:
        fault = "the log is another than the one that views were written to: it was made anew"
    elif head["number"] < count - 1 or head["hash"] not in seen:
        fault = "the last hash that was written down is not the log's"
    elif noted_head is not None and noted_head not in seen:
        fault = "the noted hash is not in the log: the log was made anew"
    return Verification(count, previous, fault)


def _fault_of(line: bytes, number: int, previous: str) -> str | None:
    try:
        entry = json.loads(line)
        claimed = entry.pop("hash")
    except (ValueError, KeyError, AttributeError):
        return "it is no entry"
    if entry.get("number") != number:
        return "its number is another one: a line was taken out or put in"
    if entry.get("previous") != previous:
        return "it does not follow the line before it"
    return None if claimed == _hash(entry) else "it was changed"


def read_log(settings: Settings, key: str | None = None) -> Iterator[dict[str, Any]]:
    """The entries, the first first; with `key` only those of views in which it was shown."""
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


def keys_of(*groups: Iterable[str | None]) -> tuple[str, ...]:
    """Keys without repetition, in order; what has none is left out."""
    return tuple(dict.fromkeys(key for group in groups for key in group if key))


def _hash(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
