"""Zip archives opened safely: nothing is written, no path leaves its folder, sizes are limited.

Reading what is in the files belongs in the other readers.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from register.feeds.delivery import SourceFile, is_ignored
from register.feeds.rules import Rejection, Rule

MEMBERS_AT_MOST = 1_000
BYTES_AT_MOST = 1 << 30
# Text of columns packs 10 to 30 times; a small archive may pack better without harm.
RATIO_AT_MOST = 200
HARMLESS_BYTES = 16 << 20
ENCRYPTED = 0x1


def unpack(source: SourceFile, password: str | None) -> list[SourceFile]:
    """The files in an archive, in order of name; raises `Rejection` for one that is refused."""
    if not source.data:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        is_cut = source.data.startswith(b"PK")
        rule = Rule.TRUNCATED_ZIP if is_cut else Rule.NOT_A_ZIP
        raise Rejection(rule, source.path) from error
    with archive:
        _check_names(source.path, archive.infolist())
        members = [member for member in archive.infolist() if _is_delivered(member)]
        check_sizes(source.path, members, len(source.data))
        budget = BYTES_AT_MOST
        files = []
        for member in sorted(members, key=lambda item: item.filename):
            data = _read(source.path, archive, member, password, budget)
            budget -= len(data)
            files.append(SourceFile(f"{source.path}/{member.filename}", data))
    if not files:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    return files


def check_sizes(path: str, members: Iterable[zipfile.ZipInfo], packed_size: int) -> None:
    """Raise `Rejection` (zip_bomb) for an archive whose declared sizes are out of proportion."""
    sizes = [member.file_size for member in members]
    limit = min(BYTES_AT_MOST, max(HARMLESS_BYTES, packed_size * RATIO_AT_MOST))
    if len(sizes) > MEMBERS_AT_MOST or sum(sizes) > limit:
        raise Rejection(Rule.ZIP_BOMB, path)


def _is_delivered(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that a person put there: no folder, no desktop's own notes."""
    name = PurePosixPath(member.filename)
    is_note = name.parts[:1] == ("__MACOSX",) or is_ignored(name.name)
    return not member.is_dir() and not is_note


def _check_names(path: str, members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(names) != len(set(names)):
        raise Rejection(Rule.UNSUPPORTED_ZIP, path)
    for member in members:
        name = PurePosixPath(member.filename)
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        is_outside = name.is_absolute() or ".." in name.parts
        if is_link or is_outside or "\\" in member.filename or ":" in member.filename:
            raise Rejection(Rule.PATH_TRAVERSAL, path)
        if name.suffix.lower() == ".zip":
            raise Rejection(Rule.UNSUPPORTED_ZIP, path)


def _read(
    path: str,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    password: str | None,
    budget: int,
) -> bytes:
    is_encrypted = bool(member.flag_bits & ENCRYPTED)
    if is_encrypted and password is None:
        raise Rejection(Rule.WRONG_PASSWORD, path)
    try:
        with archive.open(
            member, pwd=password.encode() if password and is_encrypted else None
        ) as file:
            data = file.read(min(budget, member.file_size) + 1)
    except NotImplementedError as error:
        raise Rejection(Rule.UNSUPPORTED_ZIP, path) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        # The password's check byte passes one wrong password in 256; the data then do not unpack.
        raise Rejection(
            Rule.WRONG_PASSWORD if is_encrypted else Rule.TRUNCATED_ZIP, path
        ) from error
    except RuntimeError as error:
        raise Rejection(Rule.WRONG_PASSWORD, path) from error
    if len(data) > member.file_size or len(data) > budget:
        raise Rejection(Rule.ZIP_BOMB, path)
    return data
