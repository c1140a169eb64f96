"""What the machine, or the container, lets this process use; what for belongs elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

# The limit of a container (control groups, version 2); "max" where there is none.
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
GIGABYTE = 1_000_000_000
# What the warehouse takes by default: Python models and the system need the other half.
WAREHOUSE_SHARE = 0.5
WAREHOUSE_MOST, WAREHOUSE_LEAST = 6.0, 1.0


def memory_gigabytes(container_limit: Path = CONTAINER_LIMIT) -> float:
    """Return the memory of the machine, or of the container where that is less (10^9 bytes)."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        said = container_limit.read_text(encoding="ascii").strip()
    except OSError:
        said = ""
    if said.isdigit():
        found = min(found, int(said))
    return found / GIGABYTE


def usual_warehouse_gigabytes(memory: float) -> float:
    """Return what the warehouse may take of `memory` (both in 10^9 bytes) if nobody says so.

    What does not fit is put on disk beside the warehouse: less memory is slower, and never wrong.
    """
    return round(min(WAREHOUSE_MOST, max(WAREHOUSE_LEAST, WAREHOUSE_SHARE * memory)), 1)
