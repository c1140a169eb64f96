"""What measuring and its site import for seconds, imported before they begin."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

# Great Expectations, and what draws the site's charts.
SLOW = ("expectations.validate.judge", "expectations.site")


def import_ahead() -> None:
    """Import it while a load waits for something else.

    What cannot be imported is told by the step that needs it: a load publishes without it.
    """
    for module in SLOW:
        with suppress(Exception):
            import_module(module)
