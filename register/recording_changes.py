"""Changes of recording that suppliers announced: the list of them, and what is in force.

`decisions/recording_changes.csv` is appended to and never edited: a later row about the same
supplier, day and category replaces an earlier one, and a void one withdraws it. What a
change means for a series or a reason is the warehouse's matter.
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from register.choices import EVERY, LEFT_OUT
from register.decision_files import append_decisions, decision_file_fault
from register.feeds import as_instant
from register.settings import Settings

CHANGES = "recording_changes.csv"
ANNOUNCE, VOID = "announce", "void"
FEEDS_WITH_REPORTS = ("police_reports", "authority_extract", "authority_return")
# No definition is older, and no supplier announces a change longer ahead.
EARLIEST = date(2009, 4, 1)
LONGEST_AHEAD = timedelta(days=366)


class ChangeError(ValueError):
    """A change cannot be written down; the message says why."""


@dataclass(frozen=True)
class RecordingChange:
    """What a supplier announced: from which day it records otherwise, and what it leaves out.

    `category_code` is a category or `every`; `left_out` is when what is concerned is left out:
    since the day, before it, or neither; `under_hours` limits it to shorter absences.
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
    """One row of the file, as text."""

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
    def about(self) -> tuple[str, str, str]:
        """What a later row must share to replace it."""
        return self.supplier_code, self.changed_from, self.category_code


def announce(settings: Settings, change: RecordingChange, *, by: str, reason: str) -> None:
    """Append a change that a supplier announced.

    Raises `ChangeError` for an unknown supplier or code, a day that cannot be, hours that are
    none, or a missing name, source or reason.
    """
    by, reason, announced_by = (_one_line(text) for text in (by, reason, change.announced_by))
    _check(settings, change)
    hours = "" if change.under_hours is None else f"{change.under_hours:g}"
    _append(
        settings,
        RecordedChange(
            recorded_at=as_instant(datetime.now(UTC)),
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


def withdraw(  # noqa: PLR0913 - a name, a reason and the three that identify a change
    settings: Settings,
    supplier_code: str,
    changed_from: date,
    category_code: str = EVERY,
    *,
    by: str,
    reason: str,
) -> None:
    """Append that a change is withdrawn. Raises `ChangeError` where no such change is in force."""
    by, reason = _one_line(by), _one_line(reason)
    about = (supplier_code, changed_from.isoformat(), category_code)
    if about not in {row.about for row in standing_changes(settings)}:
        raise ChangeError(
            f"no change that {supplier_code} announced from {changed_from} for category"
            f" {category_code} is in force: `register recording-changes` lists those that are"
        )
    moment = as_instant(datetime.now(UTC))
    _append(settings, RecordedChange(moment, by, VOID, *about, "", "", "", "", reason))


def standing_changes(settings: Settings) -> list[RecordedChange]:
    """The announced changes that were neither withdrawn nor replaced, by supplier and day."""
    path = settings.decisions / CHANGES
    if not path.exists():
        return []
    fault = decision_file_fault(path)
    if fault is not None:
        raise ChangeError(fault)
    latest: dict[tuple[str, str, str], RecordedChange] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            change = RecordedChange(**row)
            latest[change.about] = change
    return [latest[about] for about in sorted(latest) if latest[about].decision != VOID]


def change_kinds(seeds: Path) -> dict[str, str]:
    """The kinds of change that can be announced, with what is meant."""
    return {
        row["change_code"]: row["description"]
        for row in _seed_rows(seeds / "ref__recording_changes.csv")
    }


def _check(settings: Settings, change: RecordingChange) -> None:
    seeds = settings.seeds
    suppliers = {
        row["supplier_code"]
        for row in _seed_rows(seeds / "ref__suppliers.csv")
        if row["feed"] in FEEDS_WITH_REPORTS
    }
    if change.supplier_code not in suppliers:
        raise ChangeError(f"no supplier of reports has the code {change.supplier_code}")
    categories = {row["category_code"] for row in _seed_rows(seeds / "ref__categories.csv")}
    for value, allowed, name in (
        (change.category_code, {EVERY, *categories}, "category"),
        (change.change_code, set(change_kinds(seeds)), "change"),
        (change.left_out, set(LEFT_OUT), "left-out"),
    ):
        if value not in allowed:
            raise ChangeError(f"{name} must be one of {', '.join(sorted(allowed))}")
    latest = datetime.now(UTC).date() + LONGEST_AHEAD
    if not EARLIEST <= change.changed_from <= latest:
        raise ChangeError(f"a change is from a day between {EARLIEST} and {latest}")
    if change.under_hours is not None and not change.under_hours > 0:
        raise ChangeError("hours must be more than 0")


def _seed_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _append(settings: Settings, row: RecordedChange) -> None:
    append_decisions(settings, CHANGES, [astuple(row)], ChangeError)


def _one_line(text: str) -> str:
    """A text that a person gave, on one line."""
    if not text.strip():
        raise ChangeError("a change needs a name, who announced it, and a reason")
    return " ".join(text.split())
