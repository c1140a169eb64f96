"""Archives opened safely: nothing is written, no path leaves its folder, sizes are limited.

A zip, or one file packed with gzip. Reading what is in the files belongs in the other readers.
"""

from __future__ import annotations

import copy
import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from register.feeds.delivery import SourceFile, is_ignored
from register.feeds.delivery_rules import Rejection, Rule
from register.variables import DeliveryLimits

# Text of columns packs 10 to 30 times; a small archive may pack better without harm.
RATIO_AT_MOST = 200
HARMLESS_BYTES = 16 << 20
ENCRYPTED = 0x1
PIECE = 1 << 20
ARCHIVES = (".zip", ".gz")
# Archives that no library in the lock reads, by name and by their first bytes.
UNREAD_ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst")
UNREAD_MARKS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")

# How members of an archive are told, in the order given.
Telling = Callable[[Sequence[str]], list[str]]


def is_archive(source: SourceFile) -> bool:
    """Whether a file is to be unpacked; raises `Rejection` for an archive that is not read."""
    if source.suffix in UNREAD_ARCHIVES or source.data.startswith(UNREAD_MARKS):
        raise Rejection(Rule.UNREAD_ARCHIVE, source.path)
    if source.name.casefold().endswith(".tar.gz"):
        raise Rejection(Rule.UNREAD_ARCHIVE, source.path)
    return source.suffix in ARCHIVES


def unpack(
    source: SourceFile,
    password: str | None,
    limits: DeliveryLimits | None = None,
    told: Telling = list,
) -> list[SourceFile]:
    """The files in an archive, in order of name; raises `Rejection` for one that is refused.

    Members are told as `told` says (default: by their own names).
    """
    limits = limits or DeliveryLimits()
    if not source.data:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    if source.suffix == ".gz":
        names, contents = [_name_in_gzip(source)], [_gunzip(source, limits)]
    else:
        names, contents = _unzip(source, password, limits)
    return [
        SourceFile(f"{source.path}/{name}", data, f"{source.delivered_path}/{member}")
        for member, name, data in zip(names, told(names), contents, strict=True)
    ]


def bounded_content(path: str, archive: zipfile.ZipFile, limits: DeliveryLimits) -> None:
    """Raise `Rejection` (zip_bomb) if an archive unpacks to more than is allowed.

    What its directory says of sizes is not believed: every member is unpacked, and nothing kept.
    """
    check_sizes(path, archive.infolist(), archive.start_dir, limits)
    left = limits.delivery_bytes
    for member in archive.infolist():
        # With a size that no member has, reading goes on to where the data really end.
        endless = copy.copy(member)
        endless.file_size = 1 << 62
        with archive.open(endless) as file:
            while piece := file.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise Rejection(Rule.ZIP_BOMB, path)


def check_sizes(
    path: str, members: Iterable[zipfile.ZipInfo], packed_size: int, limits: DeliveryLimits
) -> None:
    """Raise `Rejection` (zip_bomb) for an archive whose declared sizes are out of proportion."""
    sizes = [member.file_size for member in members]
    limit = min(limits.delivery_bytes, max(HARMLESS_BYTES, packed_size * RATIO_AT_MOST))
    if len(sizes) > limits.archive_members or sum(sizes) > limit:
        raise Rejection(Rule.ZIP_BOMB, path)


def _unzip(
    source: SourceFile, password: str | None, limits: DeliveryLimits
) -> tuple[list[str], list[bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        is_cut = source.data.startswith(b"PK")
        rule = Rule.TRUNCATED_ZIP if is_cut else Rule.NOT_A_ZIP
        raise Rejection(rule, source.path) from error
    with archive:
        _check_names(source.path, archive.infolist())
        members = {_name(m): m for m in archive.infolist() if _is_delivered(m)}
        check_sizes(source.path, members.values(), len(source.data), limits)
        budget = limits.delivery_bytes
        contents = []
        for name in sorted(members):
            data = _read(source.path, archive, members[name], password, budget)
            budget -= len(data)
            contents.append(data)
    if not contents:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    return sorted(members), contents


def _name(member: zipfile.ZipInfo) -> str:
    """A member's path; some tools of Windows write it with backslashes."""
    return member.filename.replace("\\", "/")


def _is_delivered(member: zipfile.ZipInfo) -> bool:
    """Whether a member is a file that a person put there: no folder, no desktop's own notes."""
    name = PurePosixPath(_name(member))
    is_note = name.parts[:1] == ("__MACOSX",) or is_ignored(name.name)
    return not _name(member).endswith("/") and not is_note


def _check_names(path: str, members: list[zipfile.ZipInfo]) -> None:
    names = [_name(member) for member in members]
    if len(names) != len(set(names)):
        raise Rejection(Rule.UNSUPPORTED_ZIP, path)
    for member in members:
        name = PurePosixPath(_name(member))
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        is_outside = name.is_absolute() or ".." in name.parts
        if is_link or is_outside or ":" in member.filename:
            raise Rejection(Rule.PATH_TRAVERSAL, path)
        if name.suffix.lower() in (*ARCHIVES, *UNREAD_ARCHIVES):
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
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        # The password's check byte passes one wrong password in 256; the data then do not unpack.
        raise Rejection(
            Rule.WRONG_PASSWORD if is_encrypted else Rule.TRUNCATED_ZIP, path
        ) from error
    except RuntimeError as error:
        raise Rejection(Rule.WRONG_PASSWORD, path) from error
    if len(data) > member.file_size or len(data) > budget:
        raise Rejection(Rule.ZIP_BOMB, path)
    return data


def _name_in_gzip(source: SourceFile) -> str:
    """The packed file's name; that in the archive itself is not read, since nothing checks it."""
    return source.name[: -len(".gz")]


def _gunzip(source: SourceFile, limits: DeliveryLimits) -> bytes:
    limit = min(limits.delivery_bytes, max(HARMLESS_BYTES, len(source.data) * RATIO_AT_MOST))
    try:
        with gzip.open(io.BytesIO(source.data)) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        is_cut = source.data.startswith(b"\x1f\x8b")
        rule = Rule.TRUNCATED_ZIP if is_cut else Rule.NOT_A_ZIP
        raise Rejection(rule, source.path) from error
    if len(data) > limit:
        raise Rejection(Rule.ZIP_BOMB, source.path)
    return data
