"""File access in a home: permissions of folders and files, and groups of readers.

By default, only the operator can read a home: folders have mode 700, and files 600 or 400. The
settings may name groups that can also read the published files and the quality site. Published
releases of statistics are open to all. The package that writes a file decides which data it
contains.
"""

from __future__ import annotations

import grp
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from register.settings import Settings

PRIVATE_UMASK = 0o077
PRIVATE_FOLDER = 0o700
# Only the owner can list a folder with this mode. Others can open a readable file inside it if they
# know its name.
PASSED_THROUGH = 0o711
GROUP_AND_OTHERS = 0o077
CASE_LISTS = "case_lists.duckdb"
# The published register with exact dates, and its coarse form, in which dates are months.
EXACT_FORM = "national_register.duckdb"
COARSE_FORM = "national_register_coarse.duckdb"
# A generation's folders of Parquet files, in the coarse and in the exact form. Readers may list
# them, because each table is a folder in them.
PARQUET, EXACT_PARQUET = "parquet", "parquet_exact"
# The parts of `statistics` that the public may read: published releases and the calendar.
PUBLIC, CALENDAR = "public", ("statistics", "calendar.csv")
# The folder of the copy from which a running backup is made.
BACKUP_COPY = ("warehouse", "backup")
# Folders with pages for readers: the quality site and the documents.
READ_BY_GROUP = (("quality", "site"), ("quality", "docs"))


class AccessError(RuntimeError):
    """A group cannot be given access to files that it should read; the message says why."""


