"""Export of the published releases out of the home, complete and readable.

`site/` has each public version in a folder such as `2026/v1`, byte for byte as it was signed, below
a page that lists all versions. `explore-education-statistics/` has the bundle of one version.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from official_statistics.export.platform_bundle import write_bundle
from official_statistics.export.releases_page import render_front_page
from official_statistics.releases import (
    ReleaseError,
    Version,
    list_known_versions,
    read_manifest,
    verify_version,
)
from register.durable import flush_tree
from register.settings import Settings

SITE, BUNDLE = "site", "explore-education-statistics"
READABLE_FILE, READABLE_FOLDER = 0o644, 0o755


@dataclass(frozen=True)
class Export:
    """The result of an export: all files, and the versions whose public files were copied."""

    files: tuple[Path, ...]
    versions: tuple[Version, ...]


def export_release(
    settings: Settings,
    version: Version,
    target: Path,
    *,
    allows_withdrawn: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Export:
    """Write the site of all public versions, and the bundle of one, into a new folder.

    The folder appears complete, or not at all. Raises `ReleaseError` if the version is not public,
    if a version was changed, or if the folder is not empty. With `allows_withdrawn`, the version
    may be withdrawn, and withdrawn versions are copied too; otherwise they are only listed.
    """
    if version.state == "withdrawn" and not allows_withdrawn:
        raise ReleaseError(f"{version.name} is withdrawn: ask for it with --withdrawn")
    known = list_known_versions(settings)
    if version not in known:
        raise ReleaseError(f"{version.name} is not published: nobody may have it yet")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ReleaseError(f"{target} already exists: give a new or an empty folder")
    included = [each for each in known if allows_withdrawn or each.state != "withdrawn"]
    for each in included:
        progress(f"verify {each.name}")
        if faults := verify_version(settings, each):
            raise ReleaseError(f"{each.name} is not as it was published: {faults[0].text}")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".partial-{uuid.uuid4().hex}")
    try:
        for each in included:
            progress(f"copy {each.name}")
            _copy_public_files(each, partial / SITE / each.name)
        progress("write front page")
        page = render_front_page(settings, known, included)
        (partial / SITE / "index.html").write_text(page, encoding="utf-8", newline="\n")
        progress("write bundle")
        write_bundle(version, partial / BUNDLE)
        _make_readable(partial)
        flush_tree(partial)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    files = tuple(sorted(path for path in target.rglob("*") if path.is_file()))
    return Export(files, tuple(included))


def _copy_public_files(version: Version, folder: Path) -> None:
    """Copy the public files, and compare each copy with the manifest."""
    manifest = read_manifest(version)
    for path in sorted(version.public.rglob("*")):
        if path.is_dir():
            continue
        content = path.read_bytes()
        name = path.relative_to(version.folder).as_posix()
        if hashlib.sha256(content).hexdigest() != manifest.get(name):
            raise ReleaseError(f"{name} of {version.name} is not as it was sealed")
        copy = folder / path.relative_to(version.public)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)


def _make_readable(folder: Path) -> None:
    """Let everybody read the files of a folder, whatever the process's mask is."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(READABLE_FOLDER if path.is_dir() else READABLE_FILE)
