"""Validation of rows in decision files: the form of the cells in each column.

An invalid row is reported before a build starts. The packages that use the rows define their
meaning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:\d\d)?)?)?")
DAY_OR_NONE = re.compile(r"(\d{4}-\d\d-\d\d)?")
NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")
FORMS = {
    **dict.fromkeys(
        ("decided_at", "reviewed_at", "drawn_at", "recorded_at", "entered_at"),
        (MOMENT, "a moment such as 2026-11-30T09:00:00Z"),
    ),
    **dict.fromkeys(("expires_on", "changed_from"), (DAY_OR_NONE, "a day such as 2026-11-30")),
    **dict.fromkeys(
        ("sampling_weight", "stratum_pair_count", "sampled_pair_count", "weight", "case_number"),
        (NUMBER, "a number"),
    ),
    "under_hours": (re.compile(rf"({NUMBER.pattern})?"), "a number of hours"),
    "is_blind": (re.compile("true|false"), "true or false"),
}
# For each file, the allowed values of its column `decision`.
DECISION_WORDS = {
    "deliveries.csv": ("confirm", "refuse", "withdraw", "reinstate"),
    "links.csv": ("link", "never_link", "split", "void"),
    "recording_changes.csv": ("announce", "void"),
    "serving_grants.csv": ("grant", "revoke"),
    "linkage_models.csv": ("pin", "void"),
    "approvals.csv": ("requested", "approved", "refused"),
}


def find_row_fault(name: str, columns: Sequence[str], row: Sequence[str]) -> str | None:
    """Return the first fault of a row by column, without values; None if the row is valid."""
    if len(row) != len(columns):
        return f"{len(row)} fields, not {len(columns)}"
    for column, cell in zip(columns, row, strict=True):
        pattern, form = FORMS.get(column, (None, ""))
        if pattern is not None and not (pattern.fullmatch(cell) and _is_valid_date(cell)):
            return f"{column} is not {form}"
        if column == "decision" and cell not in DECISION_WORDS[name]:
            return f"decision is none of {', '.join(DECISION_WORDS[name])}"
    return None


def _is_valid_date(cell: str) -> bool:
    """Return False if a cell begins like a date and is not a real one; otherwise True."""
    if not re.match(r"\d{4}-", cell):
        return True
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True
