"""Publication of generations: a folder for each, and the link `current` to one of them.

A generation is built in a hidden folder, which `publish` renames. If the process is killed,
`current` still points to the old or to the new generation. A reader of several files must resolve
`current` once (`current_generation`) and then open the files in its folder.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from register.access import (
    CASE_LISTS,
    COARSE_FORM,
    EXACT_FORM,
    EXACT_PARQUET,
    PARQUET,
    PRIVATE_FOLDER,
    check_groups,
    share_generation,
)
from register.access_record import Entry, read_state, record_access
from register.data_keys import KeyRing
from register.databases import open_database
from register.durable import flush, flush_tree, point_link, write_whole
from register.generation_ids import GENERATION, list_published_ids, make_next_id
from register.publishing.coarse_form import Levels, write_coarse_form
from register.publishing.inputs import INPUTS_FILE, note_inputs
from register.publishing.key_log import LOG_FOLDER, complete_key_log, write_key_file
from register.publishing.manifest import (
    DECISIONS_FILE,
    LINKAGE_MODEL_NOTE,
    MANIFEST_FILE,
    PUBLISHED_FILES,
    build_manifest,
    note_decisions,
    read_manifest,
    serialise_manifest,
)
from register.publishing.parquet_links import parquet_generation
from register.queries import read_query
from register.settings import Settings

logger = logging.getLogger(__name__)

CURRENT = "current"
ASIDE = "as-known-at"
NEXT_PREFIX = ".next-"
# The file in a build's folder that contains the id that the generation will have.
ID_FILE = "generation_id"
FAILED_PREFIX = ".failed-"
SCRATCH_PREFIX = ".scratch-"
# The file that marks a build's folder when dbt has finished and the build is not yet published.
BUILT_FILE = ".built"
# The seconds that a reader has to open the files after resolving the link `current`.
READER_GRACE_SECONDS = 600.0
STALE_SECONDS = 24 * 3600.0
# Writing a file or moving a link takes far less time. So an older partial file was left by a killed
# process.
STALE_FILE_SECONDS = 3600.0
FAILED_KEPT = 1
# Each published file has a table of this name, which contains the generation's id. Its schema
# depends on the file.
STAMP_TABLE = "published_generation"
STAMP_SCHEMAS = {EXACT_FORM: "register", COARSE_FORM: "register", CASE_LISTS: "operations"}
CREATE_STAMP = read_query(__package__, "generation_stamp")


class PublishError(RuntimeError):
    """A generation cannot be published or chosen; the message says what to do."""


@dataclass(frozen=True)
class Generation:
    """A published generation: its id, its folder, and whether it is current.

    Ids sort in the order of the builds. `data_keys` open its case lists.
    """

    generation_id: str
    folder: Path
    is_current: bool
    data_keys: KeyRing | None = field(default=None, repr=False, compare=False)

    def manifest(self) -> dict[str, Any]:
        """Return the manifest of the generation, read from its file."""
        return read_manifest(self.folder)

    def primary_keys(self) -> dict[str, tuple[str, ...]]:
        """Return the columns of each table's primary key, by `schema.table`.

        An earlier program version declared the keys in the published file instead, and none here.
        """
        keys = self.manifest().get("primary_keys", {})
        return {table: tuple(columns) for table, columns in keys.items()}

    def coarse_levels(self) -> Levels:
        """Return how the coarse form shows columns, for each relation that it has.

        Earlier program versions published no coarse form.
        """
        levels: Levels = self.manifest().get("coarse_levels", {})
        return levels


def next_generation(settings: Settings, build_id: str | None = None) -> Path:
    """Create the hidden folder of a build and the generation's id; remove folders of killed builds.

    If `build_id` is given, all steps of one run find the same folder. A folder that an earlier
    attempt left is emptied.
    """
    check_groups(settings)
    sweep_stale(settings)
    folder = next_folder(settings, build_id or uuid.uuid4().hex[:12])
    if folder.exists():
        shutil.rmtree(folder)
    # The folder is private from the start, because the case lists inside name children.
    folder.mkdir(parents=True, mode=PRIVATE_FOLDER)
    write_generation_id(folder)
    note_decisions(settings, folder)
    note_inputs(settings, folder)
    return folder


def scratch_folder(settings: Settings) -> Path:
    """Create a folder for temporary files of dbt. The caller must remove it."""
    folder = settings.published / f"{SCRATCH_PREFIX}{uuid.uuid4().hex}"
    folder.mkdir(parents=True, mode=PRIVATE_FOLDER)
    write_generation_id(folder)
    return folder


def end_build(folder: Path) -> None:
    """Mark a build as finished and ready to be published."""
    (folder / BUILT_FILE).touch()


def sweep_dead_builds(settings: Settings) -> None:
    """Remove unfinished builds. The caller must hold the warehouse lock."""
    for folder in settings.published.glob(f"{NEXT_PREFIX}*"):
        if not (folder / BUILT_FILE).exists():
            logger.warning("removing %s, a build that was killed", folder.name)
            shutil.rmtree(folder)


def write_generation_id(folder: Path, generation_id: str | None = None) -> str:
    """Write the generation's id into a build's folder, and return it; by default, the next id."""
    generation_id = generation_id or make_next_id(folder.parent)
    (folder / ID_FILE).write_text(generation_id, encoding="utf-8")
    return generation_id


def read_generation_id(folder: Path) -> str:
    """Return the id of a build's generation. Raises `PublishError` if the build has none."""
    path = folder / ID_FILE
    generation_id = path.read_text(encoding="utf-8") if path.exists() else ""
    if not GENERATION.match(generation_id):
        raise PublishError(f"{folder.name} has no generation id: load again")
    return generation_id


