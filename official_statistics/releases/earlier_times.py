"""An approved release is brought forward: only with the approval of a second person.

Two people approved the version for a time. So the head of profession approves an earlier time that
somebody else asked for, and an event of the version says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from official_statistics.releases.events import append_event
from official_statistics.releases.practice import Practice, ReleaseError
from official_statistics.releases.seal import hash_inputs
from official_statistics.releases.signatories import Person, require_key
from official_statistics.releases.signed_statements import bind_key
from official_statistics.releases.versions import Version, list_versions
from register.approvals import find_approved, request_approval
from register.settings import Settings


def list_approved_later(settings: Settings, year: int, release_at: datetime) -> list[Version]:
    """Return the versions of a year that people approved for a time after `release_at`."""
    return [
        version
        for version in list_versions(settings, year)
        if version.state in ("approved", "pre_release") and version.approved_for
        if release_at < datetime.fromisoformat(version.approved_for)
    ]


def require_second_person(
    settings: Settings, versions: Sequence[Version], subject: Sequence[str], person: Person
) -> Person:
    """Return the head of profession who approved an earlier time that another person asked for.

    `person` has the reason, and the head's name and key, if known. Without an approval, one is
    asked for, and `ReleaseError` says so.
    """
    approvals = find_approved(settings, "bring_forward_release", subject)
    if not approvals:
        approved_for = datetime.fromisoformat(versions[0].approved_for).isoformat(
            timespec="minutes"
        )
        refusal = (
            f"{versions[0].name} is approved for {approved_for}: it can be put off, but not"
            " brought forward without a second person"
        )
        if not person.words.strip():
            raise ReleaseError(f"{refusal}: give a reason")
        request_id = request_approval(settings, "bring_forward_release", subject, person.words)
        raise ReleaseError(
            f"{refusal}. Another person, a head of profession, approves request {request_id} on the"
            " page Releases of `register web`. Then run this again"
        )
    approver = approvals[-1].decided_by
    if approver is None or person.who.strip() not in ("", approver.name):
        raise ReleaseError("somebody else approved the earlier time: leave the name out")
    person = replace(person, who=approver.name)
    require_key(settings, person)
    return person


def approve_earlier_time(
    settings: Settings, version: Version, release_at: datetime, head: Person, practice: Practice
) -> None:
    """Record that a version is approved for an earlier time."""
    event = replace(
        version.read_events()[-1],
        who=head.who,
        role=head.role,
        words=f"Brought forward. {head.words}".strip(),
        at=practice.utc_time,
        release_at=release_at.isoformat(),
        inputs=hash_inputs(version),
        key_id="",
        signature="",
        seal="",
    )
    append_event(version.events_file, event, settings, sign=bind_key(version.name, head.key))
