"""Reproduces a version: drafts it anew from what made it, and compares byte for byte."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from official_statistics.papers import Basis, read_basis
from official_statistics.production.draft import fill_version, input_hashes
from official_statistics.production.fitness import chosen_generation
from official_statistics.production.scratch_home import scratch_home
from official_statistics.production.tools import ReleaseTools
from official_statistics.releases import (
    ReleaseError,
    Version,
    file_hashes,
    releases_folder,
)
from register.publishing import Generation, code_version, generations_aside
from register.settings import Settings

# Written after the draft, by people and at publication.
AFTER_THE_DRAFT = ("public/pre_release_access.csv",)
BASE = "internal/base.parquet"
# Build the register of a home as it was known at a moment (UTC), and publish it aside.
Rebuild = Callable[[Settings, str], None]


@dataclass(frozen=True)
class Reproduction:
    """What became of a reproduction: from which generation, and which files differ.

    `changed_inputs` are those of code, models, rules, seeds, linkage model and key that are not
    what they were when the version was made: they are why files may differ.
    """

    version: str
    generation_id: str
    is_rebuilt: bool
    compared: int
    differing: tuple[str, ...]
    changed_inputs: tuple[str, ...]


def reproduce_release(
    settings: Settings,
    version: Version,
    rebuild: Rebuild,
    tools: ReleaseTools,
) -> Reproduction:
    """Draft a version again in a folder of its own, and compare every public file and the base.

    Where its generation is gone, `rebuild` builds the register from landing as it was known when
    the generation was made, in a scratch home. Raises `ReleaseError` where that gives none.
    """
    basis = read_basis(version)
    folder = releases_folder(settings) / f".reproduced-{uuid.uuid4().hex}"
    again = Version(version.year, version.number, folder)
    with ExitStack() as scratch_homes:
        generation, is_rebuilt = _generation(settings, basis, rebuild, scratch_homes)
        changed = _changed_inputs(settings, basis, generation)
        try:
            fill_version(settings, again, basis, generation, tools)
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
        version=version.name,
        generation_id=generation.generation_id,
        is_rebuilt=is_rebuilt,
        compared=len(names),
        differing=tuple(differing),
        changed_inputs=changed,
    )


def _generation(
    settings: Settings, basis: Basis, rebuild: Rebuild, scratch_homes: ExitStack
) -> tuple[Generation, bool]:
    """The generation that a version was made from, and whether it had to be built again."""
    try:
        return chosen_generation(settings, basis.generation), False
    except ReleaseError:
        known_at = str(basis.generation_inputs.get("as_known_at") or "")
        moment = known_at or made_at(basis.generation).strftime("%Y-%m-%dT%H:%M:%SZ")
    scratch = scratch_homes.enter_context(scratch_home(settings))
    rebuild(scratch, moment)
    aside = generations_aside(scratch)
    if not aside:
        raise ReleaseError(f"landing gives no register as known at {moment}")
    return aside[0], True


def _changed_inputs(settings: Settings, basis: Basis, generation: Generation) -> tuple[str, ...]:
    """What else than records made the version, and is not what it was."""
    manifest = generation.manifest()
    then: dict[str, object] = {
        **basis.hashes,
        "code": dict(basis.code),
        "linkage model": basis.generation_inputs.get("linkage_model"),
        "pseudonym key": basis.generation_inputs.get("pseudonym_key_id"),
    }
    now: dict[str, object] = {
        **input_hashes(settings),
        "code": code_version(),
        "linkage model": manifest["linkage_model"]["version"],
        "pseudonym key": manifest["pseudonym_key_id"],
    }
    return tuple(sorted(name for name, value in now.items() if then.get(name) != value))


def made_at(generation_id: str) -> datetime:
    """Return when a generation began to be made (UTC): its id contains it."""
    return datetime.strptime(generation_id.split("-", maxsplit=1)[0], "%Y%m%dT%H%M%S").replace(
        tzinfo=UTC
    )
