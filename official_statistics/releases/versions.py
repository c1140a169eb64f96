"""The folders of releases: a year, its versions, and the link to what the public reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from official_statistics.releases.events import Event, read_events
from official_statistics.releases.faults import ReleaseError
from register.settings import Settings

PUBLICATION = "missing_children"
LATEST = "latest"
NAME = re.compile(r"^(?P<year>\d{4})(/v(?P<number>\d+))?$")
# A version that the public may have.
PUBLIC_STATES = ("published", "superseded")


@dataclass(frozen=True)
class Version:
    """One version of a release: `2026/v1` is the first of the year ending 31 March 2026."""

    year: int
    number: int
    folder: Path

    @property
    def name(self) -> str:
        """The version as people call it: `2026/v1`."""
        return f"{self.year}/v{self.number}"

    @property
    def public(self) -> Path:
        """What everybody may read."""
        return self.folder / "public"

    @property
    def data(self) -> Path:
        """The pairs of files."""
        return self.public / "data"

    @property
    def internal(self) -> Path:
        """Base, cells and results of checks: the zone of the register."""
        return self.folder / "internal"

    @property
    def events_file(self) -> Path:
        """What was done with the version, by whom and when."""
        return self.folder / "events.jsonl"

    @property
    def description(self) -> Path:
        """What the version was made from."""
        return self.folder / "release.yaml"

    def events(self) -> list[Event]:
        """Return what was done with the version, oldest first."""
        return read_events(self.events_file)

    @property
    def state(self) -> str:
        """The state that the last event left."""
        events = self.events()
        return events[-1].state if events else "none"

    @property
    def moment(self) -> str:
        """When the version was published (UTC), or nothing."""
        times = [event.at for event in self.events() if event.state == "published"]
        return times[0] if times else ""

    @property
    def approved_for(self) -> str:
        """The announced time that the last approval was for, or nothing."""
        times = [event.release_at for event in self.events() if event.state == "approved"]
        return times[-1] if times else ""


def releases_folder(settings: Settings) -> Path:
    """Return the folder of the publication's releases."""
    return settings.statistics / PUBLICATION


def versions_of(settings: Settings, year: int | None = None) -> list[Version]:
    """Return the versions of one year, or of all, in order of year and number."""
    found = []
    for folder in releases_folder(settings).glob("[0-9][0-9][0-9][0-9]/v*"):
        match = NAME.match(f"{folder.parent.name}/{folder.name}")
        if match and (year is None or int(match["year"]) == year):
            found.append(Version(int(match["year"]), int(match["number"]), folder))
    return sorted(found, key=lambda version: (version.year, version.number))


def version_named(settings: Settings, name: str) -> Version:
    """Return a version by `2026/v1`, or the newest of `2026`.

    Raises `ReleaseError` where there is none.
    """
    match = NAME.match(name)
    if match is None:
        raise ReleaseError(f"'{name}' names no release: write 2026, or 2026/v1 for a version")
    found = [
        version
        for version in versions_of(settings, int(match["year"]))
        if match["number"] is None or version.number == int(match["number"])
    ]
    if not found:
        raise ReleaseError(f"there is no release {name}: `register statistics list` shows all")
    return found[-1]


def newest_version(settings: Settings, year: int) -> Version | None:
    """Return the newest version of a year, in whatever state, or None."""
    found = versions_of(settings, year)
    return found[-1] if found else None


def next_number(settings: Settings, year: int) -> int:
    """Return the number of the version that a draft of the year is."""
    newest = newest_version(settings, year)
    if newest is None:
        return 1
    return newest.number if newest.state not in (*PUBLIC_STATES, "withdrawn") else newest.number + 1


def public_versions(settings: Settings) -> list[Version]:
    """Return the versions that the public has, in the order in which they were published."""
    found = [version for version in versions_of(settings) if version.state in PUBLIC_STATES]
    return sorted(found, key=lambda version: (version.moment, version.year, version.number))


def latest_version(settings: Settings) -> Version | None:
    """Return the version that the link names, or None before the first publication."""
    link = releases_folder(settings) / LATEST
    if not link.is_symlink():
        return None
    return version_named(settings, link.readlink().as_posix())


def known_versions(settings: Settings) -> list[Version]:
    """Return the versions that were ever public, withdrawn ones too, as they were published.

    What was once public stays known: whatever follows is protected beside it.
    """
    found = [version for version in versions_of(settings) if version.moment]
    return sorted(found, key=lambda version: (version.moment, version.year, version.number))
