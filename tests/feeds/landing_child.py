"""A load that kills itself at the n-th file operation in landing: run by `test_kills.py`.

Without a number it prints how many file operations a whole load makes.
"""

from __future__ import annotations

import os
import signal
import sys

from register.feeds import land_everything
from register.feeds import workers as staging
from register.settings import load_settings
from tests.feeds.deliveries import NOW

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime")


def main(home: str, fatal: int, enough_for_workers: int) -> None:
    """Load, and die at the `fatal`-th operation if it is not 0."""
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    staging.MIN_FOR_WORKERS = enough_for_workers
    folder = str(settings.landing)
    count = 0

    def watch(event: str, details: tuple[object, ...]) -> None:
        nonlocal count
        if event in EVENTS and str(details[0]).startswith(folder):
            count += 1
            if count == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    land_everything(settings, now=NOW)
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
