"""Generations: written, audited, then published: one folder each, and `current` names one of them.

A generation is built under a hidden name, and only `publish` gives it a visible one. Each step
leaves a state that readers and the next run understand: a kill at any moment leaves `current`
on the old generation or the new one. Readers of more than one file resolve `current` once
(`current_generation`) and open the files below the folder it names.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from register.access import PRIVATE_FOLDER, check_groups, share_generation
from register.durable import flush, flush_tree, point_link, write_whole
from register.generation_ids import GENERATION, list_published_ids, make_next_id
from register.publishing import key_log
from register.publishing.manifest import (
    DECISIONS_FILE,
    LINKAGE_MODEL_NOTE,
    PUBLISHED_FILES,
    as_bytes,
    build_manifest,
    note_decisions,
    read_manifest,
)
from register.publishing.stamp import stamp_files
from register.settings import Settings

logger = logging.getLogger(__name__)

CURRENT = "current"
# Of the latest generation whose Parquet package is complete: the link, and the folder in it.
PARQUET = "parquet"
ASIDE = "as-known-at"
NEXT_PREFIX = ".next-"
# In the folder of a build: the id that its generation will have, for what the build says of itself.
ID_FILE = "generation_id"
FAILED_PREFIX = ".failed-"
SCRATCH_PREFIX = ".scratch-"
# In the folder of a build that dbt ended well, until it is published.
BUILT_FILE = ".built"
# A reader that has resolved `current` has this long to open its files before they may go.
READER_GRACE_SECONDS = 600.0
STALE_SECONDS = 24 * 3600.0
# A file is written, and a link moved, in far less.
STALE_FILE_SECONDS = 3600.0
FAILED_KEPT = 1


class PublishError(RuntimeError):
    """A generation cannot be published or chosen; the message says what to do."""


@dataclass(frozen=True)
class Generation:
    """One published generation: its id (in order of builds), its folder, and whether it is read."""

    generation_id: str
    folder: Path
    is_current: bool

    def manifest(self) -> dict[str, Any]:
        """What it was made from."""
        return read_manifest(self.folder)


def open_register(generation: Generation, **limits: str) -> duckdb.DuckDBPyConnection:
    """Open the published marts for reading alone: no other file, no network, no setting.

    `limits` are settings of DuckDB, such as `memory_limit`.
    """
    return duckdb.connect(
        str(generation.folder / "national_register.duckdb"),
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true", **limits},
    )


def next_generation(settings: Settings, build_id: str | None = None) -> Path:
    """Make the hidden folder that a build writes into, and sweep what killed builds left.

    `build_id` lets the steps of one run find the same folder. A folder of that name that an
    earlier attempt of the run left is emptied. The generation has its id from now on.
    """
    check_groups(settings)
    sweep_stale(settings)
    folder = next_folder(settings, build_id or uuid.uuid4().hex[:12])
    if folder.exists():
        shutil.rmtree(folder)
    # Case lists of a build name children too: it is closed before dbt writes into it.
    folder.mkdir(parents=True, mode=PRIVATE_FOLDER)
    name_generation(folder)
    note_decisions(settings, folder)
    return folder


def scratch_folder(settings: Settings) -> Path:
    """Make a folder that dbt may write into and nobody reads; the caller removes it."""
    folder = settings.published / f"{SCRATCH_PREFIX}{uuid.uuid4().hex}"
    folder.mkdir(parents=True, mode=PRIVATE_FOLDER)
    name_generation(folder)
    return folder


def end_build(folder: Path) -> None:
    """Mark a build as done: it waits to be published."""
    (folder / BUILT_FILE).touch()


def sweep_dead_builds(settings: Settings) -> None:
    """Remove builds that ended in the middle. Call as the only one who may build now."""
    for folder in settings.published.glob(f"{NEXT_PREFIX}*"):
        if not (folder / BUILT_FILE).exists():
            logger.warning("removing %s, a build that was killed", folder.name)
            shutil.rmtree(folder)


def name_generation(folder: Path, generation_id: str | None = None) -> str:
    """Write into a build's folder the id of its generation, by default the next."""
    generation_id = generation_id or make_next_id(folder.parent)
    (folder / ID_FILE).write_text(generation_id, encoding="utf-8")
    return generation_id