def next_folder(settings: Settings, build_id: str) -> Path:
    """Return the hidden folder of the build with this id."""
    return settings.published / f"{NEXT_PREFIX}{build_id}"


def publish(
    settings: Settings,
    folder: Path,
    as_known_at: str | None = None,
    primary_keys: Mapping[str, Sequence[str]] | None = None,
    levels: Levels | None = None,
) -> Generation:
    """Publish a build that passed its tests, and make it `current`.

    `primary_keys` has the columns of each table's primary key, by `schema.table`. `levels` says
    which relations and columns the coarse form has (`register.publishing.coarse_form`).

    If `as_known_at` is given, the generation goes to `as-known-at/<moment>/` without a key log, and
    `current` does not change. If a publication was interrupted, calling this again completes it.
    """
    interrupted = _find_interrupted(settings, folder)
    if interrupted is not None:
        if interrupted.folder.parent != settings.published:
            share_generation(settings, interrupted.folder)
            return interrupted
        complete_key_log(settings.published, [interrupted.folder])
        return make_current(settings, interrupted.generation_id)
    generation_id = read_generation_id(folder)
    _refuse_unfinished(folder)
    if as_known_at is None:
        _refuse_overtaken(settings, generation_id)
    complete_key_log(settings.published, [item.folder for item in kept_generations(settings)])
    write_coarse_form(settings, folder, levels or {}, primary_keys or {})
    stamp_files(folder, generation_id, as_known_at, settings.data_keys)
    write_key_file(folder)
    manifest = build_manifest(
        settings, folder, generation_id, as_known_at, primary_keys or {}, levels or {}
    )
    write_whole(folder / "manifest.json", serialise_manifest(settings, manifest))
    parent = settings.published
    if as_known_at is not None:
        parent = settings.published / ASIDE / re.sub(r"[^0-9A-Za-z-]", "", as_known_at)
        parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    for name in (BUILT_FILE, DECISIONS_FILE, INPUTS_FILE, LINKAGE_MODEL_NOTE):
        (folder / name).unlink(missing_ok=True)
    share_generation(settings, folder)
    flush_tree(folder)
    published = parent / generation_id
    if as_known_at is not None:
        record_access(settings, Entry("publication", "as_known_at", generation_id=generation_id))
    else:
        _record_current(settings, generation_id, folder)
    folder.rename(published)
    flush(parent)
    if as_known_at is not None:
        share_generation(settings, published)
        return Generation(generation_id, published, is_current=False, data_keys=settings.data_keys)
    complete_key_log(settings.published, [published])
    return _point_to(settings, published)


