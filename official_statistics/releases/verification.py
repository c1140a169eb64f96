"""Verification: every byte, every event and the link are what they were."""

from __future__ import annotations

from dataclasses import dataclass

from official_statistics.releases.events import chain_fault, seal_keys, unsealed_fault
from official_statistics.releases.release_calendar import calendar_faults
from official_statistics.releases.seal import (
    access_hash,
    file_hashes,
    manifest_hash,
    public_hash,
    read_seal,
)
from official_statistics.releases.versions import (
    LATEST,
    Version,
    public_versions,
    releases_folder,
    versions_of,
)
from register.settings import Settings


@dataclass(frozen=True)
class Fault:
    """One thing of a version that is not as it was left."""

    version: str
    text: str


def verify_version(settings: Settings, version: Version) -> list[Fault]:
    """Return what of a version was changed: files, events, the hash that people signed."""
    path = version.events_file
    found = [chain_fault(path, seal_keys(settings)), unsealed_fault(path)]
    faults = [Fault(version.name, fault) for fault in found if fault]
    sealed, now = read_seal(version), file_hashes(version)
    for name in sorted(set(sealed) | set(now)):
        if name not in now:
            faults.append(Fault(version.name, f"{name} is gone"))
        elif name not in sealed:
            faults.append(Fault(version.name, f"{name} was added"))
        elif sealed[name] != now[name]:
            faults.append(Fault(version.name, f"{name} was changed"))
    events = version.events() if not faults else []
    if events and events[-1].public_hash != public_hash(version):
        faults.append(Fault(version.name, "the public files are not those of the last event"))
    if events and events[-1].manifest != manifest_hash(version):
        faults.append(Fault(version.name, "manifest.json is not that of the last event"))
    if events and events[-1].access != access_hash(version):
        faults.append(Fault(version.name, "the list of pre-release access is not as it was"))
    return faults


def verify_all(settings: Settings) -> list[Fault]:
    """Return what is not as it was left: all versions, the calendar, and where the link leads.

    The link names the version that was published last and is not withdrawn.
    """
    faults = [
        fault for version in versions_of(settings) for fault in verify_version(settings, version)
    ]
    faults += [Fault("calendar", text) for text in calendar_faults(settings)]
    public = public_versions(settings) if not faults else []
    link = releases_folder(settings) / LATEST
    named = link.readlink().as_posix() if link.is_symlink() else ""
    wanted = public[-1].name if public else ""
    if not faults and named != wanted:
        faults.append(Fault(LATEST, f"the link names '{named}', not '{wanted}'"))
    return faults
