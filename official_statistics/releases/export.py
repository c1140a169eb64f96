"""Export of a release: its public files are copied out of the home, complete and readable."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path

from official_statistics.releases.practice import ReleaseError
from official_statistics.releases.seal import read_manifest
from official_statistics.releases.verification import verify_version
from official_statistics.releases.versions import PUBLIC_STATES, Version
from register.durable import flush_tree
from register.settings import Settings

READABLE_FILE, READABLE_FOLDER = 0o644, 0o755


def export_release(
    settings: Settings, version: Version, target: Path, *, allows_withdrawn: bool = False
) -> list[Path]:
    """Copy the public files of a published version into a new folder, and return the copies.

    The folder appears complete, or not at all. Raises `ReleaseError` if the version is not public
    or was changed, or if the folder is not empty. With `allows_withdrawn`, withdrawn versions are
    allowed too.
    """
    if version.state == "withdrawn" and not allows_withdrawn:
        raise ReleaseError(f"{version.name} is withdrawn: ask for it with --withdrawn")
    if version.state not in (*PUBLIC_STATES, "withdrawn"):
        raise ReleaseError(f"{version.name} is not published: nobody may have it yet")
    if faults := verify_version(settings, version):
        raise ReleaseError(f"{version.name} is not as it was published: {faults[0].text}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ReleaseError(f"{target} already exists: give a new or an empty folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".partial-{uuid.uuid4().hex}")
    try:
        _copy_public_files(version, partial)
        flush_tree(partial)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _copy_public_files(version: Version, folder: Path) -> None:
    """Copy the public files, and compare each copy with the manifest."""
    folder.mkdir(mode=READABLE_FOLDER)
    folder.chmod(READABLE_FOLDER)
    manifest = read_manifest(version)
    for path in sorted(version.public.rglob("*")):
        copy = folder / path.relative_to(version.public)
        if path.is_dir():
            copy.mkdir()
            copy.chmod(READABLE_FOLDER)
            continue
        content = path.read_bytes()
        name = path.relative_to(version.folder).as_posix()
        if hashlib.sha256(content).hexdigest() != manifest.get(name):
            raise ReleaseError(f"{name} of {version.name} is not as it was sealed")
        copy.write_bytes(content)
        copy.chmod(READABLE_FILE)
