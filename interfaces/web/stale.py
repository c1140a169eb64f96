"""What a form had seen when it was made, so that nothing is decided by what is no longer so."""

from __future__ import annotations

import hashlib

MARK_DIGITS = 24


class StaleFormError(RuntimeError):
    """What the form is about has changed since; nothing was written."""


def mark_of(*facts: object) -> str:
    """A mark of facts, for a form to carry: another one when any of them has changed."""
    text = "\x00".join(repr(fact) for fact in facts)
    return hashlib.sha256(text.encode()).hexdigest()[:MARK_DIGITS]


def refuse_stale(seen: str, now: str, what: str) -> None:
    """Raise `StaleFormError` where a form had seen something else."""
    if seen != now:
        raise StaleFormError(
            f"{what} was changed by somebody else, here or in the terminal, or by a load. Nothing"
            " was written. Open the page again and look at what it is now."
        )
