"""Verification that no file, event or link of a release was changed."""

from __future__ import annotations

from dataclasses import dataclass

from official_statistics.releases.events import (
    derive_seal_keys,
    find_chain_fault,
    find_unsealed_fault,
)
from official_statistics.releases.release_calendar import find_calendar_faults
from official_statistics.releases.seal import (
    hash_access_list,
    hash_files,
    hash_manifest,
    hash_public_files,
    read_manifest,
)
from official_statistics.releases.versions import (
    LATEST,
    Version,
    list_public_versions,
    list_versions,
    releases_folder,
)
from register.settings import Settings


@dataclass(frozen=True)
class Fault:
    """A change that no step made: where (a version, the calendar or the link), and what it is."""

    version: str
    text: str


def verify_version(settings: Settings, version: Version) -> list[Fault]:
    """Return the faults of a version: files, events or hashes not as the last step left them."""
    path = version.events_file
    texts = (find_chain_fault(path, derive_seal_keys(settings)), find_unsealed_fault(path))
    faults = [Fault(version.name, text) for text in texts if text]
    sealed, now = read_manifest(version), hash_files(version)
    for name in sorted(set(sealed) | set(now)):
        if name not in now:
            faults.append(Fault(version.name, f"{name} is gone"))
        elif name not in sealed:
            faults.append(Fault(version.name, f"{name} was added"))
        elif sealed[name] != now[name]:
            faults.append(Fault(version.name, f"{name} was changed"))
    events = version.read_events() if not faults else []
    if events and events[-1].public_hash != hash_public_files(version):
        faults.append(Fault(version.name, "the public files are not those of the last event"))
    if events and events[-1].manifest != hash_manifest(version):
        faults.append(Fault(version.name, "manifest.json is not that of the last event"))
    if events and events[-1].access != hash_access_list(version):
        faults.append(Fault(version.name, "the list of pre-release access is not as it was"))
    return faults


def verify_all(settings: Settings) -> list[Fault]:
    """Return the faults of all versions, the calendar and the link.

    The link must name the last published version that was not withdrawn.
    """
    faults = [
        fault for version in list_versions(settings) for fault in verify_version(settings, version)
    ]
    faults += [Fault("calendar", text) for text in find_calendar_faults(settings)]
    public = list_public_versions(settings) if not faults else []
    link = releases_folder(settings) / LATEST
    target = link.readlink().as_posix() if link.is_symlink() else ""
    expected = public[-1].name if public else ""
    if not faults and target != expected:
        faults.append(Fault(LATEST, f"the link names '{target}', not '{expected}'"))
    return faults
