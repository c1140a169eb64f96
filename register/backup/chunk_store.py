"""Backups in a folder, for machines without restic: encrypted chunks, each stored once.

A chunk is up to 4 MiB of one file, or several whole small files. It is stored under a keyed hash of
its content, so that equal content is stored once and a name tells nothing. Each backup has an index
of its files and their chunks. Chunks and indexes are encrypted with AES-256-GCM, which also proves
that they are what was written under their name. Keys are derived by HKDF from the operator's key.

A file whose path, size and time are as in the last backup is not read again. A backup exists once
its index is written, after all of its chunks; a killed run leaves at most unused chunks.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from register.backup.backup_records import Backup, BackupBusyError, BackupError
from register.durable import flush, write_whole
from register.file_locks import lock_stream

FORMAT = 1
# The file that makes a folder a store of backups. It has no secret, and is the lock.
DESCRIPTION = "register-backup.json"
CHUNK_BYTES = 4 << 20
SMALL_FILE_BYTES = 1 << 20
NONCE_BYTES, TAG_BYTES, KEY_BYTES = 12, 16, 32
THREADS = 4
STORED_MODE = 0o400

# A part of a chunk: the chunk's name, and the part's offset and length.
Slice = tuple[str, int, int]


@dataclass(frozen=True)
class _StoredFile:
    """A file of a backup. Files with the same `inode` were hard links of one file."""

    path: str
    mode: int
    mtime_ns: int
    size: int
    inode: int
    slices: Sequence[Slice]


@dataclass
class _Index:
    """The content of a backup: modes of folders, targets of links, and files."""

    folders: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    files: list[_StoredFile] = field(default_factory=list)


class ChunkStore:
    """A folder of backups, encrypted with keys that are derived from `key`."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._description = folder / DESCRIPTION
        if not self._description.exists():
            self._create(key)
        description = _read_header(self._description, self._description.read_bytes())
        if description["format"] != FORMAT:
            raise BackupError("a later release of the register made these backups: upgrade first")
        salt = bytes.fromhex(description["salt"])
        if description["key_id"] != _derive_key(key, salt, "key id").hex():
            raise BackupError("these backups were made with another REGISTER_BACKUP_KEY")
        self._name_key = _derive_key(key, salt, "names of chunks")
        self._cipher = AESGCM(_derive_key(key, salt, "encryption"))
        self._written: set[str] = set()

    def _create(self, key: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(self._folder.iterdir()):
            raise BackupError("REGISTER_BACKUP is a folder with other files: choose an empty one")
        salt = secrets.token_bytes(KEY_BYTES)
        key_id = _derive_key(key, salt, "key id").hex()
        content = {"format": FORMAT, "salt": salt.hex(), "key_id": key_id}
        write_whole(self._description, json.dumps(content).encode(), STORED_MODE)

    def write_backup(self, folder: Path, taken_at: datetime, key_ids: Mapping[str, str]) -> str:
        """Store a folder as a new backup, and return its id. Equal content is stored once."""
        with self._lock_store(fcntl.LOCK_EX):
            self._written = set()
            index = self._store_folder(folder)
            backup_id = f"{taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
            header = {
                "id": backup_id,
                "taken_at": taken_at.isoformat(timespec="microseconds"),
                "byte_count": sum(file.size for file in index.files),
                "file_count": len(index.files),
                "key_ids": dict(key_ids),
            }
            line = json.dumps(header).encode()
            body = zlib.compress(json.dumps(asdict(index)).encode(), 1)
            path = self._index_path(backup_id)
            path.parent.mkdir(exist_ok=True, mode=0o700)
            write_whole(path, line + b"\n" + self._encrypt(body, line), STORED_MODE)
            return backup_id

    def _store_folder(self, folder: Path) -> _Index:
        index = _Index()
        former = self._read_former_files()
        large: list[Path] = []
        small: list[list[Path]] = [[]]
        bundle_bytes = 0
        for path in sorted(folder.rglob("*")):
            name, status = path.relative_to(folder).as_posix(), path.lstat()
            known = former.get(name)
            if path.is_symlink():
                index.links[name] = str(path.readlink())
            elif path.is_dir():
                index.folders[name] = status.st_mode & 0o777
            elif known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
                index.files.append(_describe_file(folder, path, known.slices))
            elif status.st_size >= SMALL_FILE_BYTES:
                large.append(path)
            else:
                if bundle_bytes + status.st_size > CHUNK_BYTES:
                    small.append([])
                    bundle_bytes = 0
                small[-1].append(path)
                bundle_bytes += status.st_size
        with ThreadPoolExecutor(THREADS) as pool:
            slices = [*pool.map(self._store_large, large), *pool.map(self._store_small, small)]
        paths = [[path] for path in large] + small
        for of_paths, of_slices in zip(paths, slices, strict=True):
            for path, parts in zip(of_paths, of_slices, strict=True):
                index.files.append(_describe_file(folder, path, parts))
        return index

    def _store_large(self, path: Path) -> list[list[Slice]]:
        with path.open("rb") as stream:
            chunks = iter(lambda: stream.read(CHUNK_BYTES), b"")
            return [[(self._store_chunk(chunk), 0, len(chunk)) for chunk in chunks]]

    def _store_small(self, paths: list[Path]) -> list[list[Slice]]:
        contents = [path.read_bytes() for path in paths]
        name = self._store_chunk(b"".join(contents)) if any(contents) else ""
        slices: list[list[Slice]] = []
        offset = 0
        for content in contents:
            slices.append([(name, offset, len(content))] if content else [])
            offset += len(content)
        return slices

    def _store_chunk(self, content: bytes) -> str:
        name = self._name_chunk(content)
        path = self._chunk_path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(path, self._encrypt(content, name.encode()), STORED_MODE)
            self._written.add(name)
        return name

    def _read_former_files(self) -> dict[str, _StoredFile]:
        """Return the files of the last backup whose chunks are all stored, by path."""
        latest = max(self.list_backups(), key=lambda item: item.taken_at, default=None)
        if latest is None:
            return {}
        stored = set(self._list_chunks())
        return {
            file.path: file
            for file in self._read_index(latest.backup_id).files
            if all(name in stored for name, _, _ in file.slices)
        }

    def verify_backup(self, backup_id: str, folder: Path) -> None:
        """Read back the chunks that the last `write_backup` stored, and look for all others."""
        with self._lock_store(fcntl.LOCK_SH):
            stored = {path.name: path.stat().st_size for path in self._list_chunk_paths()}
            for file in self._read_index(backup_id).files:
                for name, offset, length in file.slices:
                    if stored.get(name, 0) < offset + length + NONCE_BYTES + TAG_BYTES:
                        raise _report_damage(name)
            self._verify_chunks(self._written)

    def verify_everything(self) -> int:
        """Read and decrypt all data of all backups, and return how many bytes were read."""
        with self._lock_store(fcntl.LOCK_SH):
            return self._verify_chunks(self._list_used_chunks())

    def _verify_chunks(self, names: Iterable[str]) -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(self._verify_chunk, sorted(names)))

    def _verify_chunk(self, name: str) -> int:
        content = self._read_chunk(name, is_from_disk=True)
        if not hmac.compare_digest(self._name_chunk(content), name):
            raise _report_damage(name)
        return len(content)

    def list_backups(self) -> list[Backup]:
        """Return every backup, in any order, without the date of expiry."""
        backups = []
        for path in self._index_path("x").parent.glob("*.index"):
            with path.open("rb") as stream:
                header = _read_header(path, stream.readline())
            taken_at = datetime.fromisoformat(header.pop("taken_at"))
            backups.append(Backup(backup_id=header.pop("id"), taken_at=taken_at, **header))
        return backups

    def restore(self, backup_id: str, folder: Path) -> None:
        """Restore a backup into an empty folder."""
        with self._lock_store(fcntl.LOCK_SH):
            index = self._read_index(backup_id)
            for name in index.folders:
                (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            first: dict[int, _StoredFile] = {}
            groups: dict[str, list[_StoredFile]] = {}
            for file in index.files:
                if first.setdefault(file.inode, file) is file:
                    # Small files of one chunk are restored together, so that it is read once.
                    group = file.path if len(file.slices) != 1 else file.slices[0][0]
                    groups.setdefault(group, []).append(file)
            with ThreadPoolExecutor(THREADS) as pool:
                for _ in pool.map(
                    lambda files: self._restore_files(files, folder), groups.values()
                ):
                    pass
        for file in index.files:
            if first[file.inode] is not file:
                (folder / file.path).hardlink_to(folder / first[file.inode].path)
        for name, target in index.links.items():
            (folder / name).symlink_to(target)
        for name in sorted(index.folders, reverse=True):
            (folder / name).chmod(index.folders[name])

    def _restore_files(self, files: list[_StoredFile], folder: Path) -> None:
        last, content = "", b""
        for file in files:
            with (folder / file.path).open("xb") as stream:
                for name, offset, length in file.slices:
                    if name != last:
                        last, content = name, self._read_chunk(name)
                    stream.write(memoryview(content)[offset : offset + length])
                os.fchmod(stream.fileno(), file.mode)
            os.utime(folder / file.path, ns=(file.mtime_ns, file.mtime_ns))

    def forget_backups(self, backup_ids: list[str]) -> None:
        """Delete backups, and all chunks that no other backup needs."""
        with self._lock_store(fcntl.LOCK_EX):
            for backup_id in backup_ids:
                self._index_path(backup_id).unlink()
            if backup_ids:
                flush(self._index_path("x").parent)
            used = self._list_used_chunks()
            for path in self._list_chunk_paths():
                if path.name not in used:
                    path.unlink()

    def _list_used_chunks(self) -> set[str]:
        return {
            name
            for backup in self.list_backups()
            for file in self._read_index(backup.backup_id).files
            for name, _, _ in file.slices
        }

    def _read_index(self, backup_id: str) -> _Index:
        path = self._index_path(backup_id)
        line, _, body = path.read_bytes().partition(b"\n")
        content = json.loads(zlib.decompress(self._decrypt(body, line, path.name)))
        return _Index(
            folders=content["folders"],
            links=content["links"],
            files=[_StoredFile(**file) for file in content["files"]],
        )

    def _read_chunk(self, name: str, *, is_from_disk: bool = False) -> bytes:
        try:
            with self._chunk_path(name).open("rb") as stream:
                if is_from_disk:
                    os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                return self._decrypt(stream.read(), name.encode(), name)
        except OSError:
            raise _report_damage(name) from None

    def _encrypt(self, content: bytes, bound_to: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, bound_to)

    def _decrypt(self, stored: bytes, bound_to: bytes, name: str) -> bytes:
        try:
            # A view saves copying the chunk.
            encrypted = memoryview(stored)[NONCE_BYTES:]
            return self._cipher.decrypt(stored[:NONCE_BYTES], encrypted, bound_to)
        except (InvalidTag, ValueError):
            raise _report_damage(name) from None

    def _name_chunk(self, content: bytes) -> str:
        return hashlib.blake2b(content, key=self._name_key, digest_size=32).hexdigest()

    def _chunk_path(self, name: str) -> Path:
        return self._folder / "chunks" / name[:2] / name

    def _index_path(self, backup_id: str) -> Path:
        return self._folder / "backups" / f"{backup_id}.index"

    def _list_chunk_paths(self) -> Iterator[Path]:
        return (self._folder / "chunks").glob("*/*")

    def _list_chunks(self) -> Iterator[str]:
        return (path.name for path in self._list_chunk_paths())

    @contextmanager
    def _lock_store(self, kind: int) -> Iterator[None]:
        busy = BackupBusyError("another process is using these backups: wait")
        with self._description.open("rb") as stream, lock_stream(stream, busy, kind):
            yield


def _describe_file(folder: Path, path: Path, slices: Sequence[Slice]) -> _StoredFile:
    status = path.stat()
    return _StoredFile(
        path.relative_to(folder).as_posix(),
        status.st_mode & 0o777,
        status.st_mtime_ns,
        status.st_size,
        status.st_ino,
        slices,
    )


def _read_header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        return header
    except ValueError:
        raise _report_damage(path.name) from None


def _derive_key(key: str, salt: bytes, purpose: str) -> bytes:
    info = f"register backup: {purpose}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt, info).derive(key.encode())


def _report_damage(name: str) -> BackupError:
    return BackupError(
        f"{name} of the backups is missing or was changed: delete it and run `register backup`,"
        " which stores it again while the home has it"
    )
