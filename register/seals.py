"""Seals: a keyed hash in a JSON file that shows when the file was changed after it was written.

The key is the pseudonym key, which lies outside the home: who can write a file cannot seal it. A
seal names its key by the key's id.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from register.settings import Settings

SEAL = "seal"
PURPOSE = b"seal of a file in a home: "


def seal_content(settings: Settings, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a JSON file with its seal, as its last property."""
    bare = {name: value for name, value in content.items() if name != SEAL}
    return {**bare, SEAL: f"{settings.key_id}:{_digest(settings.pseudonym_key, bare)}"}


def seal_fault(settings: Settings, content: Mapping[str, Any]) -> str | None:
    """Return why the content of a JSON file is not what was sealed; None if it is.

    A seal under a former key, which the content must name, cannot be checked and is no fault.
    """
    claimed = content.get(SEAL)
    if claimed is None:
        return "it has no seal"
    bare = {name: value for name, value in content.items() if name != SEAL}
    key_id, _, digest = str(claimed).partition(":")
    if key_id == content.get("pseudonym_key_id") != settings.key_id:
        return None
    is_right = key_id == settings.key_id and hmac.compare_digest(
        digest, _digest(settings.pseudonym_key, bare)
    )
    return None if is_right else "it was changed after it was written"


def _digest(key: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hmac.digest(key.encode(), PURPOSE + text.encode(), "sha256").hex()
