"""Reproduces a version: drafts it anew from what made it, and compares byte for byte."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestration.options import LoadOptions
from orchestration.statistics.draft import fill_version
from orchestration.statistics.fitness import chosen_generation
from register.publishing import Generation, generations_aside
from register.settings import Settings
from register.statistics.papers import read_basis
from register.statistics.releases import (
    ReleaseError,
    Version,
    file_hashes,
    releases_folder,
)

# Written after the draft, by people and at publication.
AFTER_THE_DRAFT = ("public/pre_release_access.csv",)
BASE = "internal/base.parquet"
Rebuild = Callable[[LoadOptions], None]


@dataclass(frozen=True)
class Reproduction:
    """What became of a reproduction: from which generation, and which files differ."""

    version: str
    generation_id: str
    is_rebuilt: bool
    compared: int
    differing: tuple[str, ...]


def reproduce_release(
    settings: Settings,
    version: Version,
    rebuild: Rebuild,
    progress: Callable[[str], None] | None = None,
) -> Reproduction:
    """Draft a version again in a folder of its own, and compare every public file and the base.

    Where its generation is gone, `rebuild` loads the register from landing as it was known when the
    generation was made. Raises `ReleaseError` where that gives none.
    """
    basis = read_basis(version)
    generation, is_rebuilt = _generation(settings, basis.generation, rebuild)
    folder = releases_folder(settings) / f".reproduced-{uuid.uuid4().hex}"
    again = Version(version.year, version.number, folder)
    try:
        fill_version(settings, again, basis, generation, progress)
        before, after = file_hashes(version), file_hashes(again)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    names = {
        name
        for name in {*before, *after}
        if (name.startswith("public/") or name == BASE) and name not in AFTER_THE_DRAFT
    }
    if version.state == "withdrawn":
        names -= {"public/index.html"}
    differing = sorted(name for name in names if before.get(name) != after.get(name))
    return Reproduction(
        version.name, generation.generation_id, is_rebuilt, len(names), tuple(differing)
    )


def _generation(
    settings: Settings, generation_id: str, rebuild: Rebuild
) -> tuple[Generation, bool]:
    try:
        return chosen_generation(settings, generation_id), False
    except ReleaseError:
        moment = made_at(generation_id).strftime("%Y-%m-%dT%H:%M:%SZ")
    rebuild(LoadOptions(as_known_at=moment))
    aside = generations_aside(settings)
    if not aside:
        raise ReleaseError(f"landing gives no register as known at {moment}")
    return aside[0], True


def made_at(generation_id: str) -> datetime:
    """Return when a generation began to be made (UTC): its id contains it."""
    return datetime.strptime(generation_id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%S").replace(
        tzinfo=UTC
    )
