"""The calendar of releases: what comes, when, and in which state. It is public.

A time is that of London. Names of people are not in it: they are in `calendar_events.jsonl`. Each
of its events has the whole calendar and is sealed; `calendar.csv` is a copy for the public, and a
change of it moves nothing.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from official_statistics.releases.events import (
    Event,
    append_event,
    chain_fault,
    read_events,
    seal_keys,
    unsealed_fault,
)
from official_statistics.releases.faults import ReleaseError
from official_statistics.releases.practice import Practice
from official_statistics.releases.signatories import check_signatory
from official_statistics.releases.versions import PUBLICATION, versions_of
from register.durable import write_whole
from register.settings import Settings
from register.spreadsheet import safe_row

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


def events_file(settings: Settings) -> Path:
    """Return the path of the record of the calendar."""
    return settings.statistics / "calendar_events.jsonl"


def read_calendar(settings: Settings) -> list[Announcement]:
    """Return the announcements, soonest first."""
    text = _recorded(settings)
    found = [Announcement(**row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    return sorted(found, key=lambda one: (one.release_at, one.release))


def _recorded(settings: Settings) -> str:
    """The calendar by its last event, or as it lies where no event has it."""
    events = read_events(events_file(settings))
    if events and events[-1].calendar:
        return events[-1].calendar
    path = calendar_file(settings)
    return path.read_bytes().decode("utf-8") if path.exists() else ""


def calendar_faults(settings: Settings) -> list[str]:
    """Return what of the calendar is not as its record says."""
    path = events_file(settings)
    found = [chain_fault(path, seal_keys(settings)), unsealed_fault(path)]
    if not is_calendar_copied(settings):
        found.append("calendar.csv is not what its record says: the next step writes it again")
    return [fault for fault in found if fault]


def is_calendar_copied(settings: Settings) -> bool:
    """Return whether the public copy is the calendar of the record."""
    path = calendar_file(settings)
    return _recorded(settings) == (path.read_bytes().decode("utf-8") if path.exists() else "")


def check_calendar(settings: Settings) -> None:
    """Raise `ReleaseError` where the record of the calendar was changed."""
    if fault := chain_fault(events_file(settings), seal_keys(settings)):
        raise ReleaseError(f"the record of the calendar was changed: {fault}")


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
    _check_time(settings, at, practice, before, change)
    _check_approved(settings, year, at)
    line = Announcement(
        publication=PUBLICATION,
        release=str(year),
        period=f"Year ending 31 March {year}",
        announced_at=practice.now.astimezone(LONDON).isoformat(timespec="seconds"),
        release_at=at.isoformat(timespec="seconds"),
        state="announced",
        note=change.reason.strip(),
    )
    event = Event(
        state="moved" if before else "announced",
        who=change.head_of_profession.strip(),
        role=HEAD_OF_PROFESSION if change.head_of_profession else "",
        at=practice.at,
        public_hash="",
        words=f"{year} at {line.release_at}. {line.note}".strip(),
    )
    _write(settings, [*_others(settings, year), line], event)
    return line


def note_state(settings: Settings, year: int, state: str, practice: Practice) -> None:
    """Write the state of a year's release into the calendar, where it is announced."""
    line = announcement_of(settings, year)
    if line is None:
        return
    if line.state == state:
        _copy(settings, _recorded(settings))
        return
    event = Event(state, "register", "", practice.at, "", f"{year} is {state}")
    _write(settings, [*_others(settings, year), replace(line, state=state)], event)


def _check_approved(settings: Settings, year: int, at: datetime) -> None:
    """Raise `ReleaseError` for a time before the one at which a version was approved to go out."""
    for version in versions_of(settings, year):
        if version.state in ("approved", "pre_release") and version.approved_for:
            approved = datetime.fromisoformat(version.approved_for)
            if at < approved:
                raise ReleaseError(
                    f"{version.name} is approved for {approved.isoformat(timespec='minutes')}: it"
                    " can be put off, and not brought forward. For an earlier time, draft it"
                    " anew, then check, sign and approve it"
                )


def _check_time(
    settings: Settings,
    at: datetime,
    practice: Practice,
    before: Announcement | None,
    change: Change,
) -> None:
    now, notice_days = practice.now, practice.limit("announcement_days")
    if at < now - timedelta(minutes=1):
        raise ReleaseError(f"{at.isoformat(timespec='minutes')} is past")
    if settings.signatories and change.head_of_profession:
        check_signatory(settings, change.head_of_profession, HEAD_OF_PROFESSION)
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


def _write(settings: Settings, lines: list[Announcement], event: Event) -> None:
    """Write the record first, and the public copy from it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([one.name for one in fields(Announcement)])
    for line in sorted(lines, key=lambda one: (one.release_at, one.release)):
        writer.writerow(safe_row(asdict(line).values()))
    settings.statistics.mkdir(parents=True, exist_ok=True)
    append_event(events_file(settings), replace(event, calendar=text.getvalue()), settings)
    _copy(settings, text.getvalue())


def _copy(settings: Settings, text: str) -> None:
    write_whole(calendar_file(settings), text.encode("utf-8"), mode=0o644)
