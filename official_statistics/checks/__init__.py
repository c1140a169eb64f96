"""Checks that a draft must pass before it can be signed. Each check lists the faults it finds.

The platform's rules for files are in `official_statistics.screening`, and the attack on a release
is in `suppression_attack`.
"""

from official_statistics.checks.all_checks import (
    TITLES,
    CheckContext,
    CheckResult,
    read_checks,
    run_checks,
)
from official_statistics.checks.revision_checks import add_note, read_notes

__all__ = [
    "TITLES",
    "CheckContext",
    "CheckResult",
    "add_note",
    "read_checks",
    "read_notes",
    "run_checks",
]
