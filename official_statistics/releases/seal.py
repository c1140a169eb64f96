"""The manifest of a version: the hash of every file, and one of what the public reads.

An event has the hash of the manifest, and is sealed with a key: so is what the manifest lists.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from official_statistics.releases.versions import Version
from register.durable import write_whole

MANIFEST = "manifest.json"
SEALED = ("public", "internal", "release.yaml")
# Written between sign-off and publication, so not part of what was signed.
PRE_RELEASE_LIST = "pre_release_access.csv"
LISTED = f"public/{PRE_RELEASE_LIST}"


def file_hashes(version: Version) -> dict[str, str]:
    """Return SHA-256 of every file of the version, by its path in the version's folder."""
    return {
        path.relative_to(version.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in SEALED
        for path in sorted([version.folder / part, *(version.folder / part).rglob("*")])
        if path.is_file()
    }


def public_hash(version: Version) -> str:
    """Return SHA-256 over names and hashes of the public files that are signed."""
    digest = hashlib.sha256()
    for name, found in sorted(file_hashes(version).items()):
        if name.startswith("public/") and name != LISTED:
            digest.update(f"{name}\0{found}\n".encode())
    return digest.hexdigest()


def seal(version: Version) -> Path:
    """Write the manifest of the version as it is now; return its path."""
    path = version.folder / MANIFEST
    text = json.dumps(file_hashes(version), indent=2, sort_keys=True) + "\n"
    write_whole(path, text.encode("utf-8"), mode=0o600)
    return path


def read_seal(version: Version) -> dict[str, str]:
    """Return the hashes of the manifest, or none where there is no manifest."""
    path = version.folder / MANIFEST
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def manifest_hash(version: Version) -> str:
    """Return SHA-256 over what the manifest lists, but for the list of pre-release access."""
    listed = {name: found for name, found in read_seal(version).items() if name != LISTED}
    text = json.dumps(listed, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest() if listed else ""


def access_hash(version: Version) -> str:
    """Return SHA-256 of the list of pre-release access, or nothing where there is none yet."""
    path = version.folder / LISTED
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