def stamp_files(
    folder: Path, generation_id: str, as_known_at: str | None, ring: KeyRing | None = None
) -> None:
    """Write the generation's id into each file of a build, so that files can be told apart.

    Repeated calls write the same id.
    """
    for name, schema in STAMP_SCHEMAS.items():
        with open_database(ring, folder / name, read_only=False) as connection:
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(CREATE_STAMP.format(schema=schema, table=STAMP_TABLE))
            connection.execute(
                f"insert into {schema}.{STAMP_TABLE} values (?, ?)", [generation_id, as_known_at]
            )


def make_current(settings: Settings, generation_id: str) -> Generation:
    """Point `current` to a kept generation, and remove generations beyond the number kept."""
    folder = settings.published / generation_id
    if not GENERATION.match(generation_id) or not folder.is_dir():
        ids = ", ".join(item.generation_id for item in kept_generations(settings)) or "none"
        raise PublishError(f"no generation '{generation_id}' is kept; kept are: {ids}")
    _record_current(settings, generation_id, folder)
    return _point_to(settings, folder)


def _record_current(settings: Settings, generation_id: str, folder: Path) -> None:
    """Record that a generation becomes current. A build is still in its hidden folder by then."""
    manifest = settings.published / generation_id / MANIFEST_FILE
    states = {manifest.relative_to(settings.home).as_posix(): read_state(folder / MANIFEST_FILE)}
    publication = Entry("publication", "current", generation_id=generation_id, states=states)
    record_access(settings, publication)


def _point_to(settings: Settings, folder: Path) -> Generation:
    # Share every folder as today's settings say. When it was built, they may have named another
    # group, or an earlier program version gave exact dates to all readers.
    for item in (*kept_generations(settings), *generations_aside(settings)):
        share_generation(settings, item.folder)
    before = current_generation(settings)
    if before is not None:
        # From now on, readers of the former generation have a grace period
        # (`remove_old_generations`).
        os.utime(before.folder)
    point_link(settings.published / CURRENT, folder.name)
    logger.info("generation %s is current", folder.name)
    remove_old_generations(settings)
    return Generation(folder.name, folder, is_current=True, data_keys=settings.data_keys)


def current_generation(settings: Settings) -> Generation | None:
    """Return the generation that readers get now, or None if nothing is published yet."""
    try:
        name = (settings.published / CURRENT).readlink().name
    except FileNotFoundError:
        return None
    return Generation(
        name, settings.published / name, is_current=True, data_keys=settings.data_keys
    )


def kept_generations(settings: Settings) -> list[Generation]:
    """Return all kept generations, newest first."""
    now = current_generation(settings)
    current_id = now.generation_id if now else None
    return [
        Generation(
            name,
            settings.published / name,
            is_current=name == current_id,
            data_keys=settings.data_keys,
        )
        for name in list_published_ids(settings.published)
    ]


def generations_aside(settings: Settings) -> list[Generation]:
    """Return generations as known at an earlier moment, the last built first."""
    folders = sorted(
        (settings.published / ASIDE).glob("*/*"), key=lambda path: path.name, reverse=True
    )
    return [
        Generation(path.name, path, is_current=False, data_keys=settings.data_keys)
        for path in folders
        if GENERATION.match(path.name)
    ]


def remove_old_generations(settings: Settings, grace_seconds: float | None = None) -> list[str]:
    """Remove generations beyond the number in `settings.generations_kept`, and return their ids.

    The current generation is kept, and so is the one whose Parquet package is served. A generation
    that was recently current or served is kept until the grace period of its readers has passed.
    """
    grace = READER_GRACE_SECONDS if grace_seconds is None else grace_seconds
    now = current_generation(settings)
    if now is None:
        return []
    served = {parquet_generation(settings, name) for name in (PARQUET, EXACT_PARQUET)}
    old = [item for item in kept_generations(settings) if not item.is_current]
    removed = []
    for item in old[settings.generations_kept :]:
        if item.generation_id in served or time.time() - item.folder.stat().st_mtime < grace:
            continue
        _remove_folder(item.folder)
        removed.append(item.generation_id)
    return removed


