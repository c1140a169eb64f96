"""Memory of the machine or container, and the warehouse's default share of it."""

from __future__ import annotations

import os
from pathlib import Path

# The file with a container's memory limit (control groups, version 2). The text "max" means no
# limit.
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
GIGABYTE = 1_000_000_000
# The default share of memory for the warehouse: Python models and the system need the rest.
WAREHOUSE_SHARE = 0.5
WAREHOUSE_MOST, WAREHOUSE_LEAST = 6.0, 1.0


def memory_gigabytes(container_limit: Path = CONTAINER_LIMIT) -> float:
    """Return the memory of the machine, or of its container if that is less (unit: 10^9 bytes)."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = container_limit.read_text(encoding="ascii").strip()
    except OSError:
        limit = ""
    if limit.isdigit():
        memory_bytes = min(memory_bytes, int(limit))
    return memory_bytes / GIGABYTE


def default_warehouse_gigabytes(memory: float) -> float:
    """Return the warehouse's default memory limit for a machine's memory (unit: 10^9 bytes).

    DuckDB spills to disk what does not fit. So a lower limit gives the same results, but more
    slowly.
    """
    return round(min(WAREHOUSE_MOST, max(WAREHOUSE_LEAST, WAREHOUSE_SHARE * memory)), 1)
