"""Announced changes in how suppliers record: appending them, and listing those in force.

Rows of `decisions/recording_changes.csv` are appended and never edited. A later row for the same
supplier, day and category replaces an earlier one; a void row withdraws it. The dbt project decides
how a change affects series and reasons.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from register.choices import EVERY, LEFT_OUT
from register.decision_files import (
    append_decisions,
    find_decision_file_fault,
    read_decision_rows,
)
from register.feeds import format_instant
from register.settings import Settings
from register.spreadsheet import read_rows

CHANGES = "recording_changes.csv"
ANNOUNCE, VOID = "announce", "void"
FEEDS_WITH_REPORTS = ("police_reports", "authority_extract", "authority_return")
# A change may be announced for April 2009 at the earliest, when the oldest definitions in
# `ref__definition_regimes.csv` begin, and for at most a year ahead.
EARLIEST = date(2009, 4, 1)
LONGEST_AHEAD = timedelta(days=366)


class ChangeError(ValueError):
    """A recording change cannot be recorded; the message says why."""


@dataclass(frozen=True)
class RecordingChange:
    """A supplier's announcement that it will record differently from a certain day.

    `category_code` is a category or `every`. `left_out` says when the affected absences are not
    recorded: since that day, before it, or neither. If `under_hours` is set, only shorter absences
    are affected.
    """

    supplier_code: str
    changed_from: date
    change_code: str
    announced_by: str
    category_code: str = EVERY
    left_out: str = "neither"
    under_hours: float | None = None


@dataclass(frozen=True)
class RecordedChange:
    """One row of the file of recording changes, as text."""

    recorded_at: str
    recorded_by: str
    decision: str
    supplier_code: str
    changed_from: str
    category_code: str
    change_code: str
    left_out: str
    under_hours: str
    announced_by: str
    reason: str

    @property
    def replacement_key(self) -> tuple[str, str, str]:
        """The supplier, day and category. A later row with the same three replaces this row."""
        return self.supplier_code, self.changed_from, self.category_code


def announce_change(settings: Settings, change: RecordingChange, *, by: str, reason: str) -> None:
    """Append a change that a supplier announced.

    Raises `ChangeError` for an unknown supplier or code, an impossible day or number of hours, or a
    missing name, source or reason.
    """
    by, reason, announced_by = (_join_lines(text) for text in (by, reason, change.announced_by))
    _check_change(settings, change)
    hours = "" if change.under_hours is None else f"{change.under_hours:g}"
    _append_change(
        settings,
        RecordedChange(
            recorded_at=format_instant(datetime.now(UTC)),
            recorded_by=by,
            decision=ANNOUNCE,
            supplier_code=change.supplier_code,
            changed_from=change.changed_from.isoformat(),
            category_code=change.category_code,
            change_code=change.change_code,
            left_out=change.left_out,
            under_hours=hours,
            announced_by=announced_by,
            reason=reason,
        ),
    )


def withdraw_change(  # noqa: PLR0913 - three identify the change
    settings: Settings,
    supplier_code: str,
    changed_from: date,
    category_code: str = EVERY,
    *,
    by: str,
    reason: str,
) -> None:
    """Append a decision that withdraws a change.

    Raises `ChangeError` if this supplier has no change in force for this day and category, or if a
    name or reason is missing.
    """
    by, reason = _join_lines(by), _join_lines(reason)
    key = (supplier_code, changed_from.isoformat(), category_code)
    if key not in {row.replacement_key for row in list_standing_changes(settings)}:
        raise ChangeError(
            f"no change that {supplier_code} announced from {changed_from} for category"
            f" {category_code} is in force: `register recording-changes` lists those that are"
        )
    moment = format_instant(datetime.now(UTC))
    _append_change(settings, RecordedChange(moment, by, VOID, *key, "", "", "", "", reason))


def list_standing_changes(settings: Settings) -> list[RecordedChange]:
    """Return the changes that were neither withdrawn nor replaced, by supplier and day."""
    if not (settings.decisions / CHANGES).exists():
        return []
    fault = find_decision_file_fault(settings, CHANGES)
    if fault is not None:
        raise ChangeError(fault)
    latest: dict[tuple[str, str, str], RecordedChange] = {}
    for row in read_decision_rows(settings, CHANGES):
        change = RecordedChange(**row)
        latest[change.replacement_key] = change
    return [change for _, change in sorted(latest.items()) if change.decision != VOID]


def read_change_kinds(seeds: Path) -> dict[str, str]:
    """Return the description of each kind of change that suppliers can announce, by its code."""
    return {
        row["change_code"]: row["description"]
        for row in read_rows(seeds / "ref__recording_changes.csv")
    }


def _check_change(settings: Settings, change: RecordingChange) -> None:
    seeds = settings.seeds
    suppliers = {
        row["supplier_code"]
        for row in read_rows(seeds / "ref__suppliers.csv")
        if row["feed"] in FEEDS_WITH_REPORTS
    }
    if change.supplier_code not in suppliers:
        raise ChangeError(f"no supplier of reports has the code {change.supplier_code}")
    categories = {row["category_code"] for row in read_rows(seeds / "ref__categories.csv")}
    for value, allowed, name in (
        (change.category_code, {EVERY, *categories}, "category"),
        (change.change_code, set(read_change_kinds(seeds)), "change"),
        (change.left_out, set(LEFT_OUT), "left-out"),
    ):
        if value not in allowed:
            raise ChangeError(f"{name} must be one of {', '.join(sorted(allowed))}")
    latest = datetime.now(UTC).date() + LONGEST_AHEAD
    if not EARLIEST <= change.changed_from <= latest:
        raise ChangeError(f"the day of a change must be between {EARLIEST} and {latest}")
    if change.under_hours is not None and not change.under_hours > 0:
        raise ChangeError("hours must be more than 0")


def _append_change(settings: Settings, row: RecordedChange) -> None:
    append_decisions(settings, CHANGES, [astuple(row)], ChangeError)


def _join_lines(text: str) -> str:
    """Return a person's text on a single line. Raises `ChangeError` if the text is empty."""
    if not text.strip():
        raise ChangeError("a change needs a name, who announced it, and a reason")
    return " ".join(text.split())
