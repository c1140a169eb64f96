"""The anchor of the access log: how long it is known to be, kept where the log is not.

`web/` has the log. Its length and last hash are in `decisions/` after each view, and in the sealed
manifest of each load, so that a log that was deleted or cut short is not taken for a short one.
What a view is belongs to the application.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from register.durable import write_whole
from register.generation_ids import published_ids
from register.seals import seal_content, seal_fault
from register.settings import Settings

ANCHOR = "access_log.json"
# The entry of a manifest.
IN_MANIFEST = "access_log"
FILE_MODE = 0o600
NOTHING: dict[str, Any] = {"number": 0, "hash": "0" * 64}


class AnchorError(RuntimeError):
    """The anchor cannot be read, or was changed."""


def read_anchor(settings: Settings) -> dict[str, Any]:
    """Return the number and hash of the last entry that is known. Raises `AnchorError`."""
    kept = _kept(settings)
    published = _published(settings)
    restarted = kept.get("restarted") or {}
    if published["hash"] == restarted.get("hash"):
        published = dict(NOTHING)
    return max(kept, published, key=lambda anchor: int(anchor["number"]))


def anchor_of_manifest(settings: Settings) -> dict[str, Any]:
    """Return what a new manifest says of the log; a damaged anchor stops no publication."""
    try:
        known = read_anchor(settings)
    except AnchorError:
        known = _published(settings)
    return {"number": known["number"], "hash": known["hash"]}


def write_anchor(settings: Settings, number: int, last_hash: str) -> None:
    """Write down the last entry of the log; it is on the disk when this returns."""
    restarted = _kept(settings).get("restarted")
    _write(settings, {"number": number, "hash": last_hash, "restarted": restarted})


def restart_anchor(settings: Settings, by: str, reason: str) -> int:
    """Let a log that is lost begin anew, as a person answers for; return how long it was."""
    former = read_anchor(settings)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    restarted = {
        "at": at,
        "by": by,
        "reason": reason,
        "number": former["number"],
        "hash": former["hash"],
    }
    _write(settings, {**NOTHING, "restarted": restarted})
    return int(former["number"])


def _write(settings: Settings, content: Mapping[str, Any]) -> None:
    named = {**content, "pseudonym_key_id": settings.key_id}
    text = json.dumps(seal_content(settings, named), indent=1) + "\n"
    write_whole(settings.decisions / ANCHOR, text.encode(), FILE_MODE)


def _kept(settings: Settings) -> dict[str, Any]:
    path = settings.decisions / ANCHOR
    if not path.exists():
        return dict(NOTHING)
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        is_changed = seal_fault(settings, found) is not None
    except (ValueError, AttributeError, TypeError):
        is_changed = True
    if is_changed:
        raise AnchorError(f"decisions/{ANCHOR} was changed: restore it from the backup")
    return found


def _published(settings: Settings) -> dict[str, Any]:
    """What the last manifest that can be read says of the log."""
    for generation_id in published_ids(settings.published):
        path = settings.published / generation_id / "manifest.json"
        try:
            found: dict[str, Any] = json.loads(path.read_bytes()).get(IN_MANIFEST) or NOTHING
            return {"number": int(found["number"]), "hash": str(found["hash"])}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return dict(NOTHING)
