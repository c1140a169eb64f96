"""Receiving the parts of a file, and completing it: its hash, and the scan for viruses."""

from __future__ import annotations

import fcntl
import os
import shlex
import subprocess
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from interfaces.web.pages import NotFoundError
from interfaces.web.uploads import (
    NO_UPLOAD,
    Upload,
    UploadError,
    change_upload,
    find_content,
    find_file,
    hash_file,
    read_offset,
    refuse_confirmed,
)
from register.settings import Settings

SCAN_SECONDS = 300
OTHER_HASH = "The SHA-256 of the file differs, so its bytes were removed: send the file again."
REFUSED = "The virus scan refused the file, and its bytes were removed."
NOT_SCANNED = "The virus scan did not answer, and the file was removed: try again, or tell us."


class FilePart:
    """A part of a file that is being received, as a context manager.

    Only one part of a file is received at a time. What was received before an interruption stays.
    """

    def __init__(self, settings: Settings, upload: Upload, number: int, offset: int) -> None:
        refuse_confirmed(upload)
        self._file = find_file(upload, number)
        self._path = find_content(settings, upload.upload_id, number)
        self._declared_offset = offset
        self._handle: BinaryIO | None = None
        self.offset = 0

    def __enter__(self) -> Self:
        """Open and lock the file. Raises `UploadError` for a wrong offset."""
        handle = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.offset = handle.seek(0, os.SEEK_END)
            if self.offset != self._declared_offset:
                text = f"The next part of the file begins at byte {self.offset}."
                raise UploadError(409, text, self.offset)
        except BlockingIOError:
            size = self._path.stat().st_size
            handle.close()
            text = "Another part of the file is being received: try again."
            raise UploadError(409, text, size) from None
        except UploadError:
            handle.close()
            raise
        self._handle = handle
        return self

    def write(self, block: bytes) -> None:
        """Append bytes. Raises `UploadError` if the file would become larger than declared."""
        assert self._handle is not None
        if self.offset + len(block) > self._file.size:
            raise UploadError(413, "The file is larger than was declared.", self.offset)
        self._handle.write(block)
        self.offset += len(block)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write everything to the disk, and close the file."""
        assert self._handle is not None
        with self._handle:
            self._handle.flush()
            os.fsync(self._handle.fileno())


def finish_file(settings: Settings, upload: Upload, number: int) -> Upload:
    """Complete a file of which every byte is stored.

    Raises `UploadError` and empties the file if its hash differs, or if the scan refuses it.
    """
    file = find_file(upload, number)
    path = find_content(settings, upload.upload_id, number)
    try:
        sha256 = hash_file(path)
    except FileNotFoundError:
        raise NotFoundError(NO_UPLOAD) from None
    if file.sha256 not in {"", sha256}:
        _truncate_file(path)
        raise UploadError(422, OTHER_HASH, 0)
    fault = scan_file(settings, path)
    if fault is not None:
        _truncate_file(path)
        raise UploadError(422, fault, 0)
    complete = file.model_copy(update={"sha256": sha256, "is_complete": True})

    def replace_file(current: Upload) -> Upload:
        files = tuple(complete if each == file else each for each in current.files)
        return current.model_copy(update={"files": files})

    return change_upload(settings, upload.upload_id, replace_file)


def finish_received_files(settings: Settings, upload: Upload) -> Upload:
    """Complete the files of which every byte is stored, although a process ended before it could.

    Raises `UploadError` if a byte is still missing, or if there is no file.
    """
    for file in upload.files:
        offset = read_offset(settings, upload.upload_id, file.number)
        if not file.is_complete and offset == file.size > 0:
            upload = finish_file(settings, upload, file.number)
    if not upload.files:
        raise UploadError(409, "The upload has no file yet.")
    if not upload.is_complete:
        raise UploadError(409, "The upload is not complete: parts of its files are missing.")
    return upload


def refuse_changed_files(settings: Settings, upload: Upload) -> None:
    """Raise `UploadError` if the stored bytes of a file differ from those that were received."""
    for file in upload.files:
        path = find_content(settings, upload.upload_id, file.number)
        if not path.is_file() or hash_file(path) != file.sha256:
            raise UploadError(409, "A stored file has changed: give the upload up, start again.")


def scan_file(settings: Settings, path: Path) -> str | None:
    """Scan a file with the command of the settings, if there is one; return why it is refused."""
    command = settings.uploads.scan_command
    if not command:
        return None
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("REGISTER_")
    }
    try:
        outcome = subprocess.run(
            [*shlex.split(command), str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=SCAN_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return NOT_SCANNED
    return None if outcome.returncode == 0 else REFUSED


def _truncate_file(path: Path) -> None:
    with path.open("wb"):
        pass
