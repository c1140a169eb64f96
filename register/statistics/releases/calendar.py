"""The calendar of releases: what comes, when, and in which state. It is public.

A time is that of London. Names of people are not in it: they are in `calendar_events.jsonl`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from register.durable import write_whole
from register.settings import Settings
from register.spreadsheet import safe_row
from register.statistics.releases.events import Event, append_event
from register.statistics.releases.faults import ReleaseError
from register.statistics.releases.practice import Practice
from register.statistics.releases.versions import PUBLICATION

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5
HEAD_OF_PROFESSION = "head_of_profession"


@dataclass(frozen=True)
class Announcement:
    """One line of the calendar: a release, its period, when it was announced and is released."""

    publication: str
    release: str
    period: str
    announced_at: str
    release_at: str
    state: str
    note: str

    @property
    def moment(self) -> datetime:
        """The announced time of release."""
        return datetime.fromisoformat(self.release_at)


@dataclass(frozen=True)
class Change:
    """Why a date is moved, or announced later than it should be, and who answers for it."""

    reason: str = ""
    head_of_profession: str = ""

    @property
    def is_answered_for(self) -> bool:
        """Whether both are given."""
        return bool(self.reason.strip() and self.head_of_profession.strip())


def calendar_file(settings: Settings) -> Path:
    """Return the path of the calendar."""
    return settings.statistics / "calendar.csv"


def read_calendar(settings: Settings) -> list[Announcement]:
    """Return the announcements, soonest first."""
    path = calendar_file(settings)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        found = [Announcement(**row) for row in csv.DictReader(stream)]
    return sorted(found, key=lambda one: (one.release_at, one.release))


def announcement_of(settings: Settings, year: int) -> Announcement | None:
    """Return the announcement of a year's next release, or None."""
    return next((one for one in read_calendar(settings) if one.release == str(year)), None)


def announce(
    settings: Settings,
    year: int,
    at: datetime,
    practice: Practice,
    change: Change | None = None,
) -> Announcement:
    """Announce the time of a release, or move it; return the line of the calendar.

    `at` without a zone is London's. Within the days of notice of either time, and on a weekend, a
    reason and the name of the head of profession are needed. Raises `ReleaseError` without them,
    and for a time that is past.
    """
    change = change or Change()
    at = at.replace(tzinfo=LONDON) if at.tzinfo is None else at.astimezone(LONDON)
    before = announcement_of(settings, year)
    _check_time(at, practice, before, change)
    line = Announcement(
        publication=PUBLICATION,
        release=str(year),
        period=f"Year ending 31 March {year}",
        announced_at=practice.now.astimezone(LONDON).isoformat(timespec="seconds"),
        release_at=at.isoformat(timespec="seconds"),
        state="announced",
        note=change.reason.strip(),
    )
    _write(settings, [*_others(settings, year), line])
    settings.statistics.mkdir(parents=True, exist_ok=True)
    event = Event(
        state="moved" if before else "announced",
        who=change.head_of_profession.strip(),
        role=HEAD_OF_PROFESSION if change.head_of_profession else "",
        at=practice.at,
        public_hash="",
        words=f"{year} at {line.release_at}. {line.note}".strip(),
    )
    append_event(settings.statistics / "calendar_events.jsonl", event)
    return line


def note_state(settings: Settings, year: int, state: str) -> None:
    """Write the state of a year's release into the calendar, where it is announced."""
    line = announcement_of(settings, year)
    if line is not None:
        _write(settings, [*_others(settings, year), replace(line, state=state)])


def _check_time(
    at: datetime, practice: Practice, before: Announcement | None, change: Change
) -> None:
    now, notice_days = practice.now, practice.limit("announcement_days")
    if at < now - timedelta(minutes=1):
        raise ReleaseError(f"{at.isoformat(timespec='minutes')} is past")
    soonest = min(at, before.moment) if before else at
    if before is None and at.weekday() >= SATURDAY and not change.is_answered_for:
        raise ReleaseError("statistics are released on a weekday: give --reason and --by")
    if soonest - now < timedelta(days=notice_days) and not change.is_answered_for:
        raise ReleaseError(
            f"the exact time is announced {notice_days:.0f} days ahead, and moved within them only"
            " with --reason and the head of profession's name (--by)"
        )


def _others(settings: Settings, year: int) -> list[Announcement]:
    return [one for one in read_calendar(settings) if one.release != str(year)]


def _write(settings: Settings, lines: list[Announcement]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([one.name for one in fields(Announcement)])
    for line in sorted(lines, key=lambda one: (one.release_at, one.release)):
        writer.writerow(safe_row(asdict(line).values()))
    settings.statistics.mkdir(parents=True, exist_ok=True)
    write_whole(calendar_file(settings), text.getvalue().encode("utf-8"), mode=0o644)
