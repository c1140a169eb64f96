"""Safe opening of zip archives and gzip files: in memory, with checked paths and limited sizes.

Reading the files inside an archive belongs in the other readers.
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

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.inbox_storage import is_ignored
from register.variables import DeliveryLimits

# Tables are usually compressed 10 to 30 times. An archive compressed more than `MAX_RATIO` times is
# refused, unless its unpacked files have at most `HARMLESS_BYTES` in all.
MAX_RATIO = 200
HARMLESS_BYTES = 16 << 20
ENCRYPTED = 0x1
PIECE = 1 << 20
ARCHIVES = (".zip", ".gz")
# Archives in other formats, which no installed library can read: their suffixes and first bytes.
UNSUPPORTED_ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst")
UNSUPPORTED_MARKS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")

# A function that takes delivered file names and returns a safe name for each, in the same order.
Naming = Callable[[Sequence[str]], list[str]]


def is_archive(source: SourceFile) -> bool:
    """Return whether a file is an archive.

    Raises `Rejection` if it is an archive of an unsupported kind.
    """
    if source.suffix in UNSUPPORTED_ARCHIVES or source.data.startswith(UNSUPPORTED_MARKS):
        raise Rejection(Rule.UNREAD_ARCHIVE, source.path)
    if source.name.casefold().endswith(".tar.gz"):
        raise Rejection(Rule.UNREAD_ARCHIVE, source.path)
    return source.suffix in ARCHIVES


def unpack_archive(
    source: SourceFile,
    password: str | None,
    limits: DeliveryLimits | None = None,
    make_safe: Naming = list,
) -> list[SourceFile]:
    """Return the files in an archive in order of name. Raises `Rejection` if it is unsafe.

    `make_safe` returns safe names for the files in the archive. By default they keep their own
    names.
    """
    limits = limits or DeliveryLimits()
    if not source.data:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    if source.suffix == ".gz":
        # Ignore the name stored inside the gzip file, since nothing checks it.
        names, contents = [source.name.removesuffix(".gz")], [_gunzip(source, limits)]
    else:
        names, contents = _unzip(source, password, limits)
    return [
        SourceFile(f"{source.path}/{name}", data, f"{source.delivered_path}/{member}")
        for member, name, data in zip(names, make_safe(names), contents, strict=True)
    ]


def check_unpacked_size(path: str, archive: zipfile.ZipFile, limits: DeliveryLimits) -> None:
    """Raise `Rejection` (zip_bomb) if an archive is too large when unpacked.

    The sizes that it declares may be false, so every member is unpacked and discarded.
    """
    check_sizes(path, archive.infolist(), archive.start_dir, limits)
    left = limits.delivery_bytes
    for member in archive.infolist():
        # The stated size may be wrong. With this huge size, reading goes on to the real end of the
        # data.
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
    """Raise `Rejection` (zip_bomb) if the sizes that an archive declares are too large."""
    sizes = [member.file_size for member in members]
    limit = min(limits.delivery_bytes, max(HARMLESS_BYTES, packed_size * MAX_RATIO))
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
        members = {_normalise_path(m): m for m in archive.infolist() if _is_delivered(m)}
        check_sizes(source.path, members.values(), len(source.data), limits)
        budget = limits.delivery_bytes
        contents = []
        for name in sorted(members):
            data = _read_member(source.path, archive, members[name], password, budget)
            budget -= len(data)
            contents.append(data)
    if not contents:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    return sorted(members), contents


def _normalise_path(member: zipfile.ZipInfo) -> str:
    """Return a member's path with slashes; some Windows tools write backslashes."""
    return member.filename.replace("\\", "/")


def _is_delivered(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a delivered file. Folders and desktop metadata are not."""
    name = PurePosixPath(_normalise_path(member))
    is_metadata = name.parts[:1] == ("__MACOSX",) or is_ignored(name.name)
    return not _normalise_path(member).endswith("/") and not is_metadata


def _check_names(path: str, members: list[zipfile.ZipInfo]) -> None:
    names = [_normalise_path(member) for member in members]
    if len(names) != len(set(names)):
        raise Rejection(Rule.UNSUPPORTED_ZIP, path)
    for member in members:
        name = PurePosixPath(_normalise_path(member))
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        is_outside = name.is_absolute() or ".." in name.parts
        if is_link or is_outside or ":" in member.filename:
            raise Rejection(Rule.PATH_TRAVERSAL, path)
        if name.suffix.lower() in (*ARCHIVES, *UNSUPPORTED_ARCHIVES):
            raise Rejection(Rule.UNSUPPORTED_ZIP, path)


def _read_member(
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
        # One in 256 wrong passwords passes the first check; unpacking then fails here.
        raise Rejection(
            Rule.WRONG_PASSWORD if is_encrypted else Rule.TRUNCATED_ZIP, path
        ) from error
    except RuntimeError as error:
        raise Rejection(Rule.WRONG_PASSWORD, path) from error
    if len(data) > member.file_size or len(data) > budget:
        raise Rejection(Rule.ZIP_BOMB, path)
    return data


def _gunzip(source: SourceFile, limits: DeliveryLimits) -> bytes:
    limit = min(limits.delivery_bytes, max(HARMLESS_BYTES, len(source.data) * MAX_RATIO))
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
