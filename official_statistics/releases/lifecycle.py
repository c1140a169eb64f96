"""The states of a version and the steps between them, each by a person in a role.

`draft → checked → signed → approved → pre_release → published → superseded | withdrawn`. A step
that is not in `STEPS` is refused, and so is one after any byte of what was checked has changed.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from official_statistics.releases.events import Event, append_event
from official_statistics.releases.faults import ReleaseError
from official_statistics.releases.practice import Practice
from official_statistics.releases.release_calendar import (
    HEAD_OF_PROFESSION,
    LONDON,
    announcement_of,
    check_calendar,
    is_calendar_copied,
    note_state,
)
from official_statistics.releases.seal import (
    PRE_RELEASE_LIST,
    access_hash,
    file_hashes,
    manifest_hash,
    public_hash,
    read_seal,
    seal,
)
from official_statistics.releases.signatories import (
    Person,
    Withdrawal,
    check_signatory,
    is_same_person,
)
from official_statistics.releases.versions import (
    LATEST,
    Version,
    latest_version,
    public_versions,
    releases_folder,
)
from register.durable import flush_tree, point_link, write_whole
from register.settings import Settings
from register.spreadsheet import safe_row

PRODUCER = "producer"
# From which states a step leads to which: whatever is not here is refused.
STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("none", "draft", "checked", "signed", "approved"),
    "checked": ("draft", "checked"),
    "signed": ("checked",),
    "approved": ("signed",),
    "pre_release": ("approved", "pre_release"),
    "published": ("approved", "pre_release"),
    "superseded": ("published",),
    "withdrawn": ("published", "superseded"),
}
READ_ONLY_FILE, READ_ONLY_FOLDER = 0o444, 0o555
PRE_RELEASE_FOLDER = "pre_release"


def check_step(version: Version, state: str) -> None:
    """Raise `ReleaseError` where no step leads from the version's state to `state`."""
    if version.state not in STEPS[state]:
        raise ReleaseError(
            f"{version.name} is {_said(version.state)}: only a version that is"
            f" {' or '.join(_said(one) for one in STEPS[state])} can become {_said(state)}"
        )


