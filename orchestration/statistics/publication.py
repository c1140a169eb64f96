"""Publishes what is due, and withdraws: the steps at which readers see something else."""

from __future__ import annotations

import html

from register.settings import Settings
from register.statistics.releases import (
    Event,
    Person,
    Practice,
    ReleaseError,
    Version,
    Withdrawal,
    announcement_of,
    publish,
    versions_of,
    withdraw,
)

DUE = ("approved", "pre_release")
NOTICE = '<div class="notice" role="alert"><p><strong>Withdrawn.</strong> {}</p></div>'


def publish_due(settings: Settings, practice: Practice) -> list[Version]:
    """Publish every approved version whose announced time has come; return those."""
    published = []
    for version in versions_of(settings):
        line = announcement_of(settings, version.year)
        if version.state not in DUE or line is None or line.moment > practice.now:
            continue
        publish(settings, version, Person("register", "schedule"), practice)
        published.append(version)
    return published


def withdraw_release(
    settings: Settings, version: Version, person: Person, approved_by: str, practice: Practice
) -> Event:
    """Withdraw a version: its page says so and why, in the words that were given."""
    page = version.public / "index.html"
    if not page.exists():
        raise ReleaseError(f"{version.name} has no page that could say it is withdrawn")
    text = page.read_text(encoding="utf-8")
    notice = NOTICE.format(html.escape(person.words.strip()))
    if "<main" not in text:
        raise ReleaseError(f"the page of {version.name} has no main part")
    start = text.index(">", text.index("<main")) + 1
    withdrawn = text[:start] + notice + text[start:]
    return withdraw(
        settings,
        version,
        Withdrawal(person, approved_by, withdrawn.encode("utf-8")),
        practice,
    )
