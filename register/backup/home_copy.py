"""A consistent copy of a home from which a backup is made, even while a load runs.

The copy takes about a second and little space, because published generations and landed deliveries
are hard links: their files never change in place. All other files are copied.

The order makes the copy consistent. What names other files is copied before them, since a load only
adds: published generations before the deliveries that their manifests name; these before decisions,
which apply to them; decisions, with the access log's anchor, before the access log.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from register.backup.backup_records import BackupBusyError, BackupError
from register.file_locks import lock_stream
from register.settings import Settings

# The parts of a home that are backed up, in the order in which they are copied.
BACKED_UP = (
    "published",
    "landing",
    "decisions",
    "web",
    "statistics",
    "models",
    "quality/results",
    "operations",
    "outbox",
    # Last, so that it has every entry that the other parts are from.
    "access_record",
)
# Parts of a home that are in no backup, and why that loses nothing.
NOT_BACKED_UP = {
    "inbox": "suppliers' own, and copied into landing",
    "warehouse": "a load builds it",
    "quality/site": "a load builds it",
    "quality/docs": "`register docs` builds it",
    "dagster": "the log of runs and its database",
    "truth": "a simulation's",
    "simulation.json": "a simulation's",
    "resubmissions": "a simulation's",
}
# A secret that signs sessions: a home without it makes another, and people sign in again. Uploads
# that suppliers are sending change all the time; a supplier starts a lost one again.
LEFT_OUT = ("web/secret", "web/uploads")
# Hidden files are locks, caches, or parts of something unfinished, except for these.
KEPT_HIDDEN = {".damaged", ".told"}
# The access record's last number is replaced after each view. The record is copied after it.
MAY_CHANGE = {"decisions/access_log.json"}
# The log of keys in `published`.
KEY_LOG = "keys"
ATTEMPTS = 10
# A load adds deliveries while they are listed. A second look finds one that was just moved.
LANDING_PASSES = 2


@contextmanager
def copy_home(settings: Settings) -> Iterator[Path]:
    """Make a consistent copy of what must be backed up, and remove it after the block.

    Raises `BackupBusyError` if another backup of this home is running.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    busy = BackupBusyError("another backup of this home is running: wait for it")
    path = settings.warehouse / "backup.lock"
    with path.open("a", encoding="utf-8") as stream, lock_stream(stream, busy):
        folder = get_copy_folder(settings)
        remove_tree(folder)
        folder.mkdir(mode=0o700)
        try:
            for part in BACKED_UP:
                _copy_part(settings.home, folder, part)
            yield folder
        finally:
            remove_tree(folder)


def get_copy_folder(settings: Settings) -> Path:
    """Return the folder of the copy, which a killed backup may leave until the next one."""
    return settings.warehouse / "backup"


def remove_tree(folder: Path) -> None:
    """Remove a folder if it exists, even if folders inside are read-only."""
    for path in (item for item in folder.rglob("*") if item.is_dir() and not item.is_symlink()):
        path.chmod(0o700)
    if folder.exists():
        shutil.rmtree(folder)


def _copy_part(home: Path, copy: Path, part: str) -> None:
    """Copy a part of the home. Start again if files vanish or change meanwhile."""
    source, target = home / part, copy / part
    if not source.is_dir():
        return
    copy_once = {"published": _copy_published, "landing": _copy_landing}.get(part, _copy_unchanged)
    for _ in range(ATTEMPTS):
        remove_tree(target)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileNotFoundError):
            if copy_once(home, source, target):
                return
    raise BackupError(f"{part} changed in each of {ATTEMPTS} attempts to copy it: back up again")


def _copy_published(home: Path, source: Path, target: Path) -> bool:
    """Link the generations that are in the key log. A publication adds to the log at its end."""
    for link in (path for path in source.iterdir() if path.is_symlink() and _is_kept(home, path)):
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        (target / link.name).symlink_to(link.readlink())
    if (source / KEY_LOG).is_dir():
        _copy_folder(home, source / KEY_LOG, target / KEY_LOG, _link_file)
    logged = {path.stem for path in (target / KEY_LOG).glob("*.parquet")}
    for path in source.iterdir():
        is_generation = path.name in logged or not (path / "manifest.json").exists()
        if path.is_dir() and not path.is_symlink() and is_generation and _is_kept(home, path):
            _copy_folder(home, path, target / path.name, _link_file)
    return True


def _copy_landing(home: Path, source: Path, target: Path) -> bool:
    for _ in range(LANDING_PASSES):
        _copy_folder(home, source, target, _link_file)
    return True


def _copy_unchanged(home: Path, source: Path, target: Path) -> bool:
    """Copy a folder, and return whether nothing in it changed meanwhile."""
    before = _list_states(home, source)
    _copy_folder(home, source, target, shutil.copy2)
    return before == _list_states(home, source)


def _list_states(home: Path, folder: Path) -> list[tuple[str, int, int]]:
    return sorted(
        (str(path), path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_dir() and _is_kept(home, path)
        if path.relative_to(home).as_posix() not in MAY_CHANGE
    )


def _copy_folder(
    home: Path, source: Path, target: Path, copy_file: Callable[[Path, Path], object]
) -> None:
    """Copy what `target` lacks, in the order links, files, folders. So a link's target is there."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    folders = []
    with os.scandir(source) as entries:
        paths = sorted((Path(entry.path), entry.is_symlink(), entry.is_dir()) for entry in entries)
    for path, is_link, _ in paths:
        if is_link and _is_kept(home, path) and not (target / path.name).is_symlink():
            (target / path.name).symlink_to(path.readlink())
    for path, is_link, is_folder in paths:
        if is_link or not _is_kept(home, path):
            continue
        if is_folder:
            folders.append(path)
        elif not (target / path.name).exists():
            copy_file(path, target / path.name)
    for path in folders:
        _copy_folder(home, path, target / path.name, copy_file)
    target.chmod(source.stat().st_mode & 0o777)


def _is_kept(home: Path, path: Path) -> bool:
    inside = path.relative_to(home)
    is_hidden = any(name.startswith(".") and name not in KEPT_HIDDEN for name in inside.parts)
    return not (is_hidden or any(inside.is_relative_to(each) for each in LEFT_OUT))


def _link_file(path: Path, target: Path) -> None:
    """Link a file, or copy it where that is not possible, such as to another file system."""
    try:
        target.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(path, target)
