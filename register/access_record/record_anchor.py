"""The access record's anchor: the number and hash of its last entry, stored outside the record.

After each entry, this module stores them in `decisions/`. Each load adds them to its sealed
manifest. So a record that was deleted or cut is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from register.durable import write_whole
from register.generation_ids import list_published_ids
from register.seals import seal_content, seal_fault
from register.settings import Settings

ANCHOR = "access_log.json"
# The name of the anchor in a generation's manifest.
IN_MANIFEST = "access_log"
FILE_MODE = 0o600
EMPTY_ANCHOR: dict[str, Any] = {"number": 0, "hash": "0" * 64}


class AnchorError(RuntimeError):
    """The anchor cannot be read, or a person changed it by hand."""


def read_anchor(settings: Settings) -> dict[str, Any]:
    """Return the number and hash of the last known entry.

    Raises `AnchorError` if the anchor file is damaged or was changed by hand.
    """
    anchor = _read_anchor_file(settings)
    restarted = anchor.get("restarted") or {}
    published = _read_published_anchor(settings, restarted.get("generation_id", ""))
    if published["hash"] == restarted.get("hash"):
        published = dict(EMPTY_ANCHOR)
    return max(anchor, published, key=lambda item: int(item["number"]))


def build_manifest_anchor(settings: Settings) -> dict[str, Any]:
    """Return the anchor for a new manifest.

    If the anchor file is damaged, this is the anchor of the latest manifest, so that a load can
    still be published.
    """
    try:
        anchor = read_anchor(settings)
    except AnchorError:
        anchor = _read_published_anchor(settings)
    return {"number": anchor["number"], "hash": anchor["hash"]}


def write_anchor(settings: Settings, number: int, last_hash: str) -> None:
    """Write the number and hash of the last entry to the anchor file, durably."""
    restarted = _read_anchor_file(settings).get("restarted")
    _write_anchor_file(settings, {"number": number, "hash": last_hash, "restarted": restarted})


def restart_anchor(settings: Settings, by: str, reason: str) -> int:
    """Reset the anchor after the record was lost, with a person's reason.

    Returns the number of entries of the lost record.
    """
    former = read_anchor(settings)
    restarted = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": by,
        "reason": reason,
        "number": former["number"],
        "hash": former["hash"],
        # Manifests up to this generation's have the number and hash of the lost record.
        "generation_id": next(iter(list_published_ids(settings.published)), ""),
    }
    _write_anchor_file(settings, {**EMPTY_ANCHOR, "restarted": restarted})
    return int(former["number"])


def _write_anchor_file(settings: Settings, content: Mapping[str, Any]) -> None:
    content = {**content, "pseudonym_key_id": settings.key_id}
    text = json.dumps(seal_content(settings, content), indent=1) + "\n"
    settings.decisions.mkdir(parents=True, exist_ok=True)
    write_whole(settings.decisions / ANCHOR, text.encode(), FILE_MODE)


def _read_anchor_file(settings: Settings) -> dict[str, Any]:
    path = settings.decisions / ANCHOR
    if not path.exists():
        return dict(EMPTY_ANCHOR)
    try:
        anchor: dict[str, Any] = json.loads(path.read_bytes())
        is_changed = seal_fault(settings, anchor) is not None
    except (ValueError, AttributeError, TypeError):
        is_changed = True
    if is_changed:
        raise AnchorError(f"decisions/{ANCHOR} was changed: restore it from the backup")
    return anchor


def _read_published_anchor(settings: Settings, after: str = "") -> dict[str, Any]:
    """Return the anchor from the latest readable manifest of a generation after `after`."""
    for generation_id in list_published_ids(settings.published):
        if generation_id <= after:
            break
        path = settings.published / generation_id / "manifest.json"
        try:
            anchor: dict[str, Any] = json.loads(path.read_bytes()).get(IN_MANIFEST) or EMPTY_ANCHOR
            return {"number": int(anchor["number"]), "hash": str(anchor["hash"])}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return dict(EMPTY_ANCHOR)
