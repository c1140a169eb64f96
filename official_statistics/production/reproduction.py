"""Reproduction of a version: it is drafted again from its inputs, and the files are compared."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from official_statistics.papers import Basis, read_basis
from official_statistics.production.draft import (
    ReleaseTools,
    choose_generation,
    fill_version,
    hash_inputs,
)
from official_statistics.releases import (
    ADDED_LATER,
    ReleaseError,
    Version,
    hash_files,
    releases_folder,
)
from register.home import prepare_home
from register.publishing import Generation, code_version, generations_aside
from register.settings import Settings

BASE = "internal/base.parquet"
# A function that builds the register as it was known at a time (UTC), and publishes it in the given
# home.
Rebuild = Callable[[Settings, str], None]


@dataclass(frozen=True)
class Reproduction:
    """The result of a reproduction: the generation that was used, and the files that differ.

    `changed_inputs` lists the inputs that have changed since the version was made (code, models,
    rules, seeds, linkage model, key). They may explain why files differ.
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
    """Draft a version again in a separate folder, and compare all public files and the base table.

    If the version's generation was removed, `rebuild` builds the register again in a scratch home,
    from the deliveries that were known then. Raises `ReleaseError` if this yields no generation.
    """
    basis = read_basis(version)
    folder = releases_folder(settings) / f".reproduced-{uuid.uuid4().hex}"
    again = Version(version.year, version.number, folder)
    with ExitStack() as scratch_homes:
        generation, is_rebuilt = _find_generation(settings, basis, rebuild, scratch_homes)
        changed_inputs = _find_changed_inputs(settings, basis, generation)
        try:
            fill_version(settings, again, basis, generation, tools)
            before, after = hash_files(version), hash_files(again)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    names = {name for name in {*before, *after} if name.startswith("public/") or name == BASE}
    names -= ADDED_LATER
    if version.state == "withdrawn":
        names -= {"public/index.html"}
    return Reproduction(
        version=version.name,
        generation_id=generation.generation_id,
        is_rebuilt=is_rebuilt,
        compared=len(names),
        differing=tuple(sorted(name for name in names if before.get(name) != after.get(name))),
        changed_inputs=changed_inputs,
    )


def _find_generation(
    settings: Settings, basis: Basis, rebuild: Rebuild, scratch_homes: ExitStack
) -> tuple[Generation, bool]:
    """Return the generation from which a version was made, and whether it had to be rebuilt."""
    try:
        return choose_generation(settings, basis.generation), False
    except ReleaseError:
        known_at = str(basis.generation_inputs.get("as_known_at") or "")
    if not known_at:
        # A generation's id contains the time (UTC) at which its build began.
        started = basis.generation.split("-", maxsplit=1)[0]
        started_at = datetime.strptime(started, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        known_at = started_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    scratch = scratch_homes.enter_context(_create_scratch_home(settings))
    rebuild(scratch, known_at)
    generations = generations_aside(scratch)
    if not generations:
        raise ReleaseError(f"no register as known at {known_at} can be built from landing")
    return generations[0], True


@contextmanager
def _create_scratch_home(settings: Settings) -> Iterator[Settings]:
    """Create a scratch home inside another home for a rebuild, and remove it after the block.

    It shares landing, decisions, access record, linkage models and truth with the other home. It
    has its own warehouse and generations.
    """
    with tempfile.TemporaryDirectory(prefix=".rebuilt-", dir=settings.home) as name:
        scratch = replace(settings, home=Path(name))
        for folder in (
            settings.landing,
            settings.decisions,
            settings.access_record,
            settings.models,
            settings.truth,
        ):
            if folder.is_dir():
                (scratch.home / folder.name).symlink_to(folder.resolve(), target_is_directory=True)
        if settings.simulation_declaration.is_file():
            shutil.copy(settings.simulation_declaration, scratch.simulation_declaration)
        prepare_home(scratch)
        yield scratch


def _find_changed_inputs(
    settings: Settings, basis: Basis, generation: Generation
) -> tuple[str, ...]:
    """Return the inputs of a version, apart from records, that have changed since it was made."""
    manifest = generation.manifest()
    then: dict[str, object] = {
        **basis.hashes,
        "code": dict(basis.code),
        "linkage model": basis.generation_inputs.get("linkage_model"),
        "pseudonym key": basis.generation_inputs.get("pseudonym_key_id"),
    }
    now: dict[str, object] = {
        **hash_inputs(settings),
        "code": code_version(),
        "linkage model": manifest["linkage_model"]["version"],
        "pseudonym key": manifest["pseudonym_key_id"],
    }
    return tuple(sorted(name for name, value in now.items() if then.get(name) != value))
