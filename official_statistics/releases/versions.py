"""The folders of releases: years, their versions, and the link to the latest public version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from official_statistics.releases.events import Event, read_events
from official_statistics.releases.practice import ReleaseError
from register.settings import Settings

PUBLICATION = "missing_children"
LATEST = "latest"
NAME = re.compile(r"^(?P<year>\d{4})(/v(?P<number>\d+))?$")
# States in which a version is public.
PUBLIC_STATES = ("published", "superseded")


@dataclass(frozen=True)
class Version:
    """One version of a release: `2026/v1` is the first of the year ending 31 March 2026."""

    year: int
    number: int
    folder: Path

    @property
    def name(self) -> str:
        """The name of the version, such as `2026/v1`."""
        return f"{self.year}/v{self.number}"

    @property
    def public(self) -> Path:
        """The folder that the public may read."""
        return self.folder / "public"

    @property
    def data(self) -> Path:
        """The folder of the data and metadata files."""
        return self.public / "data"

    @property
    def internal(self) -> Path:
        """The folder of base table, cells and check results, which never leaves the register."""
        return self.folder / "internal"

    @property
    def cells_file(self) -> Path:
        """The database of counted and protected cells."""
        return self.internal / "cells.duckdb"

    @property
    def base_file(self) -> Path:
        """The file of the counted rows, with which a later revision is compared."""
        return self.internal / "base.parquet"

    @property
    def events_file(self) -> Path:
        """The file of the version's events."""
        return self.folder / "events.jsonl"

    @property
    def description(self) -> Path:
        """The file that records the version's inputs."""
        return self.folder / "release.yaml"

    def read_events(self) -> list[Event]:
        """Return the events of the version, oldest first."""
        return read_events(self.events_file)

    @property
    def state(self) -> str:
        """The state after the last event; `none` without an event."""
        events = self.read_events()
        return events[-1].state if events else "none"

    @property
    def published_at(self) -> str:
        """The time at which the version was first published (UTC); empty if never."""
        times = [event.at for event in self.read_events() if event.state == "published"]
        return times[0] if times else ""

    @property
    def approved_for(self) -> str:
        """The announced time of the last approval; empty if there is none."""
        states = ("approved", "pre_release")
        events = [event for event in self.read_events() if event.state in states]
        times = [event.release_at for event in events if event.release_at]
        return times[-1] if times else ""


def releases_folder(settings: Settings) -> Path:
    """Return the folder of the publication's releases."""
    return settings.statistics / PUBLICATION


def list_versions(settings: Settings, year: int | None = None) -> list[Version]:
    """Return the versions of a year (or of all years), by year and number."""
    versions = []
    for folder in releases_folder(settings).glob("[0-9][0-9][0-9][0-9]/v*"):
        match = NAME.match(f"{folder.parent.name}/{folder.name}")
        if match and (year is None or int(match["year"]) == year):
            versions.append(Version(int(match["year"]), int(match["number"]), folder))
    return sorted(versions, key=lambda version: (version.year, version.number))


def version_named(settings: Settings, name: str) -> Version:
    """Return the version with a name such as `2026/v1`; for `2026`, the newest version.

    Raises `ReleaseError` if there is none.
    """
    match = NAME.match(name)
    if match is None:
        raise ReleaseError(f"'{name}' names no release: write 2026, or 2026/v1 for a version")
    versions = [
        version
        for version in list_versions(settings, int(match["year"]))
        if match["number"] is None or version.number == int(match["number"])
    ]
    if not versions:
        raise ReleaseError(f"there is no release {name}: `register statistics list` shows all")
    return versions[-1]


def find_newest_version(settings: Settings, year: int) -> Version | None:
    """Return the newest version of a year, whatever its state; None if there is none."""
    versions = list_versions(settings, year)
    return versions[-1] if versions else None


def choose_next_number(settings: Settings, year: int) -> int:
    """Return the number of a year's next draft. A draft that was never public is replaced."""
    newest = find_newest_version(settings, year)
    if newest is None:
        return 1
    return newest.number + (newest.state in (*PUBLIC_STATES, "withdrawn"))


def list_public_versions(settings: Settings) -> list[Version]:
    """Return the public versions in the order in which they were published."""
    return [version for version in list_known_versions(settings) if version.state in PUBLIC_STATES]


def latest_version(settings: Settings) -> Version | None:
    """Return the version to which the link points; None if there is no link.

    There is a link as long as any version is public.
    """
    link = releases_folder(settings) / LATEST
    if not link.is_symlink():
        return None
    return version_named(settings, link.readlink().as_posix())


def list_known_versions(settings: Settings) -> list[Version]:
    """Return the versions that are or were public, in the order of publication.

    Readers may have kept a withdrawn version, so later versions are protected together with it.
    """
    versions = [version for version in list_versions(settings) if version.published_at]
    return sorted(versions, key=lambda each: (each.published_at, each.year, each.number))