def remove_other_generations(settings: Settings) -> list[str]:
    """Remove every generation but the current one, and return their ids.

    Generations as known at an earlier moment are removed too.
    """
    now = current_generation(settings)
    if now is None:
        return []
    if parquet_generation(settings) not in (None, now.generation_id):
        (settings.published / PARQUET).unlink()
    others = [*kept_generations(settings), *generations_aside(settings)]
    others = [item for item in others if item.folder != now.folder]
    for item in others:
        _remove_folder(item.folder)
    return [item.generation_id for item in others]


def keep_failed(settings: Settings, folder: Path) -> Path | None:
    """Move a build that failed its tests aside for inspection, and remove the previous such build.

    Returns the folder to which the build was moved, or None if the build does not exist.
    """
    if not folder.exists():
        return None
    aside = settings.published / f"{FAILED_PREFIX}{make_next_id(settings.published)}"
    folder.rename(aside)
    failed = sorted(settings.published.glob(f"{FAILED_PREFIX}*"), reverse=True)
    for path in failed[FAILED_KEPT:]:
        shutil.rmtree(path)
    return aside


def find_stale_files(settings: Settings) -> list[Path]:
    """Return hidden folders and partial files that are too old to belong to a running process."""
    published = settings.published
    stale = [
        path
        for prefix in (NEXT_PREFIX, SCRATCH_PREFIX)
        for path in published.glob(f"{prefix}*")
        if _is_older(path, STALE_SECONDS)
    ]
    stale += [
        path
        for folder in (
            published,
            published / LOG_FOLDER,
            settings.decisions,
            settings.warehouse,
            settings.quality,
            settings.quality / "results",
        )
        for prefix in (".removed-", ".link-", ".partial-", ".site-")
        for path in folder.glob(f"{prefix}*")
        if _is_older(path, STALE_FILE_SECONDS)
    ]
    return sorted(stale)


def sweep_stale(settings: Settings) -> None:
    """Remove the hidden folders and partial files that killed processes left."""
    for path in find_stale_files(settings):
        logger.warning("removing %s, left by a process that was killed", path.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_older(path: Path, seconds: float) -> bool:
    inside = path.iterdir() if path.is_dir() and not path.is_symlink() else ()
    last_change = max([path.lstat().st_mtime, *(item.lstat().st_mtime for item in inside)])
    return last_change < time.time() - seconds


def _find_interrupted(settings: Settings, folder: Path) -> Generation | None:
    """Return the generation that an interrupted publication of this build left unfinished.

    Returns None if there is none.
    """
    if folder.exists():
        return None
    latest = (*kept_generations(settings)[:1], *generations_aside(settings)[:1])
    return next((item for item in latest if item.manifest()["build"] == folder.name), None)


def _refuse_unfinished(folder: Path) -> None:
    for name in PUBLISHED_FILES:
        if not (folder / name).is_file():
            raise PublishError(f"{folder.name} has no {name}: the build did not finish")
        if (folder / f"{name}.wal").exists():
            raise PublishError(f"{folder.name}/{name} was not closed: the build did not finish")


def _refuse_overtaken(settings: Settings, generation_id: str) -> None:
    """Raise `PublishError` if another generation was published since this build began.

    That generation may have assigned keys that this build does not know.
    """
    latest = next(iter(kept_generations(settings)), None)
    if latest is not None and latest.generation_id >= generation_id:
        raise PublishError(
            f"generation {latest.generation_id} was published after this build began: load again"
        )


def _remove_folder(folder: Path) -> None:
    # Rename the folder before removing it: a half-removed folder must not look like a generation.
    doomed = folder.with_name(f".removed-{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed)