def keep_private() -> None:
    """Make new files of this process and its children readable only by this user.

    Neither writes a core file, which would have the memory's names and keys.
    """
    os.umask(PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close_home(settings: Settings) -> None:
    """Set the modes of a home's folders. The inbox keeps the mode that its operator set."""
    for folder in (settings.home, settings.published, settings.quality):
        _set_folder_mode(folder, _parent_folder_mode(settings))
    for folder in (
        settings.landing,
        settings.warehouse,
        settings.decisions,
        settings.models,
        settings.operations,
        settings.outbox,
        settings.web_folder,
        settings.access_record,
        settings.home / "dagster",
    ):
        _set_folder_mode(folder, PRIVATE_FOLDER)


def check_groups(settings: Settings) -> None:
    """Raise `AccessError` if a group in the settings cannot be given access."""
    for group in (settings.readers_group, settings.exact_group, settings.case_lists_group):
        _find_group_id(group)


def share_generation(settings: Settings, folder: Path) -> None:
    """Make a generation read-only, and let the groups in the settings read it.

    Case lists name children, and the exact form has exact dates about them. Each has a separate
    group.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            _share_path(path, _find_readers(settings, path), 0o400, 0o440)
    for name in (PARQUET, EXACT_PARQUET):
        share_parquet(settings, folder / name, name)
    while folder != settings.published:
        folder.chmod(_parent_folder_mode(settings))
        folder = folder.parent


def share_parquet(settings: Settings, folder: Path, name: str) -> None:
    """Make a folder of Parquet files read-only, and let the group of its form read it.

    `name` is the name that the folder has in the end.
    """
    _share_tree(folder, _find_readers(settings, folder.with_name(name)), 0o400, 0o440)


def share_lake(settings: Settings, path: Path) -> None:
    """Make a lake's catalogue file or data folder read-only, and let its readers' group read it."""
    group = settings.exact_group if settings.lake.is_exact else settings.readers_group
    _share_tree(path, group, 0o400, 0o440)


def share_site(settings: Settings) -> None:
    """Let the readers' group read the quality site and the documents, which name no child."""
    for parts in READ_BY_GROUP:
        _share_tree(settings.home.joinpath(*parts), settings.readers_group, 0o600, 0o640)


def find_access_faults(settings: Settings) -> list[str]:
    """Return folders and files whose permissions are too wide, with their modes."""
    return [
        f"{path.relative_to(settings.home)} ({mode:o})"
        for path, mode, _ in _find_open_paths(settings)
    ]


def close_all(settings: Settings) -> int:
    """Remove excess permissions from all folders and files; return how many had any."""
    open_paths = list(_find_open_paths(settings))
    for path, mode, allowed in open_paths:
        path.chmod(mode & ~GROUP_AND_OTHERS | mode & allowed)
    return len(open_paths)


def _find_open_paths(settings: Settings) -> Iterator[tuple[Path, int, int]]:
    """Yield each path with too wide permissions, its mode, and the allowed permission bits."""
    for path, allowed in _list_allowed_bits(settings):
        if not path.is_symlink():
            mode = path.lstat().st_mode & 0o777
            if mode & GROUP_AND_OTHERS & ~allowed:
                yield path, mode, allowed


def _list_allowed_bits(settings: Settings) -> Iterator[tuple[Path, int]]:
    parent_bits = _parent_folder_mode(settings) & GROUP_AND_OTHERS
    parents = {settings.home, settings.published, settings.quality}
    for path in [settings.home, *settings.home.rglob("*")]:
        inside = path.relative_to(settings.home).parts
        is_published = settings.published in path.parents and not inside[1].startswith(".")
        if inside[:2] == BACKUP_COPY:
            # Its files are hard links of published files. Nobody else can open the folder above.
            yield path, GROUP_AND_OTHERS
        elif is_published and {PARQUET, EXACT_PARQUET} & {*inside[2:]} and path.is_dir():
            yield path, 0o050 if _find_readers(settings, path) else 0
        elif path in parents or (is_published and path.is_dir()):
            yield path, parent_bits
        elif is_published:
            yield path, 0o040 if _find_readers(settings, path) else 0
        elif inside[:2] in READ_BY_GROUP and settings.is_shared:
            yield path, 0o050
        elif inside == CALENDAR or (inside[:1] == ("statistics",) and _is_released(path)):
            yield path, 0o055
        elif inside[:1] == ("inbox",):
            # The inbox keeps the rights of its group, because another user may put deliveries
            # there.
            yield path, 0o070
        else:
            yield path, 0


def _find_readers(settings: Settings, path: Path) -> str:
    """Return the group that may read a published file, or a folder of Parquet files.

    Generations of earlier program versions have no coarse form, so their Parquet files are exact.
    """
    if path.name == CASE_LISTS:
        return settings.case_lists_group
    inside = path.relative_to(settings.published)
    for folder in (inside, *inside.parents):
        if folder.name in {PARQUET, EXACT_PARQUET}:
            has_coarse_form = (settings.published / folder.parent / COARSE_FORM).exists()
            is_coarse = folder.name == PARQUET and has_coarse_form
            return settings.readers_group if is_coarse else settings.exact_group
    return settings.exact_group if path.name == EXACT_FORM else settings.readers_group


def _is_released(path: Path) -> bool:
    """Return whether a path is in a published release's public folder.

    A public folder is read-only once it is published.
    """
    public = next((each for each in (path, *path.parents) if each.name == PUBLIC), None)
    return public is not None and not public.stat().st_mode & 0o222


def _parent_folder_mode(settings: Settings) -> int:
    return PASSED_THROUGH if settings.is_shared else PRIVATE_FOLDER


def _set_folder_mode(folder: Path, mode: int) -> None:
    if not folder.exists():
        return
    status = folder.stat()
    # Only its owner can change a folder's mode. If another user owns the folder, `register doctor`
    # reports the wrong mode.
    if status.st_mode & 0o777 != mode and status.st_uid == os.geteuid():
        folder.chmod(mode)


def _share_tree(folder: Path, group: str, private_mode: int, shared_mode: int) -> None:
    """Let a group read a file, or a folder and all its content, if it exists.

    Files get `shared_mode`, or `private_mode` if no group is named.
    """
    for path in [folder, *folder.rglob("*")] if folder.exists() else ():
        modes = (0o700, 0o750) if path.is_dir() else (private_mode, shared_mode)
        _share_path(path, group, *modes)


def _share_path(path: Path, group: str, private_mode: int, shared_mode: int) -> None:
    group_id = _find_group_id(group)
    if group_id is not None:
        os.chown(path, -1, group_id)
    path.chmod(private_mode if group_id is None else shared_mode)


def _find_group_id(group: str) -> int | None:
    """Return the id of a group, or None if the settings name no group."""
    if not group:
        return None
    try:
        group_id = grp.getgrnam(group).gr_gid
    except KeyError:
        raise AccessError(
            f"this machine has no group '{group}': create it, or correct the setting"
        ) from None
    if os.geteuid() != 0 and group_id not in (*os.getgroups(), os.getegid()):
        raise AccessError(
            f"the user who runs the load is not in group '{group}', and cannot give it files:"
            " add the user to the group"
        )
    return group_id
