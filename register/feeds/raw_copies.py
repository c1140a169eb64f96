"""Raw copies: the delivered bytes of each landed delivery, under their delivered names.

A plain home stores them as the files of the folder `raw`. A home with a key ring stores them as one
encrypted archive, `raw.tar`, because a delivered file name may name a child too.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from register.data_keys import KeyRing
from register.feeds.delivery import SourceFile
from register.private_files import PrivateFileError, encrypt, read_private, write_private

RAW, ARCHIVE = "raw", "raw.tar"


@dataclass(frozen=True)
class RawCopy:
    """The copy of one delivered file: its path within the delivery, its bytes and its file time."""

    path: str
    data: bytes
    modified_ns: int


def write_raw_copies(
    ring: KeyRing | None,
    folder: Path,
    delivery_id: str,
    files: Iterable[SourceFile],
    received: float,
) -> None:
    """Write a delivery's files into its folder, with the time of receipt as their file time.

    From this time, a lost ledger entry can be restored. The caller flushes the files to disk.
    """
    copies = [RawCopy(file.delivered_path, file.data, int(received * 1e9)) for file in files]
    if ring is not None:
        archive = encrypt(ring, f"{delivery_id}/{ARCHIVE}", _build_archive(copies))
        (folder / ARCHIVE).write_bytes(archive)
        return
    (folder / RAW).mkdir()
    for copy in copies:
        path = folder / RAW / copy.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(copy.data)
        os.utime(path, ns=(copy.modified_ns, copy.modified_ns))


def read_raw_copies(ring: KeyRing | None, folder: Path) -> list[RawCopy]:
    """Return the raw copies in a delivery's folder, in order of path.

    Raises `PrivateFileError` if the copies are plain in a home with a key ring, or cannot be
    decrypted.
    """
    if (folder / ARCHIVE).exists():
        return list(_read_archive(read_private(ring, folder / ARCHIVE)))
    if ring is not None:
        raise PrivateFileError(
            f"{folder.name} has no {ARCHIVE}: if this home has just received its keys, run"
            " `register keys rotate`; otherwise restore it from the backup"
        )
    return _read_folder(folder / RAW)


def list_raw_folders(landing: Path) -> list[Path]:
    """Return the folders of deliveries whose raw copies are plain."""
    return sorted(raw.parent for raw in landing.glob(f"*/*/{RAW}") if raw.is_dir())


def encrypt_raw_folder(ring: KeyRing, folder: Path) -> None:
    """Replace the plain raw copies in a delivery's folder by an encrypted archive.

    A killed run can be repeated.
    """
    if not (folder / ARCHIVE).exists():
        write_private(ring, folder / ARCHIVE, _build_archive(_read_folder(folder / RAW)))
    shutil.rmtree(folder / RAW)


def _read_folder(raw: Path) -> list[RawCopy]:
    return [
        RawCopy(path.relative_to(raw).as_posix(), path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(raw.rglob("*"))
        if path.is_file()
    ]


def _build_archive(copies: Iterable[RawCopy]) -> bytes:
    stream = io.BytesIO()
    # This form of archive stores any name, also one that is not valid UTF-8.
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for copy in copies:
            member = tarfile.TarInfo(copy.path)
            member.size, member.mtime = len(copy.data), copy.modified_ns // 10**9
            archive.addfile(member, io.BytesIO(copy.data))
    return stream.getvalue()


def _read_archive(content: bytes) -> Iterator[RawCopy]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in sorted(archive, key=lambda each: each.name):
            file = archive.extractfile(member)
            if file is not None:
                yield RawCopy(member.name, file.read(), int(member.mtime) * 10**9)
