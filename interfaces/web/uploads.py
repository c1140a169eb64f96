"""Uploads: deliveries that suppliers send over HTTPS, part by part, until they confirm them.

An upload is the folder `web/uploads/<id>` of the home. `upload.json` describes it, and `files` has
the bytes received so far. These are plain even in an encrypted home, as the inbox is: they stay for
some hours at most. The bytes of a file only grow, so after an interruption its size says where to
go on. The ids are random, and an upload of another supplier answers as one that does not exist.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from interfaces.web.application_files import lock_file, prepare_file_path
from interfaces.web.pages import NotFoundError
from interfaces.web.upload_names import find_path_fault
from register.access import PRIVATE_FOLDER
from register.access_record import Entry, record_access
from register.feeds import find_period_fault
from register.private_files import read_private, write_private
from register.settings import Settings

UPLOADS, STATE, FILES = "uploads", "upload.json", "files"
ID_BYTES = 24
UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{32}")
NO_UPLOAD = "There is no such upload. It may have been confirmed long ago, given up or removed."


class UploadError(RuntimeError):
    """A step of an upload is refused; `status` is the HTTP status, and the message says why.

    `offset` is the number of bytes of the file that are stored, if the step was about a file.
    """

    def __init__(self, status: int, text: str, offset: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.offset = offset


class UploadPart(BaseModel):
    """A part of the description of an upload, which is immutable."""

    model_config = ConfigDict(frozen=True)


class UploadFile(UploadPart):
    """A file of an upload.

    `sha256` is empty until it is known. `stamp` is the time of the sender's file, so that a changed
    file is not continued.
    """

    number: int
    path: str
    size: int
    sha256: str = ""
    stamp: str = ""
    is_complete: bool = False


class Upload(UploadPart):
    """An upload with its files. Once it is confirmed, `place` is where it is in the inbox."""

    upload_id: str
    supplier_code: str
    feed: str
    period: str
    started_at: str
    files: tuple[UploadFile, ...] = ()
    state: Literal["open", "confirmed"] = "open"
    place: str = ""
    delivery_id: str = ""
    landing_tries: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the upload has a file, and all bytes of each file."""
        return bool(self.files) and all(file.is_complete for file in self.files)

    @property
    def fingerprint(self) -> str:
        """A hash of the paths and the content of all files."""
        listing = sorted((file.path, file.size, file.sha256) for file in self.files)
        return hashlib.sha256(repr(listing).encode()).hexdigest()


@dataclass(frozen=True)
class DeclaredFile:
    """A file that the sender is going to send; `sha256` and `stamp` may be empty."""

    path: str
    size: int
    sha256: str = ""
    stamp: str = ""


def start_upload(
    settings: Settings, supplier_code: str, feed: str, period: str, files: Sequence[DeclaredFile]
) -> Upload:
    """Start an upload. Raises `UploadError` if the supplier may not deliver this, or has too many.

    Uploads that nobody continued are removed first.
    """
    now = datetime.now(UTC)
    fault = find_period_fault(settings.seeds, feed, supplier_code, period, now.date())
    if fault is not None:
        raise UploadError(422, fault)
    with lock_file(prepare_file_path(settings, UPLOADS)):
        remove_expired(settings)
        uploads = list_uploads(settings, (supplier_code,))
        limit = settings.uploads.open_uploads
        if sum(upload.state == "open" for upload in uploads) >= limit:
            raise UploadError(
                409, f"{limit} uploads are open. Confirm one or give one up before the next."
            )
        upload = Upload(
            upload_id=secrets.token_urlsafe(ID_BYTES),
            supplier_code=supplier_code,
            feed=feed,
            period=period,
            started_at=now.isoformat(timespec="seconds"),
        )
        upload = _declare(settings, upload, files)
        record_access(settings, Entry("upload", "started", keys=(supplier_code,)))
        folder = find_folder(settings, upload.upload_id)
        for path in (folder.parent, folder, folder / FILES):
            path.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        _write(settings, upload)
    return upload


