"""Publication of due versions, and withdrawals: the steps that change what readers see."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from official_statistics.releases import (
    Event,
    Person,
    Practice,
    ReleaseError,
    Version,
    Withdrawal,
    find_announcement,
    is_unfinished,
    list_versions,
    publish,
    withdraw,
)
from register.settings import Settings

DUE = ("approved", "pre_release")
NOTICE = '<div class="notice" role="alert"><p><strong>Withdrawn.</strong> {}</p></div>'
WRITTEN_NOTICE = re.compile(re.escape(NOTICE).replace(re.escape("{}"), ".*?"), re.DOTALL)


@dataclass(frozen=True)
class PublicationResult:
    """The published versions, and the versions that were due but refused, each with the reason."""

    published: tuple[Version, ...]
    refused: Mapping[str, str]


def due_versions(settings: Settings, practice: Practice) -> list[Version]:
    """Return the versions that the schedule may publish now without a person.

    These are approved versions whose announced time has come, and versions whose publication was
    killed. A late version needs a reason, and so a person.
    """
    late = timedelta(minutes=practice.get_limit("late_minutes"))
    due = []
    for version in list_versions(settings):
        line = find_announcement(settings, version.year)
        if version.state not in DUE:
            is_due = is_unfinished(settings, version)
        elif line is not None:
            is_due = line.release_time <= practice.now <= line.release_time + late
        else:
            is_due = False
        if is_due:
            due.append(version)
    return due


def publish_due(settings: Settings, practice: Practice) -> PublicationResult:
    """Publish every version that is due. A refused version does not stop the others."""
    published, refused = [], {}
    for version in due_versions(settings, practice):
        try:
            publish(settings, version, Person("register", "schedule"), practice)
        except ReleaseError as error:
            refused[version.name] = str(error)
        else:
            published.append(version)
    return PublicationResult(tuple(published), refused)


def withdraw_release(
    settings: Settings, version: Version, person: Person, approver: Person, practice: Practice
) -> Event:
    """Withdraw a version with the approval of another person.

    Its page then says so, with the first person's reason.
    """
    page = version.public / "index.html"
    if not page.exists():
        raise ReleaseError(f"{version.name} has no page that could say that it is withdrawn")
    # If an earlier withdrawal was killed, the page may already have its notice.
    text = WRITTEN_NOTICE.sub("", page.read_text(encoding="utf-8"))
    notice = NOTICE.format(html.escape(person.words.strip()))
    if "<main" not in text:
        raise ReleaseError(f"the page of {version.name} has no <main> element for the notice")
    start = text.index(">", text.index("<main")) + 1
    withdrawn = text[:start] + notice + text[start:]
    return withdraw(
        settings,
        version,
        Withdrawal(person, approver.who, withdrawn.encode("utf-8"), approver.key),
        practice,
    )