def named_generation(folder: Path) -> str:
    """The id that a build's generation has. Raises `PublishError` where it was given none."""
    path = folder / ID_FILE
    generation_id = path.read_text(encoding="utf-8") if path.exists() else ""
    if not GENERATION.match(generation_id):
        raise PublishError(f"{folder.name} has no generation id: load again")
    return generation_id


def next_folder(settings: Settings, build_id: str) -> Path:
    """Where the build `build_id` writes its generation."""
    return settings.published / f"{NEXT_PREFIX}{build_id}"


def publish(settings: Settings, folder: Path, as_known_at: str | None = None) -> Generation:
    """Give an audited build its name and make it `current`.

    With `as_known_at` the generation is put under `as-known-at/<moment>/` and `current` stays:
    a look back is not a new state of the register, and it leaves no key log either. Called again
    for a build whose publication was cut short, it finishes that publication.
    """
    interrupted = _published_from(settings, folder)
    if interrupted is not None:
        if interrupted.folder.parent != settings.published:
            share_generation(settings, interrupted.folder)
            return interrupted
        key_log.complete(settings.published, [interrupted.folder])
        return make_current(settings, interrupted.generation_id)
    generation_id = named_generation(folder)
    _refuse_unfinished(folder)
    if as_known_at is None:
        _refuse_overtaken(settings, generation_id)
    key_log.complete(settings.published, [item.folder for item in kept_generations(settings)])
    stamp_files(folder, generation_id, as_known_at)
    key_log.write(folder)
    manifest = build_manifest(settings, folder, generation_id, as_known_at)
    write_whole(folder / "manifest.json", as_bytes(settings, manifest))
    parent = settings.published
    if as_known_at is not None:
        parent = settings.published / ASIDE / re.sub(r"[^0-9A-Za-z-]", "", as_known_at)
        parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    for name in (BUILT_FILE, DECISIONS_FILE, LINKAGE_MODEL_NOTE):
        (folder / name).unlink(missing_ok=True)
    share_generation(settings, folder)
    flush_tree(folder)
    published = parent / generation_id
    folder.rename(published)
    flush(parent)
    if as_known_at is not None:
        share_generation(settings, published)
        return Generation(generation_id, published, is_current=False)
    key_log.complete(settings.published, [published])
    return make_current(settings, generation_id)


def make_current(settings: Settings, generation_id: str) -> Generation:
    """Point readers at one of the kept generations, then let go of the oldest."""
    folder = settings.published / generation_id
    if not GENERATION.match(generation_id) or not folder.is_dir():
        known = ", ".join(item.generation_id for item in kept_generations(settings)) or "none"
        raise PublishError(f"no generation '{generation_id}' is kept; kept are: {known}")
    # As the settings of today have it: an older one may have been given to another group.
    share_generation(settings, folder)
    before = current_generation(settings)
    if before is not None:
        # Its readers are counted from now: see `prune`.
        os.utime(before.folder)
    point_link(settings.published / CURRENT, generation_id)
    logger.info("generation %s is current", generation_id)
    prune(settings)
    return Generation(generation_id, folder, is_current=True)


def point_parquet(settings: Settings, generation: Generation) -> None:
    """Point readers of Parquet at the package of a kept generation, in one step."""
    link = settings.published / PARQUET
    before = parquet_generation(settings)
    if before == generation.generation_id:
        return
    if before is not None and (settings.published / before).is_dir():
        # Its readers are counted from now: see `prune`.
        os.utime(settings.published / before)
    point_link(link, f"{generation.generation_id}/{PARQUET}")


def parquet_generation(settings: Settings) -> str | None:
    """The id of the generation whose Parquet package is read, or None where none is."""
    try:
        return (settings.published / PARQUET).readlink().parent.name
    except FileNotFoundError:
        return None


