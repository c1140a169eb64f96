"""Who may open what in a home: modes of folders and files, and groups of what is published.

Everything is the operator's alone (folders 700, files 600), but for what readers open: the
published files and the quality site, given to a group where the settings name one. Which data a
file may have belongs to the parts that write it.
"""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from pathlib import Path

from register.settings import Settings

PRIVATE_UMASK = 0o077
PRIVATE_FOLDER = 0o700
# Others may go through, to a file that they may open, and may not list what is there.
PASSED_THROUGH = 0o711
GROUP_AND_OTHERS = 0o077
CASE_LISTS = "case_lists.duckdb"
# The folder of a generation that readers list: its tables are folders of files.
PARQUET = "parquet"
# In the folder of statistics: what the public may read once it is published, and the calendar.
PUBLIC, CALENDAR = "public", ("statistics", "calendar.csv")
# Folders of a home whose pages readers open: the quality site and the documents.
READ_BY_GROUP = (("quality", "site"), ("quality", "docs"))


class AccessError(RuntimeError):
    """A group that is to read what is published cannot be given it; the message says why."""


def keep_private() -> None:
    """Let this process and those it starts write nothing that others may read."""
    os.umask(PRIVATE_UMASK)


def close_home(settings: Settings) -> None:
    """Close the folders of a home that this user owns; the inbox stays as its operator set it."""
    way = _way_mode(settings)
    for folder in (settings.home, settings.published, settings.quality):
        _set_mode(folder, way)
    for folder in (
        settings.landing,
        settings.warehouse,
        settings.decisions,
        settings.models,
        settings.operations,
        settings.outbox,
        settings.web_folder,
        settings.home / "dagster",
    ):
        _set_mode(folder, PRIVATE_FOLDER)


def check_groups(settings: Settings) -> None:
    """Raise `AccessError` where a group of the settings cannot be given what is published."""
    for group in (settings.readers_group, settings.case_lists_group):
        _group_id(group)


def share_generation(settings: Settings, folder: Path) -> None:
    """Let nobody write a generation's files, and the groups of the settings read theirs.

    Case lists name children: their group is another one.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            is_case_list = path.name == CASE_LISTS
            group = settings.case_lists_group if is_case_list else settings.readers_group
            _give(path, group, 0o400, 0o440)
    share_parquet(settings, folder / PARQUET)
    while folder != settings.published:
        folder.chmod(_way_mode(settings))
        folder = folder.parent


def share_parquet(settings: Settings, folder: Path) -> None:
    """Let nobody write a package of Parquet files, and the readers' group list and read it."""
    for path in [folder, *folder.rglob("*")] if folder.is_dir() else ():
        if path.is_dir():
            _give(path, settings.readers_group, 0o700, 0o750)
        else:
            _give(path, settings.readers_group, 0o400, 0o440)


def share_site(settings: Settings) -> None:
    """Let the readers' group read the documents and the quality site, of counts and codes alone."""
    for site in (settings.home.joinpath(*parts) for parts in READ_BY_GROUP):
        for path in [site, *site.rglob("*")] if site.is_dir() else ():
            if path.is_dir():
                _give(path, settings.readers_group, 0o700, 0o750)
            else:
                _give(path, settings.readers_group, 0o600, 0o640)


def access_faults(settings: Settings) -> list[str]:
    """The folders and files that more people may open than should, with their modes."""
    return [
        f"{path.relative_to(settings.home)} ({mode:o})"
        for path, mode, allowed in _modes(settings)
        if mode & GROUP_AND_OTHERS & ~allowed
    ]


def close_all(settings: Settings) -> int:
    """Take from every folder and file what more people may do than should; return how many."""
    faults = [
        (path, mode & ~GROUP_AND_OTHERS | mode & allowed)
        for path, mode, allowed in _modes(settings)
        if mode & GROUP_AND_OTHERS & ~allowed
    ]
    for path, mode in faults:
        path.chmod(mode)
    return len(faults)


def _modes(settings: Settings) -> Iterator[tuple[Path, int, int]]:
    """Every path of a home, its mode, and the bits that group and others may have on it."""
    for path, allowed in _allowed(settings):
        if not path.is_symlink():
            yield path, path.lstat().st_mode & 0o777, allowed


def _allowed(settings: Settings) -> Iterator[tuple[Path, int]]:
    way = _way_mode(settings) & GROUP_AND_OTHERS
    passed = {settings.home, settings.published, settings.quality}
    for path in [settings.home, *settings.home.rglob("*")]:
        inside = path.relative_to(settings.home).parts
        is_published = settings.published in path.parents and not inside[1].startswith(".")
        if is_published and PARQUET in inside[2:] and path.is_dir():
            yield path, 0o050 if settings.is_shared else 0
        elif path in passed or (is_published and path.is_dir()):
            yield path, way
        elif is_published and settings.is_shared:
            yield path, 0o040
        elif inside[:2] in READ_BY_GROUP and settings.is_shared:
            yield path, 0o050
        elif inside == CALENDAR or (inside[:1] == ("statistics",) and _is_released(path)):
            yield path, 0o055
        elif inside[:1] == ("inbox",):
            # Whoever takes in deliveries may be another user of the operator's.
            yield path, 0o070
        else:
            yield path, 0


def _is_released(path: Path) -> bool:
    """Whether a path is, or is in, the public folder of a release, which nobody can write."""
    public = next((each for each in (path, *path.parents) if each.name == PUBLIC), None)
    return public is not None and not public.stat().st_mode & 0o222


def _way_mode(settings: Settings) -> int:
    return PASSED_THROUGH if settings.is_shared else PRIVATE_FOLDER


def _set_mode(folder: Path, mode: int) -> None:
    if not folder.exists():
        return
    found = folder.stat()
    # Of another user's folder the doctor tells: it cannot be closed from here.
    if found.st_mode & 0o777 != mode and found.st_uid == os.geteuid():
        folder.chmod(mode)


def _give(path: Path, group: str, private: int, shared: int) -> None:
    group_id = _group_id(group)
    if group_id is not None:
        os.chown(path, -1, group_id)
    path.chmod(private if group_id is None else shared)


def _group_id(group: str) -> int | None:
    if not group:
        return None
    try:
        found = grp.getgrnam(group).gr_gid
    except KeyError:
        raise AccessError(f"this machine has no group '{group}': see the settings of groups") from (
            None
        )
    if os.geteuid() != 0 and found not in (*os.getgroups(), os.getegid()):
        raise AccessError(f"who runs the load is not in group '{group}', and cannot give it files")
    return found
