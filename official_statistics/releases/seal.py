"""The manifest of a version: the hash of every file, and one hash of all public files together.

Each event contains the manifest's hash and is sealed with a key, so it also seals the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from official_statistics.releases.versions import Version
from register.durable import write_whole

MANIFEST = "manifest.json"
SEALED_PATHS = ("public", "internal", "release.yaml")
# These files are added after the signatures of people, so they do not cover them. The register's
# own signature does.
PRE_RELEASE_LIST, SIGNATURES = "pre_release_access.csv", "signatures.json"
PRE_RELEASE_PATH, SIGNATURES_PATH = f"public/{PRE_RELEASE_LIST}", f"public/{SIGNATURES}"
ADDED_LATER = {PRE_RELEASE_PATH, SIGNATURES_PATH}


def hash_files(version: Version) -> dict[str, str]:
    """Return the SHA-256 of every sealed file of a version, by path within the version's folder."""
    return {
        path.relative_to(version.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in SEALED_PATHS
        for path in sorted([version.folder / part, *(version.folder / part).rglob("*")])
        if path.is_file()
    }


def hash_public_files(version: Version) -> str:
    """Return one SHA-256 of the names and hashes of the public files that people sign."""
    return hash_signed_files(hash_files(version))


def hash_signed_files(hashes: Mapping[str, str]) -> str:
    """Return one SHA-256 of the public files among hashed files, without those added later."""
    digest = hashlib.sha256()
    for name, file_hash in sorted(hashes.items()):
        if name.startswith("public/") and name not in ADDED_LATER:
            digest.update(f"{name}\0{file_hash}\n".encode())
    return digest.hexdigest()


def seal_version(version: Version) -> None:
    """Write the manifest of a version from the files that it has now."""
    write_manifest(version.folder / MANIFEST, hash_files(version))


def write_manifest(path: Path, hashes: Mapping[str, str]) -> None:
    """Write the hashes of files as a manifest."""
    text = json.dumps(hashes, indent=2, sort_keys=True) + "\n"
    write_whole(path, text.encode("utf-8"), mode=0o600)


def read_manifest(version: Version) -> dict[str, str]:
    """Return the hashes in the manifest; empty if there is no manifest."""
    path = version.folder / MANIFEST
    if not path.exists():
        return {}
    manifest: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def hash_manifest(version: Version) -> str:
    """Return one SHA-256 of the manifest, without the files that are added later."""
    return hash_listed_files(read_manifest(version))


def hash_listed_files(hashes: Mapping[str, str]) -> str:
    """Return one SHA-256 of a manifest's hashes, without the files that are added later."""
    listed = {name: file_hash for name, file_hash in hashes.items() if name not in ADDED_LATER}
    text = json.dumps(listed, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest() if listed else ""


def hash_inputs(version: Version) -> str:
    """Return the SHA-256 of `release.yaml`, which says from what the version was made."""
    return hashlib.sha256(version.description.read_bytes()).hexdigest()


def hash_access_list(version: Version) -> str:
    """Return the SHA-256 of the list of pre-release access; empty if there is no list yet."""
    path = version.folder / PRE_RELEASE_PATH
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
