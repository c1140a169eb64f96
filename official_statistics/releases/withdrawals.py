"""Withdrawal of a public version, by two people. A killed withdrawal can be run again."""

from __future__ import annotations

from dataclasses import replace

from official_statistics.releases.events import Event
from official_statistics.releases.lifecycle import (
    READ_ONLY_FILE,
    READ_ONLY_FOLDER,
    add_signatures,
    append_step,
    check_step,
    remove_partial_files,
)
from official_statistics.releases.practice import Practice, ReleaseError
from official_statistics.releases.published_signatures import lacks_signatures
from official_statistics.releases.release_calendar import (
    find_announcement,
    is_calendar_copied,
    note_state,
)
from official_statistics.releases.seal import hash_files, read_manifest, seal_version
from official_statistics.releases.signatories import (
    HEAD_OF_PROFESSION,
    PRODUCER,
    Person,
    Withdrawal,
    authenticate_signer,
    check_signatory,
    is_same_person,
)
from official_statistics.releases.versions import (
    LATEST,
    Version,
    latest_version,
    list_public_versions,
    releases_folder,
)
from register.durable import point_link, write_whole
from register.settings import Settings

# The page that says that a version is withdrawn.
PAGE_PATH = "public/index.html"


def withdraw(
    settings: Settings,
    version: Version,
    withdrawal: Withdrawal,
    practice: Practice,
) -> Event:
    """Withdraw a public version: its files stay, its page says why, and the link goes back.

    Raises `ReleaseError` if there is no reason, or if the person who withdraws also approves.
    """
    if version.state != "withdrawn":
        check_step(version, "withdrawn")
        withdrawal = _authenticate_withdrawal(settings, version, withdrawal)
        _check_withdrawal(settings, withdrawal)
        person = withdrawal.person
        version.public.chmod(0o755)
        remove_partial_files(version)
        _check_files(version)
        write_whole(version.public / "index.html", withdrawal.page, READ_ONLY_FILE)
        version.public.chmod(READ_ONLY_FOLDER)
        seal_version(version)
        words = f"{person.words.strip()} (approved by {withdrawal.approved_by.strip()})"
        withdrawer = Person(person.who, person.role, words, withdrawal.key)
        append_step(settings, version, "withdrawn", withdrawer, practice, version.approved_for)
    elif not is_withdrawal_unfinished(settings, version):
        check_step(version, "withdrawn")
    _finish_withdrawal(settings, version, practice)
    return version.read_events()[-1]


def _authenticate_withdrawal(
    settings: Settings, version: Version, withdrawal: Withdrawal
) -> Withdrawal:
    """Return a withdrawal with the person who approved it in the web application, in production."""
    approver = Person(withdrawal.approved_by, HEAD_OF_PROFESSION, key=withdrawal.key)
    subject = name_withdrawal(version)
    approver = authenticate_signer(settings, approver, "withdraw_release", subject)
    return replace(withdrawal, approved_by=approver.who)


def name_withdrawal(version: Version) -> tuple[str, str]:
    """Return what an approval of a withdrawal is about: the version, and the hash of its files.

    The hash is that of the last event, because a killed withdrawal may have changed the page.
    """
    return version.name, version.read_events()[-1].public_hash


def _check_files(version: Version) -> None:
    """Raise `ReleaseError` if a file other than the page is not as it was sealed."""
    sealed, now = read_manifest(version), hash_files(version)
    names = {*sealed, *now} - {PAGE_PATH}
    if any(sealed.get(name) != now.get(name) for name in names):
        raise ReleaseError(
            f"a file of {version.name} is not as it was published: see `register statistics verify`"
        )


def _check_withdrawal(settings: Settings, withdrawal: Withdrawal) -> None:
    person, approved_by = withdrawal.person, withdrawal.approved_by
    if not person.words.strip():
        raise ReleaseError("a withdrawal needs a reason")
    if not approved_by.strip() or is_same_person(settings, person.who, approved_by):
        raise ReleaseError("two people answer for a withdrawal: --by and --approved-by differ")
    check_signatory(settings, person.who, PRODUCER)
    check_signatory(settings, approved_by, HEAD_OF_PROFESSION)


def _finish_withdrawal(settings: Settings, version: Version, practice: Practice) -> None:
    """Write the signatures, take the link away from a withdrawn version, update the calendar.

    If the link points to the withdrawn version, it is changed to the last public version. Without
    one, it is removed.
    """
    add_signatures(settings, version)
    remaining = list_public_versions(settings)
    link = releases_folder(settings) / LATEST
    if latest_version(settings) == version:
        if remaining:
            point_link(link, remaining[-1].name)
        else:
            link.unlink()
    line = find_announcement(settings, version.year)
    if line is not None:
        # If the release was announced anew, the calendar's line is about the new announcement, so
        # leave the line alone.
        is_withdrawn = line.state == "published" and not _is_year_public(settings, version)
        note_state(settings, version.year, "withdrawn" if is_withdrawn else line.state, practice)


def is_withdrawal_unfinished(settings: Settings, version: Version) -> bool:
    """Return whether a withdrawal was killed before the link or the calendar was updated."""
    if version.state != "withdrawn":
        return False
    line = find_announcement(settings, version.year)
    is_calendar_late = (
        line is not None and line.state == "published" and not _is_year_public(settings, version)
    )
    return (
        latest_version(settings) == version
        or lacks_signatures(version)
        or is_calendar_late
        or not is_calendar_copied(settings)
    )


def _is_year_public(settings: Settings, version: Version) -> bool:
    return any(public.year == version.year for public in list_public_versions(settings))
