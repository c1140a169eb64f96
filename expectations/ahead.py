"""What measuring imports for seconds, imported before it begins."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

# Great Expectations.
SLOW = "expectations.validate.judge"


def import_ahead(*others: str) -> None:
    """Import it, and other modules by name, while a load waits for something else.

    What cannot be imported is told by the step that needs it: a load publishes without it.
    """
    for module in (SLOW, *others):
        with suppress(Exception):
            import_module(module)