def note_draft(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Write down that a version was drafted, and seal it."""
    check_step(version, "draft")
    seal(version)
    return _note(settings, version, "draft", person, practice)


def note_check(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Write down that a version passed every check, and seal it with their results."""
    check_step(version, "checked")
    seal(version)
    return _note(settings, version, "checked", person, practice)


def sign(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Sign a version that passed its checks, as its producer."""
    check_step(version, "signed")
    if person.role != PRODUCER:
        raise ReleaseError(f"a release is signed by a {PRODUCER}")
    check_signatory(settings, person.who, PRODUCER)
    _check_unchanged(version)
    return _note(settings, version, "signed", person, practice)


def approve(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Approve a signed version for its announced time, as the head of profession.

    The head of profession is not the one who signed. The version is not published before the time
    for which it was approved.
    """
    check_step(version, "approved")
    if person.role != HEAD_OF_PROFESSION:
        raise ReleaseError("a release is approved by the head_of_profession")
    check_signatory(settings, person.who, HEAD_OF_PROFESSION)
    _check_unchanged(version)
    signed = version.events()[-1]
    if is_same_person(settings, person.who, signed.who):
        raise ReleaseError("the one who signed cannot approve: two people answer for a release")
    moment = _moment(settings, version)
    return _note(settings, version, "approved", person, practice, moment.isoformat())


def give_pre_release(
    settings: Settings,
    version: Version,
    roles: Sequence[str],
    person: Person,
    practice: Practice,
) -> Path:
    """Give roles, never names, a release before its time; return the folder of their copy.

    At most so many hours before the announced time as the practice allows. Who was given it is
    published with the release.
    """
    check_step(version, "pre_release")
    _check_unchanged(version)
    if not person.words.strip() or not roles:
        raise ReleaseError("pre-release access needs the roles and a reason")
    hours = practice.limit("pre_release_hours")
    opens = _moment(settings, version) - timedelta(hours=hours)
    if practice.now < opens:
        raise ReleaseError(
            f"pre-release access opens {hours:.0f} hours before the release, at"
            f" {opens.isoformat(timespec='minutes')}"
        )
    _add_to_list(version, roles, person.words, practice)
    target = settings.statistics / PRE_RELEASE_FOLDER / version.name.replace("/", "-")
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(version.public, target)
    seal(version)
    _note(settings, version, "pre_release", person, practice)
    return target


def publish(
    settings: Settings,
    version: Version,
    person: Person,
    practice: Practice,
    late_reason: str = "",
) -> Event:
    """Publish an approved version at or after its announced time.

    Files become read-only, the event is written, then the link moves in one step: a reader sees the
    old release or the new one. A publication that was killed is ended by doing it again. Raises
    `ReleaseError` before the time, and too late after it without a reason.
    """
    if version.state != "published":
        check_step(version, "published")
        for left in version.folder.rglob(".partial-*"):
            left.unlink()
        _check_unchanged(version)
        _check_moment(settings, version, practice, late_reason)
        if not (version.public / PRE_RELEASE_LIST).exists():
            _write_list(version, [])
        _close(version)
        seal(version)
        flush_tree(version.folder)
        _note(
            settings, version, "published", Person(person.who, person.role, late_reason), practice
        )
    elif not is_unfinished(settings, version):
        raise ReleaseError(f"{version.name} is published")
    _finish(settings, version, person, practice)
    return version.events()[-1]


def _check_moment(
    settings: Settings, version: Version, practice: Practice, late_reason: str
) -> None:
    moment = _moment(settings, version)
    if version.approved_for and moment < datetime.fromisoformat(version.approved_for):
        raise ReleaseError(
            f"{version.name} is approved for {version.approved_for}, and its announced time is"
            " earlier: draft it anew, then check, sign and approve it"
        )
    if practice.now < moment:
        raise ReleaseError(
            f"{version.name} is announced for {moment.isoformat(timespec='minutes')}: not before"
        )
    late = timedelta(minutes=practice.limit("late_minutes"))
    if practice.now > moment + late and not late_reason.strip():
        raise ReleaseError("the announced time is past: say why with --late REASON")


def _finish(settings: Settings, version: Version, person: Person, practice: Practice) -> None:
    """Move the link to a published version, and put away what it replaces."""
    _point(settings, version)
    for older in _replaced(settings, version):
        words = f"superseded by {version.name}"
        _note(settings, older, "superseded", Person(person.who, person.role, words), practice)
    note_state(settings, version.year, "published", practice)
    copy = settings.statistics / PRE_RELEASE_FOLDER / version.name.replace("/", "-")
    shutil.rmtree(copy, ignore_errors=True)


def withdraw(
    settings: Settings,
    version: Version,
    withdrawal: Withdrawal,
    practice: Practice,
) -> Event:
    """Withdraw a public version: its files stay, its page says why, the link goes back.

    Raises `ReleaseError` without a reason, or where one person asks and approves.
    """
    if version.state != "withdrawn":
        check_step(version, "withdrawn")
        _check_withdrawal(settings, withdrawal)
        person = withdrawal.person
        version.public.chmod(0o755)
        for left in version.folder.rglob(".partial-*"):
            left.unlink()
        write_whole(version.public / "index.html", withdrawal.page, READ_ONLY_FILE)
        version.public.chmod(READ_ONLY_FOLDER)
        seal(version)
        words = f"{person.words.strip()} (approved by {withdrawal.approved_by.strip()})"
        _note(settings, version, "withdrawn", Person(person.who, person.role, words), practice)
    elif not is_withdrawal_unfinished(settings, version):
        check_step(version, "withdrawn")
    _finish_withdrawal(settings, version, practice)
    return version.events()[-1]


def _check_withdrawal(settings: Settings, withdrawal: Withdrawal) -> None:
    person, approved_by = withdrawal.person, withdrawal.approved_by
    if not person.words.strip():
        raise ReleaseError("a withdrawal says why")
    if not approved_by.strip() or is_same_person(settings, person.who, approved_by):
        raise ReleaseError("two people answer for a withdrawal: --by and --approved-by differ")
    check_signatory(settings, person.who, PRODUCER)
    check_signatory(settings, approved_by, HEAD_OF_PROFESSION)


def _finish_withdrawal(settings: Settings, version: Version, practice: Practice) -> None:
    """Move the link from a withdrawn version to the one before it, and tell the calendar."""
    remaining = public_versions(settings)
    if latest_version(settings) == version:
        if remaining:
            _point(settings, remaining[-1])
        else:
            (releases_folder(settings) / LATEST).unlink()
    line = announcement_of(settings, version.year)
    is_gone = not any(one.year == version.year for one in remaining)
    # A release that is announced anew is not the one that was withdrawn.
    if is_gone and line is not None and line.state == "published":
        note_state(settings, version.year, "withdrawn", practice)
    elif line is not None:
        note_state(settings, version.year, line.state, practice)


def is_withdrawal_unfinished(settings: Settings, version: Version) -> bool:
    """Whether a withdrawal was killed before the link moved, or before the calendar told."""
    if version.state != "withdrawn":
        return False
    line = announcement_of(settings, version.year)
    is_gone = not any(one.year == version.year for one in public_versions(settings))
    is_told = line is None or line.state != "published" or not is_gone
    return latest_version(settings) == version or not is_told or not is_calendar_copied(settings)


def _note(  # noqa: PLR0913, PLR0917 - what an event is made of
    settings: Settings,
    version: Version,
    state: str,
    person: Person,
    practice: Practice,
    release_at: str = "",
) -> Event:
    event = Event(
        state=state,
        who=person.who.strip(),
        role=person.role,
        at=practice.at,
        public_hash=public_hash(version),
        words=person.words.strip(),
        manifest=manifest_hash(version),
        access=access_hash(version),
        release_at=release_at,
    )
    return append_event(version.events_file, event, settings)


def _check_unchanged(version: Version) -> None:
    """Raise `ReleaseError` where a file is not as it was when the version was checked."""
    events = version.events()
    since = max((at for at, event in enumerate(events) if event.state == "draft"), default=0)
    if not all(event.seal for event in events[since:]):
        raise ReleaseError(f"steps of {version.name} have no seal: draft it anew")
    checked = [event for event in events if event.state == "checked"]
    if not checked or public_hash(version) != checked[-1].public_hash:
        raise ReleaseError(
            f"the files of {version.name} have changed since they were checked: check them again,"
            " and signatures with them"
        )
    added = {f"public/{PRE_RELEASE_LIST}"}
    sealed, now = read_seal(version), file_hashes(version)
    if any(sealed.get(name) != now.get(name) for name in {*sealed, *now} - added):
        raise ReleaseError(f"a file of {version.name} is not as it was sealed: check it again")
    if manifest_hash(version) != events[-1].manifest:
        raise ReleaseError(f"the manifest of {version.name} has changed: check it again")


def _moment(settings: Settings, version: Version) -> datetime:
    check_calendar(settings)
    line = announcement_of(settings, version.year)
    if line is None:
        raise ReleaseError(f"the release of {version.year} is not announced")
    return line.moment


def _add_to_list(version: Version, roles: Sequence[str], reason: str, practice: Practice) -> None:
    path = version.public / PRE_RELEASE_LIST
    rows: list[list[str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
    at = practice.now.astimezone(LONDON).isoformat(timespec="minutes")
    _write_list(version, [*rows, *([role, at, reason.strip()] for role in roles)])


def _write_list(version: Version, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(safe_row(row) for row in [["role", "given_at", "reason"], *rows])
    write_whole(version.public / PRE_RELEASE_LIST, text.getvalue().encode("utf-8"), mode=0o644)


def _close(version: Version) -> None:
    """Let nobody write what is published, and nobody else read what is internal."""
    for path in sorted(version.public.rglob("*"), reverse=True):
        path.chmod(READ_ONLY_FOLDER if path.is_dir() else READ_ONLY_FILE)
    version.public.chmod(READ_ONLY_FOLDER)
    version.internal.chmod(0o700)


def is_unfinished(settings: Settings, version: Version) -> bool:
    """Whether a publication was killed before the link moved, or before what follows from it."""
    public = public_versions(settings)
    if not public or public[-1] != version:
        return False
    line = announcement_of(settings, version.year)
    # Announced before it was published, and not since.
    is_untold = (
        line is not None
        and line.state == "announced"
        and datetime.fromisoformat(line.announced_at) <= datetime.fromisoformat(version.moment)
    )
    return (
        latest_version(settings) != version
        or bool(_replaced(settings, version))
        or is_untold
        or not is_calendar_copied(settings)
    )


def _replaced(settings: Settings, version: Version) -> list[Version]:
    return [
        older
        for older in public_versions(settings)
        if older.state == "published" and older.year == version.year and older != version
    ]


def _point(settings: Settings, version: Version) -> None:
    point_link(releases_folder(settings) / LATEST, version.name)


def _said(state: str) -> str:
    return {"none": "not drafted", "draft": "a draft", "pre_release": "in pre-release"}.get(
        state, state
    )
