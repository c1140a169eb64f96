"""Takes the public files of a release out of the home, whole and readable."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path

from official_statistics.releases.faults import ReleaseError
from official_statistics.releases.seal import read_seal
from official_statistics.releases.verification import verify_version
from official_statistics.releases.versions import PUBLIC_STATES, Version
from register.durable import flush_tree
from register.settings import Settings

READABLE_FILE, READABLE_FOLDER = 0o644, 0o755


def export_release(
    settings: Settings, version: Version, target: Path, *, is_withdrawn_wanted: bool = False
) -> list[Path]:
    """Copy the public files of a published version into a new folder; return their paths there.

    The folder appears whole, or not at all. Raises `ReleaseError` for a version that is not public
    (a withdrawn one must be asked for), that is not as it was left, and for a folder that is there.
    """
    if version.state == "withdrawn" and not is_withdrawn_wanted:
        raise ReleaseError(f"{version.name} is withdrawn: ask for it with --withdrawn")
    if version.state not in (*PUBLIC_STATES, "withdrawn"):
        raise ReleaseError(f"{version.name} is not published: nobody may have it yet")
    if faults := verify_version(settings, version):
        raise ReleaseError(f"{version.name} is not as it was published: {faults[0].text}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ReleaseError(f"{target} is there already: give a new or an empty folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".partial-{uuid.uuid4().hex}")
    try:
        _copy(version, partial)
        flush_tree(partial)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _copy(version: Version, folder: Path) -> None:
    """Copy file by file, each held to the manifest once more."""
    folder.mkdir(mode=READABLE_FOLDER)
    folder.chmod(READABLE_FOLDER)
    sealed = read_seal(version)
    for path in sorted(version.public.rglob("*")):
        copied = folder / path.relative_to(version.public)
        if path.is_dir():
            copied.mkdir()
            copied.chmod(READABLE_FOLDER)
            continue
        content = path.read_bytes()
        name = path.relative_to(version.folder).as_posix()
        if hashlib.sha256(content).hexdigest() != sealed.get(name):
            raise ReleaseError(f"{name} of {version.name} is not as it was sealed")
        copied.write_bytes(content)
        copied.chmod(READABLE_FILE)