def find_folder(settings: Settings, upload_id: str) -> Path:
    """Return the folder of an upload."""
    return settings.web_folder / UPLOADS / upload_id


def find_upload(settings: Settings, supplier_codes: Sequence[str], upload_id: str) -> Upload:
    """Return an upload of one of these suppliers. Raises `NotFoundError` if there is none."""
    if UPLOAD_ID.fullmatch(upload_id):
        upload = read_upload(settings, upload_id)
        if upload is not None and upload.supplier_code in supplier_codes:
            return upload
    raise NotFoundError(NO_UPLOAD)


def list_uploads(settings: Settings, supplier_codes: Sequence[str] | None = None) -> list[Upload]:
    """List the uploads of these suppliers, or of all suppliers, the latest first."""
    uploads = [read_upload(settings, folder.name) for folder in _list_folders(settings)]
    chosen = [
        upload
        for upload in uploads
        if upload and (supplier_codes is None or upload.supplier_code in supplier_codes)
    ]
    return sorted(chosen, key=lambda each: (each.started_at, each.upload_id), reverse=True)


def read_upload(settings: Settings, upload_id: str) -> Upload | None:
    """Return an upload, or None if there is none or it has expired."""
    folder = find_folder(settings, upload_id)
    if not (folder / STATE).exists() or _is_expired(settings, folder):
        return None
    try:
        text = read_private(settings.data_keys, folder / STATE)
    except FileNotFoundError:
        return None
    return Upload.model_validate_json(text)


def declare_files(settings: Settings, upload: Upload, files: Sequence[DeclaredFile]) -> Upload:
    """Add files that the sender is going to send. A file of the same path replaces the earlier one.

    An unchanged file keeps the bytes that were received.
    """
    changed = change_upload(
        settings, upload.upload_id, lambda current: _declare(settings, current, files)
    )
    numbers = {str(file.number) for file in changed.files}
    for path in (find_folder(settings, upload.upload_id) / FILES).iterdir():
        if path.name not in numbers:
            path.unlink(missing_ok=True)
    return changed


def remove_file(settings: Settings, upload: Upload, number: int) -> Upload:
    """Remove a file from an upload."""
    find_file(upload, number)

    def leave_out(current: Upload) -> Upload:
        remaining = tuple(file for file in current.files if file.number != number)
        return current.model_copy(update={"files": remaining})

    changed = change_upload(settings, upload.upload_id, leave_out)
    find_content(settings, upload.upload_id, number).unlink(missing_ok=True)
    return changed


def give_up(settings: Settings, upload: Upload) -> None:
    """Remove an upload that is not confirmed, with its files."""
    with _lock_upload(settings, upload.upload_id) as current:
        refuse_confirmed(current)
        record_access(settings, Entry("upload", "given_up", keys=(upload.supplier_code,)))
        shutil.rmtree(find_folder(settings, upload.upload_id))


def find_file(upload: Upload, number: int) -> UploadFile:
    """Return a file of an upload. Raises `NotFoundError` if there is none of this number."""
    for file in upload.files:
        if file.number == number:
            return file
    raise NotFoundError("The upload has no such file.")


def find_content(settings: Settings, upload_id: str, number: int) -> Path:
    """Return the path of the bytes of a file that are stored."""
    return find_folder(settings, upload_id) / FILES / str(number)


def read_offset(settings: Settings, upload_id: str, number: int) -> int:
    """Return how many bytes of a file are stored."""
    path = find_content(settings, upload_id, number)
    return path.stat().st_size if path.exists() else 0


def change_upload(settings: Settings, upload_id: str, change: Callable[[Upload], Upload]) -> Upload:
    """Change the description of an upload, and return it. Raises `UploadError` if it is confirmed.

    Raises `NotFoundError` if the upload was given up meanwhile.
    """
    with _lock_upload(settings, upload_id) as current:
        refuse_confirmed(current)
        changed = change(current)
        _write(settings, changed)
    return changed


