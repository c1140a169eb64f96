"""Why a step of a release cannot be taken."""

from __future__ import annotations


class ReleaseError(RuntimeError):
    """A step is refused; the message says which rule refuses it and what to do."""
