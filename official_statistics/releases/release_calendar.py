"""The public calendar of releases: what is released when, and the state of each release.

Times are London times. `calendar_events.jsonl` is the sealed record; each event in it contains the
full calendar. `calendar.csv` is a copy for the public, without names of people; changing it has no
effect.
"""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from official_statistics.data_files import encode_csv
from official_statistics.releases.earlier_times import (
    approve_earlier_time,
    list_approved_later,
    require_second_person,
)
from official_statistics.releases.events import (
    Event,
    append_event,
    derive_seal_keys,
    find_chain_fault,
    find_unsealed_fault,
    read_events,
)
from official_statistics.releases.practice import Practice, ReleaseError
from official_statistics.releases.signatories import (
    HEAD_OF_PROFESSION,
    Person,
    authenticate_signer,
    check_signatory,
)
from official_statistics.releases.versions import PUBLICATION
from register.approvals import find_approved
from register.durable import write_whole
from register.settings import Settings

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5


@dataclass(frozen=True)
class Announcement:
    """One line of the calendar: a release, its period and its times."""

    publication: str
    release: str
    period: str
    announced_at: str
    release_at: str
    state: str
    note: str

    @property
    def release_time(self) -> datetime:
        """The announced time of release."""
        return datetime.fromisoformat(self.release_at)


@dataclass(frozen=True)
class Change:
    """A reason to move a date or to announce it late, and the person who answers for it.

    `key` is the head of profession's.
    """

    reason: str = ""
    head_of_profession: str = ""
    key: Ed25519PrivateKey | None = field(default=None, repr=False)

    @property
    def head(self) -> Person:
        """The head of profession who answers for the change, by name or by key."""
        return Person(self.head_of_profession, HEAD_OF_PROFESSION, self.reason.strip(), self.key)

    @property
    def is_complete(self) -> bool:
        """Whether the change has both a reason and a name."""
        return bool(self.reason.strip() and self.head_of_profession.strip())


class HeadNeededError(ReleaseError):
    """A time needs a reason and the head of profession."""


def get_calendar_path(settings: Settings) -> Path:
    """Return the path of the calendar."""
    return settings.statistics / "calendar.csv"


def get_events_path(settings: Settings) -> Path:
    """Return the path of the calendar's events."""
    return settings.statistics / "calendar_events.jsonl"


