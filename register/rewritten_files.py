"""The record of files that were rewritten under another key, for checks of hashes.

Ledger entries and manifests have the hashes of files as they were first written, and are never
changed. Each line of the record says that a file with one hash was replaced by a file with another
hash and the same content. A line is authenticated with a key of the ring, which is not in the home.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from register.data_keys import DataKey, KeyRing, MissingKeyError
from register.durable import flush, write_whole
from register.hashing import hash_file

RECORD = ".rewritten.jsonl"
PURPOSE = "record of rewritten files"


@dataclass(frozen=True)
class RewrittenFiles:
    """The hashes of files by the hash of the file that each has replaced."""

    successors: dict[str, set[str]] = field(default_factory=dict)

    def has_content(self, path: Path, stated_hash: str) -> bool:
        """Return whether a file is the one with the stated hash, or has replaced it."""
        actual = hash_file(path)
        reached, pending = {stated_hash}, [stated_hash]
        while pending:
            fresh = self.successors.get(pending.pop(), set()) - reached
            reached |= fresh
            pending += fresh
        return actual in reached


def read_rewritten(ring: KeyRing | None, landing: Path) -> RewrittenFiles:
    """Read the record, without lines that no key of the ring authenticates."""
    record = RewrittenFiles()
    path = landing / RECORD
    if ring is None or not path.exists():
        return record
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            before, after = str(entry["before"]), str(entry["after"])
            code = _authenticate(ring.find(str(entry["key_id"])), before, after)
            is_authentic = hmac.compare_digest(code, str(entry["code"]))
        except (ValueError, KeyError, TypeError, MissingKeyError):
            continue
        if is_authentic:
            record.successors.setdefault(before, set()).add(after)
    return record


def replace_file(
    ring: KeyRing, landing: Path, path: Path, write_content: Callable[[Path], None]
) -> None:
    """Replace a file atomically by a new one with the same content, and record both hashes.

    `write_content` writes the new file under the path that it is given.
    """
    partial = path.with_name(f".partial-{uuid4().hex}")
    try:
        write_content(partial)
        status = path.stat()
        os.chown(partial, -1, status.st_gid)
        partial.chmod(status.st_mode & 0o777)
        flush(partial)
        line = _format_line(ring.current, hash_file(path), hash_file(partial))
        with (landing / RECORD).open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        for remnant in path.parent.glob(f"{partial.name}*"):
            remnant.unlink()
    flush(path.parent)


def renew_record(ring: KeyRing, landing: Path) -> None:
    """Authenticate every line with the current key, so that former keys are no longer needed."""
    record = read_rewritten(ring, landing)
    lines = [
        _format_line(ring.current, before, after)
        for before, successors in record.successors.items()
        for after in sorted(successors)
    ]
    if lines:
        write_whole(landing / RECORD, "".join(lines).encode(), mode=0o600)


def _format_line(key: DataKey, before: str, after: str) -> str:
    code = _authenticate(key, before, after)
    entry = {"key_id": key.id, "before": before, "after": after, "code": code}
    return json.dumps(entry) + "\n"


def _authenticate(key: DataKey, before: str, after: str) -> str:
    return hmac.digest(key.derive(PURPOSE), f"{before} {after}".encode(), "sha256").hex()
