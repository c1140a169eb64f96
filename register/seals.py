"""Seals: keyed hashes in JSON files, which reveal later changes of the file.

The key is the pseudonym key, which is stored outside the home. So a person who can only write to
the home cannot seal a file. A seal names its key by the key's id.
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
    """Return a JSON file's content with a seal added as the last property."""
    bare = {name: value for name, value in content.items() if name != SEAL}
    return {**bare, SEAL: f"{settings.key_id}:{_hash_content(settings.pseudonym_key, bare)}"}


def seal_fault(settings: Settings, content: Mapping[str, Any]) -> str | None:
    """Return how the content of a JSON file contradicts its seal, or None if they match.

    A seal under a former key, which the content must name, cannot be checked and is no fault.
    """
    claimed = content.get(SEAL)
    if claimed is None:
        return "it has no seal"
    bare = {name: value for name, value in content.items() if name != SEAL}
    key_id, _, digest = str(claimed).partition(":")
    if key_id == content.get("pseudonym_key_id") != settings.key_id:
        return None
    is_valid = key_id == settings.key_id and hmac.compare_digest(
        digest, _hash_content(settings.pseudonym_key, bare)
    )
    return None if is_valid else "it was changed after it was written"


def _hash_content(key: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hmac.digest(key.encode(), PURPOSE + text.encode(), "sha256").hex()
