"""Verification that no file, event or link of a release was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from official_statistics.releases.events import (
    derive_seal_keys,
    find_chain_fault,
    find_unsealed_fault,
)
from official_statistics.releases.published_signatures import (
    are_signatures_written,
    find_approved_time,
    find_copy_faults,
    judge_statements,
    lacks_signatures,
    list_statements,
)
from official_statistics.releases.release_calendar import find_announcement, find_calendar_faults
from official_statistics.releases.seal import (
    SIGNATURES_PATH,
    hash_access_list,
    hash_files,
    hash_inputs,
    hash_manifest,
    hash_public_files,
    read_manifest,
)
from official_statistics.releases.signed_statements import Signer
from official_statistics.releases.versions import (
    LATEST,
    Version,
    list_public_versions,
    list_versions,
    releases_folder,
)
from register.own_keys import find_own_keys_fault
from register.settings import Settings

# Versions in these states are signed by nobody yet.
UNSIGNED = ("none", "draft", "checked")


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
    if version.published_at and not faults and not are_signatures_written(settings, version):
        faults.append(Fault(version.name, f"{SIGNATURES_PATH} is not what the register wrote"))
    return faults


def verify_signatures(
    settings: Settings, signers: Sequence[Signer], version: Version | None = None
) -> list[Fault]:
    """Return the faults of people's signatures, by public keys that are stored elsewhere.

    Without a version, all versions are checked.

    Only the holders of the private keys could make other files, events or times look right, so this
    also finds changes by somebody who has the key of the seals.
    """
    faults = []
    for each in [version] if version else list_versions(settings):
        if each.state not in UNSIGNED:
            faults += [Fault(each.name, text) for text in _judge_version(settings, each, signers)]
    return faults


def _judge_version(
    settings: Settings, version: Version, signers: Sequence[Signer]
) -> Iterator[str]:
    statements = list_statements(version)
    public_hash = hash_public_files(version)
    yield from judge_statements(statements, signers, public_hash, version.state)
    inputs = hash_inputs(version)
    if any(statement.inputs != inputs for statement in statements):
        yield "release.yaml is not the one that people signed"
    if version.published_at and lacks_signatures(version):
        yield f"{SIGNATURES_PATH} is not there"
    elif version.published_at:
        yield from find_copy_faults(version.public, signers)
    line, approved_for = find_announcement(settings, version.year), find_approved_time(statements)
    if line is not None and approved_for is not None and line.release_time < approved_for:
        yield "the calendar has an earlier time than the one that was approved"


def verify_all(settings: Settings) -> list[Fault]:
    """Return the faults of all versions, the calendar and the link.

    The link must name the last published version that was not withdrawn.
    """
    faults = [
        fault for version in list_versions(settings) for fault in verify_version(settings, version)
    ]
    faults += [Fault("calendar", text) for text in find_calendar_faults(settings)]
    if fault := find_own_keys_fault(settings):
        faults.append(Fault("signers", f"the file of signatories' keys: {fault}"))
    public = list_public_versions(settings) if not faults else []
    link = releases_folder(settings) / LATEST
    target = link.readlink().as_posix() if link.is_symlink() else ""
    expected = public[-1].name if public else ""
    if not faults and target != expected:
        faults.append(Fault(LATEST, f"the link names '{target}', not '{expected}'"))
    return faults
