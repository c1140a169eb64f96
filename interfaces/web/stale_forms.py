"""Refusal of forms from outdated pages, so that no decision is based on outdated facts."""

from __future__ import annotations

import hashlib

FINGERPRINT_DIGITS = 24


class StaleFormError(RuntimeError):
    """The subject of a form has changed since its page was opened, so nothing was written."""


def compute_fingerprint(*facts: object) -> str:
    """Return a fingerprint of facts for a form. It changes if any fact changes."""
    text = "\x00".join(repr(fact) for fact in facts)
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def refuse_stale(seen_fingerprint: str, current_fingerprint: str, what: str) -> None:
    """Raise `StaleFormError` if facts have changed since the form was made."""
    if seen_fingerprint != current_fingerprint:
        raise StaleFormError(
            f"{what} was changed by another person, here or in the terminal, or by a load. Nothing"
            " was written. Open the page again to see the current state."
        )