def current_generation(settings: Settings) -> Generation | None:
    """The generation that readers get now, with its own folder, or None before the first."""
    try:
        name = (settings.published / CURRENT).readlink().name
    except FileNotFoundError:
        return None
    return Generation(name, settings.published / name, is_current=True)


def kept_generations(settings: Settings) -> list[Generation]:
    """All kept generations, newest first."""
    now = current_generation(settings)
    current_id = now.generation_id if now else None
    return [
        Generation(name, settings.published / name, is_current=name == current_id)
        for name in list_published_ids(settings.published)
    ]


def generations_aside(settings: Settings) -> list[Generation]:
    """The generations that look back, the latest built first."""
    folders = (settings.published / ASIDE).glob("*/*")
    found = [path for path in folders if GENERATION.match(path.name)]
    found.sort(key=lambda path: path.name, reverse=True)
    return [Generation(path.name, path, is_current=False) for path in found]


def prune(settings: Settings, grace_seconds: float | None = None) -> list[str]:
    """Remove generations beyond `settings.generations_kept` old ones; return their ids.

    Never the current one, nor the one whose Parquet package is read, nor one that was either
    within the grace that readers have.
    """
    grace = READER_GRACE_SECONDS if grace_seconds is None else grace_seconds
    now = current_generation(settings)
    if now is None:
        return []
    old = [item for item in kept_generations(settings) if not item.is_current]
    removed = []
    for item in old[settings.generations_kept :]:
        is_read = item.generation_id == parquet_generation(settings)
        if is_read or time.time() - item.folder.stat().st_mtime < grace:
            continue
        _remove(item.folder)
        removed.append(item.generation_id)
    return removed


def keep_failed(settings: Settings, folder: Path) -> Path | None:
    """Set a build that failed its audit aside for inspection; only the latest are kept."""
    if not folder.exists():
        return None
    aside = settings.published / f"{FAILED_PREFIX}{make_next_id(settings.published)}"
    folder.rename(aside)
    failed = sorted(settings.published.glob(f"{FAILED_PREFIX}*"), reverse=True)
    for path in failed[FAILED_KEPT:]:
        shutil.rmtree(path)
    return aside


def stale_builds(settings: Settings) -> list[Path]:
    """What no running build or writer can still own: hidden folders, and files half written."""
    published = settings.published
    found = [
        path
        for prefix in (NEXT_PREFIX, SCRATCH_PREFIX)
        for path in published.glob(f"{prefix}*")
        if _is_older(path, STALE_SECONDS)
    ]
    found += [
        path
        for folder in (
            published,
            published / key_log.LOG_FOLDER,
            settings.decisions,
            settings.warehouse,
            settings.quality,
            settings.quality / "results",
        )
        for prefix in (".removed-", ".link-", ".partial-", ".site-")
        for path in folder.glob(f"{prefix}*")
        if _is_older(path, STALE_FILE_SECONDS)
    ]
    return sorted(found)


def sweep_stale(settings: Settings) -> None:
    """Remove what processes that were killed left behind."""
    for path in stale_builds(settings):
        logger.warning("removing %s, left by a process that was killed", path.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _is_older(path: Path, seconds: float) -> bool:
    inside = path.iterdir() if path.is_dir() and not path.is_symlink() else ()
    last_change = max([path.lstat().st_mtime, *(item.lstat().st_mtime for item in inside)])
    return last_change < time.time() - seconds


def _published_from(settings: Settings, folder: Path) -> Generation | None:
    """The generation that an interrupted publication of this build left half-way."""
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
    """Keys are counted on from the generation before: one that came between was not known."""
    latest = next(iter(kept_generations(settings)), None)
    if latest is not None and latest.generation_id >= generation_id:
        raise PublishError(
            f"generation {latest.generation_id} was published after this build began: load again"
        )


def _remove(folder: Path) -> None:
    # Renamed first: a half-removed folder must not look like a generation.
    doomed = folder.with_name(f".removed-{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed)
