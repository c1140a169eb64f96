"""The states of a version, and the steps between them.

`draft → checked → signed → approved → pre_release → published → superseded | withdrawn`. `STEPS`
lists the allowed steps. Each step is taken by a person in a role, but the schedule may publish. A
step is refused if any byte has changed since the check.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from official_statistics.data_files import encode_csv, read_table
from official_statistics.releases.events import Event, append_event
from official_statistics.releases.practice import Practice, ReleaseError
from official_statistics.releases.published_signatures import lacks_signatures, write_signatures
from official_statistics.releases.release_calendar import (
    LONDON,
    check_calendar,
    find_announcement,
    is_calendar_copied,
    note_state,
)
from official_statistics.releases.seal import (
    ADDED_LATER,
    PRE_RELEASE_LIST,
    hash_access_list,
    hash_files,
    hash_inputs,
    hash_manifest,
    hash_public_files,
    read_manifest,
    seal_version,
)
from official_statistics.releases.signatories import (
    HEAD_OF_PROFESSION,
    PRODUCER,
    Person,
    authenticate_signer,
    check_signatory,
    is_same_person,
)
from official_statistics.releases.signed_statements import bind_key
from official_statistics.releases.versions import (
    LATEST,
    Version,
    latest_version,
    list_public_versions,
    releases_folder,
)
from register.durable import flush_tree, point_link, write_whole
from register.settings import Settings

# For each state, the states that a version may have immediately before.
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
STATES_IN_WORDS = {"none": "not drafted", "draft": "a draft", "pre_release": "in pre-release"}
READ_ONLY_FILE, READ_ONLY_FOLDER = 0o444, 0o555
PRE_RELEASE_FOLDER = "pre_release"


def check_step(version: Version, state: str) -> None:
    """Raise `ReleaseError` if no step leads from the version's state to `state`."""
    if version.state not in STEPS[state]:
        words = {name: STATES_IN_WORDS.get(name, name) for name in (version.state, *STEPS, "none")}
        raise ReleaseError(
            f"{version.name} is {words[version.state]}: only a version that is"
            f" {' or '.join(words[name] for name in STEPS[state])} can become {words[state]}"
        )


