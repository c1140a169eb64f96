"""The checks that stand between a draft and a signature, each a result with what it found.

Each check is a module; what the screener asks is in `official_statistics.screening`.
"""

from official_statistics.checks.all_checks import (
    TITLES,
    CheckResult,
    Surroundings,
    read_checks,
    run_checks,
)
from official_statistics.checks.notes import add_note, read_notes

__all__ = [
    "TITLES",
    "CheckResult",
    "Surroundings",
    "add_note",
    "read_checks",
    "read_notes",
    "run_checks",
]