def note_confirmed(settings: Settings, upload_id: str, **facts: str | int) -> Upload:
    """Note facts about the landing of a confirmed upload."""
    with _lock_upload(settings, upload_id) as current:
        changed = current.model_copy(update=facts)
        _write(settings, changed)
    return changed


@contextmanager
def confirm_once(settings: Settings, upload_id: str) -> Iterator[Upload]:
    """Hold the lock of an upload while it is delivered."""
    with _lock_upload(settings, upload_id) as current:
        yield current


def mark_confirmed(settings: Settings, upload: Upload, place: str) -> Upload:
    """Write that an upload is in the inbox, and remove its files. The caller holds its lock."""
    confirmed = upload.model_copy(update={"state": "confirmed", "place": place})
    _write(settings, confirmed)
    folder = find_folder(settings, upload.upload_id) / FILES
    shutil.rmtree(folder, ignore_errors=True)
    return confirmed


def refuse_confirmed(upload: Upload) -> None:
    """Raise `UploadError` if an upload is confirmed, so that nothing about it may change."""
    if upload.state != "open":
        raise UploadError(409, "The upload is confirmed. To send a correction, start another.")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_expired(settings: Settings) -> None:
    """Remove each upload that nobody changed for the hours of the settings."""
    for folder in _list_folders(settings):
        if _is_expired(settings, folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_expired(settings: Settings, folder: Path) -> bool:
    paths = [folder, folder / STATE, *folder.glob(f"{FILES}/*")]
    latest = max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)
    return time.time() - latest > settings.uploads.hours * 3600


def _list_folders(settings: Settings) -> list[Path]:
    return [path for path in (settings.web_folder / UPLOADS).glob("[!.]*") if path.is_dir()]


@contextmanager
def _lock_upload(settings: Settings, upload_id: str) -> Iterator[Upload]:
    path = find_folder(settings, upload_id) / STATE
    try:
        with lock_file(path):
            current = read_upload(settings, upload_id)
            if current is None:
                raise NotFoundError(NO_UPLOAD)
            yield current
    except FileNotFoundError:
        raise NotFoundError(NO_UPLOAD) from None


def _write(settings: Settings, upload: Upload) -> None:
    path = find_folder(settings, upload.upload_id) / STATE
    write_private(settings.data_keys, path, upload.model_dump_json().encode())


def _declare(settings: Settings, upload: Upload, files: Sequence[DeclaredFile]) -> Upload:
    """Return the upload with these files. Raises `UploadError` if a limit or a name is not met."""
    by_path = {file.path: file for file in upload.files}
    number = max((file.number for file in upload.files), default=0)
    for declared in files:
        fault = find_path_fault(declared.path)
        if fault is not None:
            raise UploadError(422, fault)
        if not 0 <= declared.size <= settings.uploads.file_bytes:
            raise UploadError(
                413, f"A file may have at most {settings.uploads.file_megabytes:g} MB."
            )
        earlier = by_path.get(declared.path)
        if earlier is not None and _is_same_file(earlier, declared):
            continue
        number += 1
        by_path[declared.path] = UploadFile(
            number=number,
            path=declared.path,
            size=declared.size,
            sha256=declared.sha256.lower(),
            stamp=declared.stamp,
        )
    limits = settings.limits
    if sum(file.size for file in by_path.values()) > limits.delivery_bytes:
        raise UploadError(413, f"A delivery may have at most {limits.delivery_megabytes:g} MB.")
    if len(by_path) > limits.archive_members:
        raise UploadError(413, f"A delivery may have at most {limits.archive_members} files.")
    return upload.model_copy(update={"files": tuple(by_path.values())})


def _is_same_file(file: UploadFile, declared: DeclaredFile) -> bool:
    """Return whether a declared file is one that is being sent already, and can be continued."""
    if file.size != declared.size:
        return False
    if declared.sha256:
        return file.sha256 == declared.sha256.lower()
    return bool(declared.stamp) and file.stamp == declared.stamp