def read_calendar(settings: Settings) -> list[Announcement]:
    """Return the announcements, soonest first."""
    text = _read_record(settings)
    lines = [Announcement(**row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    return sorted(lines, key=lambda line: (line.release_at, line.release))


def _read_record(settings: Settings) -> str:
    """Return the calendar in the last event, or the public copy if no event contains one."""
    events = read_events(get_events_path(settings))
    if events and events[-1].calendar:
        return events[-1].calendar
    return _read_copy(settings)


def _read_copy(settings: Settings) -> str:
    path = get_calendar_path(settings)
    return path.read_bytes().decode("utf-8") if path.exists() else ""


def find_calendar_faults(settings: Settings) -> list[str]:
    """Return descriptions of changes to the calendar or its events that no step made."""
    path = get_events_path(settings)
    faults = [find_chain_fault(path, derive_seal_keys(settings)), find_unsealed_fault(path)]
    if not is_calendar_copied(settings):
        faults.append("calendar.csv is not what its record says: the next step writes it again")
    return [fault for fault in faults if fault]


def is_calendar_copied(settings: Settings) -> bool:
    """Return whether the public copy of the calendar equals the record."""
    return _read_record(settings) == _read_copy(settings)


def check_calendar(settings: Settings) -> None:
    """Raise `ReleaseError` if the record of the calendar was changed."""
    if fault := find_chain_fault(get_events_path(settings), derive_seal_keys(settings)):
        raise ReleaseError(f"the record of the calendar was changed: {fault}")


def find_announcement(settings: Settings, year: int) -> Announcement | None:
    """Return the announcement of the next release of a year, or None if there is none."""
    return next((line for line in read_calendar(settings) if line.release == str(year)), None)


def was_announced(settings: Settings, year: int, release_at: datetime) -> bool:
    """Return whether a year's release was ever announced for a time."""
    words = f"{year} at {release_at.astimezone(LONDON).isoformat(timespec='seconds')}"
    events = read_events(get_events_path(settings))
    return any(event.words.startswith(words) for event in events)


def announce(
    settings: Settings,
    year: int,
    release_at: datetime,
    practice: Practice,
    change: Change | None = None,
) -> Announcement:
    """Announce the time of a release, or change it, and return the calendar's line.

    A time without a zone is London time. Raises `ReleaseError` for a time in the past. A time on a
    weekend or within the days of notice needs a complete `change`, which the head of profession
    signs in production; without one, `ReleaseError` is raised too. A time before the one for which
    a version is approved needs a second person.
    """
    change = change or Change()
    if release_at.tzinfo is None:
        release_at = release_at.replace(tzinfo=LONDON)
    release_at = release_at.astimezone(LONDON)
    before = find_announcement(settings, year)
    subject = (str(year), release_at.isoformat(timespec="minutes"))
    approved_later = list_approved_later(settings, year, release_at)
    if approved_later or find_approved(settings, "bring_forward_release", subject):
        head = require_second_person(settings, approved_later, subject, change.head)
        change = replace(change, head_of_profession=head.who)
        _check_time(settings, release_at, practice, before, change)
        for version in approved_later:
            approve_earlier_time(settings, version, release_at, head, practice)
    else:
        _check_time(settings, release_at, practice, before, change)
        if change.head_of_profession:
            authenticate_signer(settings, change.head, "move_release", subject)
    line = Announcement(
        publication=PUBLICATION,
        release=str(year),
        period=f"Year ending 31 March {year}",
        announced_at=practice.now.astimezone(LONDON).isoformat(timespec="seconds"),
        release_at=release_at.isoformat(timespec="seconds"),
        state="announced",
        note=change.reason.strip(),
    )
    event = Event(
        state="moved" if before else "announced",
        who=change.head_of_profession.strip(),
        role=HEAD_OF_PROFESSION if change.head_of_profession else "",
        at=practice.utc_time,
        public_hash="",
        words=f"{year} at {line.release_at}. {line.note}".strip(),
    )
    _write_calendar(settings, line, event)
    return line


def note_state(settings: Settings, year: int, state: str, practice: Practice) -> None:
    """Write the state of a year's release into the calendar if the release is announced."""
    line = find_announcement(settings, year)
    if line is None:
        return
    if line.state == state:
        _write_copy(settings, _read_record(settings))
        return
    event = Event(state, "register", "", practice.utc_time, "", f"{year} is {state}")
    _write_calendar(settings, replace(line, state=state), event)


def _check_time(
    settings: Settings,
    release_at: datetime,
    practice: Practice,
    before: Announcement | None,
    change: Change,
) -> None:
    now, notice_days = practice.now, practice.get_limit("announcement_days")
    if release_at < now - timedelta(minutes=1):
        raise ReleaseError(f"{release_at.isoformat(timespec='minutes')} is in the past")
    if settings.signatories and change.head_of_profession:
        check_signatory(settings, change.head_of_profession, HEAD_OF_PROFESSION)
    soonest = min(release_at, before.release_time) if before else release_at
    if release_at.weekday() >= SATURDAY and not change.is_complete:
        raise HeadNeededError("statistics are released on a weekday: give --reason and --by")
    if soonest - now < timedelta(days=notice_days) and not change.is_complete:
        raise HeadNeededError(
            f"the exact time is announced {notice_days:.0f} days ahead, and moved within them only"
            " with --reason and the head of profession's name (--by)"
        )


def _write_calendar(settings: Settings, line: Announcement, event: Event) -> None:
    """Replace a release's line in the record, and then in the public copy."""
    lines = [each for each in read_calendar(settings) if each.release != line.release]
    lines = sorted([*lines, line], key=lambda each: (each.release_at, each.release))
    rows = [[column.name for column in fields(Announcement)], *(astuple(each) for each in lines)]
    text = encode_csv(rows).decode("utf-8")
    settings.statistics.mkdir(parents=True, exist_ok=True)
    append_event(get_events_path(settings), replace(event, calendar=text), settings)
    _write_copy(settings, text)


def _write_copy(settings: Settings, text: str) -> None:
    write_whole(get_calendar_path(settings), text.encode("utf-8"), mode=0o644)
