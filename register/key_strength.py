"""A secret key's id, and how easy the key is to guess. `settings` reads keys."""

from __future__ import annotations

import hmac
import re

DEVELOPMENT_KEY = "development only: these pseudonyms protect nobody"
# Minimum length and number of different characters of a production key; `secrets.token_urlsafe(32)`
# returns 43 characters.
MIN_KEY_LENGTH, MIN_KEY_VARIETY = 32, 12
KEY_ID_LENGTH = 16
GUESSABLE = re.compile(r"change.?me|example|pseudonym|password|secret|development|test", re.I)


def compute_key_id(key: str) -> str:
    """Return an id of a pseudonym key, from which nothing about the key can be learnt."""
    digest = hmac.digest(key.encode(), b"id of the pseudonym key", "sha256")
    return digest.hex()[:KEY_ID_LENGTH]


def find_key_fault(key: str) -> str | None:
    """Return why a pseudonym key is easy to guess, without quoting the key; None if it is not."""
    if key == DEVELOPMENT_KEY:
        return "it is the development key, which is public"
    if len(key.strip()) < MIN_KEY_LENGTH:
        return f"it has fewer than {MIN_KEY_LENGTH} characters"
    if len(set(key)) < MIN_KEY_VARIETY:
        return f"it has fewer than {MIN_KEY_VARIETY} different characters"
    if GUESSABLE.search(key):
        return "it has a word of documentation in it"
    return None
