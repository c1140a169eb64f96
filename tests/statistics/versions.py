"""A version of a release with one small table, taken to a state by its steps.

Counting and protecting do not belong here: what a draft contains is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from official_statistics.releases import (
    Person,
    Practice,
    Version,
    Withdrawal,
    approve,
    give_pre_release,
    note_check,
    note_draft,
    publish,
    read_practice,
    sign_version,
    withdraw,
)
from register.settings import Settings

RELEASE_AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
PRODUCER = Person("Pat Reed", "producer")
HEAD = Person("Ann Hill", "head_of_profession")
STEPS: dict[str, Callable[[Settings, Version], object]] = {
    "draft": lambda settings, version: note_draft(settings, version, PRODUCER, at(-10)),
    "checked": lambda settings, version: note_check(settings, version, PRODUCER, at(-9)),
    "signed": lambda settings, version: sign_version(settings, version, PRODUCER, at(-8)),
    "approved": lambda settings, version: approve(settings, version, HEAD, at(-7)),
    "pre_release": lambda settings, version: give_pre_release(
        settings, version, ["Minister's office"], Person("", "producer", "Briefing"), at(-0.5)
    ),
    "published": lambda settings, version: publish(settings, version, PRODUCER, at(0)),
    "withdrawn": lambda settings, version: withdraw(
        settings, version, withdrawal("Ann Hill"), at(1)
    ),
}
WAYS = {
    "none": (),
    "draft": ("draft",),
    "checked": ("draft", "checked"),
    "signed": ("draft", "checked", "signed"),
    "approved": ("draft", "checked", "signed", "approved"),
    "pre_release": ("draft", "checked", "signed", "approved", "pre_release"),
    "published": ("draft", "checked", "signed", "approved", "published"),
    "withdrawn": ("draft", "checked", "signed", "approved", "published", "withdrawn"),
}


def at(days: float) -> Practice:
    """The practice so many days after the announced time."""
    return read_practice(RELEASE_AT + timedelta(days=days))


def withdrawal(approved_by: str) -> Withdrawal:
    """What Pat Reed asks for, approved by somebody."""
    return Withdrawal(Person("Pat Reed", "producer", "A wrong table"), approved_by, b"<p>gone</p>")


def new_version(settings: Settings, number: int = 1) -> Version:
    """A version of 2026 with one table and a page, and no event."""
    folder = settings.statistics / "missing_children" / "2026" / f"v{number}"
    version = Version(2026, number, folder)
    version.data.mkdir(parents=True)
    version.internal.mkdir()
    (version.data / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (version.public / "index.html").write_text("<main></main>", encoding="utf-8")
    (version.internal / "checks.json").write_text("[]", encoding="utf-8")
    version.description.write_text("generation: one\n", encoding="utf-8")
    return version


def version_in_state(settings: Settings, state: str, number: int = 1) -> Version:
    """A version of 2026 that was taken to a state by its steps."""
    version = new_version(settings, number)
    for step in WAYS[state]:
        STEPS[step](settings, version)
    return version
