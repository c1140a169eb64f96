"""Where a delivery of the inbox is in landing, and whether a load is landing deliveries now."""

from __future__ import annotations

import fcntl
from pathlib import Path

from register.feeds.inbox import read_fingerprints
from register.feeds.landing import LOCK_NAME
from register.settings import Settings


def find_landed_delivery(settings: Settings, place: str) -> str | None:
    """Return the id of the delivery that landed last from a place of the inbox; None if none did.

    A place is `<feed>/<supplier code>/<period>`, perhaps with a mark.
    """
    _, folder = read_fingerprints(settings).folders_by_place.get(place, ("", ""))
    is_landed = bool(folder) and (settings.landing / folder).is_dir()
    return Path(folder).name if is_landed else None


def is_landing_locked(settings: Settings) -> bool:
    """Return whether a process is landing deliveries at this moment."""
    try:
        with (settings.landing / LOCK_NAME).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