def note_draft(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Record that a version was drafted, and seal its files."""
    check_step(version, "draft")
    seal_version(version)
    return append_step(settings, version, "draft", person, practice)


def note_check(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Record that a version passed every check, and seal its files with the results."""
    check_step(version, "checked")
    seal_version(version)
    return append_step(settings, version, "checked", person, practice)


def sign_version(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Sign a version that passed its checks, as its producer."""
    check_step(version, "signed")
    if person.role != PRODUCER:
        raise ReleaseError(f"a release is signed by a {PRODUCER}")
    _check_unchanged(version)
    subject = (version.name, hash_public_files(version))
    person = authenticate_signer(settings, person, "sign_release", subject)
    check_signatory(settings, person.who, PRODUCER)
    line = find_announcement(settings, version.year)
    release_at = line.release_at if line else ""
    return append_step(settings, version, "signed", person, practice, release_at)


def approve(settings: Settings, version: Version, person: Person, practice: Practice) -> Event:
    """Approve a signed version for its announced time, as the head of profession.

    The head of profession must be another person than the one who signed. The version cannot be
    published before the time for which it was approved.
    """
    check_step(version, "approved")
    if person.role != HEAD_OF_PROFESSION:
        raise ReleaseError("a release is approved by the head_of_profession")
    _check_unchanged(version)
    subject = (version.name, hash_public_files(version))
    person = authenticate_signer(settings, person, "approve_release", subject)
    check_signatory(settings, person.who, HEAD_OF_PROFESSION)
    signature = [event for event in version.read_events() if event.role == PRODUCER][-1]
    if is_same_person(settings, person.who, signature.who):
        raise ReleaseError("the person who signed cannot approve: two people answer for a release")
    release_at = _read_release_time(settings, version).isoformat()
    return append_step(settings, version, "approved", person, practice, release_at)


def give_pre_release(
    settings: Settings,
    version: Version,
    roles: Sequence[str],
    person: Person,
    practice: Practice,
) -> Path:
    """Give roles (never named people) early access to a release; return the folder of the copy.

    The limits of practice state how many hours before the announced time this is allowed. The list
    of roles is published with the release.
    """
    check_step(version, "pre_release")
    _check_unchanged(version)
    if not person.words.strip() or not roles:
        raise ReleaseError("pre-release access needs the roles and a reason")
    hours = practice.get_limit("pre_release_hours")
    opens_at = _read_release_time(settings, version) - timedelta(hours=hours)
    if practice.now < opens_at:
        raise ReleaseError(
            f"pre-release access opens {hours:.0f} hours before the release, at"
            f" {opens_at.isoformat(timespec='minutes')}"
        )
    given_at = practice.now.astimezone(LONDON).isoformat(timespec="minutes")
    earlier_rows = read_table(version.public / PRE_RELEASE_LIST)[1:]
    new_rows = [[role, given_at, person.words.strip()] for role in roles]
    _write_access_list(version, [*earlier_rows, *new_rows])
    copy = _pre_release_copy(settings, version)
    if copy.exists():
        shutil.rmtree(copy)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(version.public, copy)
    seal_version(version)
    append_step(settings, version, "pre_release", person, practice)
    return copy


def publish(
    settings: Settings,
    version: Version,
    person: Person,
    practice: Practice,
    late_reason: str = "",
) -> Event:
    """Publish an approved version at or after its announced time.

    Files become read-only and the event is written. Then the link is changed in one step, so
    readers see either the old release or the new one. If a publication was killed, publishing again
    completes it. Raises `ReleaseError` before the announced time, or for a late publication without
    a reason.
    """
    if version.state != "published":
        check_step(version, "published")
        remove_partial_files(version)
        _check_unchanged(version)
        _check_publication_time(settings, version, practice, late_reason)
        if not (version.public / PRE_RELEASE_LIST).exists():
            _write_access_list(version, [])
        _make_read_only(version)
        seal_version(version)
        flush_tree(version.folder)
        publisher = Person(person.who, person.role, late_reason)
        release_at = _read_release_time(settings, version).isoformat()
        append_step(settings, version, "published", publisher, practice, release_at)
    elif not is_unfinished(settings, version):
        raise ReleaseError(f"{version.name} is already published")
    _finish_publication(settings, version, person, practice)
    return version.read_events()[-1]


def _make_read_only(version: Version) -> None:
    """Make public files read-only, and internal files readable only by their owner."""
    for path in sorted(version.public.rglob("*"), reverse=True):
        path.chmod(READ_ONLY_FOLDER if path.is_dir() else READ_ONLY_FILE)
    version.public.chmod(READ_ONLY_FOLDER)
    version.internal.chmod(0o700)


def _check_publication_time(
    settings: Settings, version: Version, practice: Practice, late_reason: str
) -> None:
    release_at = _read_release_time(settings, version)
    if version.approved_for and release_at < datetime.fromisoformat(version.approved_for):
        raise ReleaseError(
            f"{version.name} is approved for {version.approved_for}, and its announced time is"
            " earlier: draft it anew, then check, sign and approve it"
        )
    if practice.now < release_at:
        time = release_at.isoformat(timespec="minutes")
        raise ReleaseError(f"{version.name} is announced for {time}: not before")
    late_at = release_at + timedelta(minutes=practice.get_limit("late_minutes"))
    if practice.now > late_at and not late_reason.strip():
        raise ReleaseError("the announced time is past: say why with --late REASON")


def _finish_publication(
    settings: Settings, version: Version, person: Person, practice: Practice
) -> None:
    """Write the signatures of a published version, and point the link to it.

    Then mark the versions that it replaces as superseded, update the calendar, and remove the copy
    for pre-release access.
    """
    add_signatures(settings, version)
    point_link(releases_folder(settings) / LATEST, version.name)
    for older in _list_replaced(settings, version):
        words = f"superseded by {version.name}"
        publisher = Person(person.who, person.role, words)
        append_step(settings, older, "superseded", publisher, practice)
    note_state(settings, version.year, "published", practice)
    shutil.rmtree(_pre_release_copy(settings, version), ignore_errors=True)


def append_step(  # noqa: PLR0913, PLR0917 - what an event is made of
    settings: Settings,
    version: Version,
    state: str,
    person: Person,
    practice: Practice,
    release_at: str = "",
) -> Event:
    """Append the event of a step to a version, signed with the person's key, if they have one."""
    event = Event(
        state=state,
        who=person.who.strip(),
        role=person.role,
        at=practice.utc_time,
        public_hash=hash_public_files(version),
        words=person.words.strip(),
        manifest=hash_manifest(version),
        access=hash_access_list(version),
        release_at=release_at,
        inputs=hash_inputs(version),
    )
    final = releases_folder(settings) / version.name / version.events_file.name
    sign = bind_key(version.name, person.key)
    return append_event(version.events_file, event, settings, final, sign)


def _check_unchanged(version: Version) -> None:
    """Raise `ReleaseError` if a file has changed since the check, or if a step has no seal."""
    events = version.read_events()
    drafts = [number for number, event in enumerate(events) if event.state == "draft"]
    if not all(event.seal for event in events[max(drafts, default=0) :]):
        raise ReleaseError(f"steps of {version.name} have no seal: draft it anew")
    checks = [event for event in events if event.state == "checked"]
    if not checks or hash_public_files(version) != checks[-1].public_hash:
        raise ReleaseError(
            f"the files of {version.name} have changed since they were checked: check them again,"
            " and signatures with them"
        )
    sealed, now = read_manifest(version), hash_files(version)
    names = {*sealed, *now} - ADDED_LATER
    if any(sealed.get(name) != now.get(name) for name in names):
        raise ReleaseError(f"a file of {version.name} is not as it was sealed: check it again")
    if hash_manifest(version) != events[-1].manifest:
        raise ReleaseError(f"the manifest of {version.name} has changed: check it again")


def _read_release_time(settings: Settings, version: Version) -> datetime:
    check_calendar(settings)
    line = find_announcement(settings, version.year)
    if line is None:
        raise ReleaseError(f"the release of {version.year} is not announced: announce it first")
    return line.release_time


def _write_access_list(version: Version, rows: list[list[str]]) -> None:
    content = encode_csv([["role", "given_at", "reason"], *rows])
    write_whole(version.public / PRE_RELEASE_LIST, content, mode=0o644)


def _pre_release_copy(settings: Settings, version: Version) -> Path:
    return settings.statistics / PRE_RELEASE_FOLDER / version.name.replace("/", "-")


def remove_partial_files(version: Version) -> None:
    """Remove the partial files that a killed process left behind."""
    for path in version.folder.rglob(".partial-*"):
        path.unlink()


def add_signatures(settings: Settings, version: Version) -> None:
    """Write the signatures of a published or withdrawn version into its public folder.

    Raises `ReleaseError` if a public file is not as the last event says, so that the register never
    signs a change that no step made.
    """
    if not lacks_signatures(version):
        return
    version.public.chmod(0o755)
    remove_partial_files(version)
    event = version.read_events()[-1]
    if (event.public_hash, event.access) != (hash_public_files(version), hash_access_list(version)):
        raise ReleaseError(f"the public files of {version.name} are not those of its last step")
    write_signatures(settings, version, READ_ONLY_FILE)
    version.public.chmod(READ_ONLY_FOLDER)


def is_unfinished(settings: Settings, version: Version) -> bool:
    """Return whether a publication was killed before its last step."""
    public = list_public_versions(settings)
    if not public or public[-1] != version:
        return False
    line = find_announcement(settings, version.year)
    # The calendar still shows the announcement that was made before the publication.
    is_calendar_late = (
        line is not None
        and line.state == "announced"
        and datetime.fromisoformat(line.announced_at)
        <= datetime.fromisoformat(version.published_at)
    )
    return (
        latest_version(settings) != version
        or lacks_signatures(version)
        or bool(_list_replaced(settings, version))
        or is_calendar_late
        or not is_calendar_copied(settings)
    )


def _list_replaced(settings: Settings, version: Version) -> list[Version]:
    return [
        older
        for older in list_public_versions(settings)
        if older.state == "published" and older.year == version.year and older != version
    ]
