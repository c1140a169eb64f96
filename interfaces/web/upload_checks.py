"""The check of an upload by the rules of a load, in a process of its own.

The process has the memory that a check needs, so that no delivery can exhaust the application. It
writes the result into the upload's folder. The rules belong in `register.feeds`.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interfaces.web.pages import NotFoundError
from interfaces.web.upload_parts import finish_received_files
from interfaces.web.uploads import (
    NO_UPLOAD,
    Upload,
    UploadError,
    UploadPart,
    find_content,
    find_folder,
    read_upload,
    refuse_confirmed,
)
from register.access import PRIVATE_FOLDER
from register.private_files import read_private, write_private
from register.settings import Settings

RESULT, LINKS = "check.json", "checked"
LOGGER = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "interfaces.command_line", "web", "upload", "check")
CHECK_SECONDS = 900
# The number of checks at the same time, and of checks that may wait.
MAX_CHECKED, MAX_WAITING = 2, 6
REJECTED = "rejected"


class UploadCheck(UploadPart):
    """The result of a check, of the files with this fingerprint. It has no value of a record.

    `page` is the result as a part of a page, and `lines` is the same as feedback.
    """

    fingerprint: str
    outcome: str
    summary: str
    notes: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    page: str


class UploadChecks:
    """Limiter of simultaneous checks, to bound memory and processor time."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MAX_CHECKED + MAX_WAITING)
        self._running = threading.BoundedSemaphore(MAX_CHECKED)

    def check_upload(self, settings: Settings, upload: Upload) -> UploadCheck:
        """Check an upload that has all its bytes, and return the result.

        Raises `UploadError` if it is not complete, if too many checks wait, or if the check fails.
        """
        refuse_confirmed(upload)
        upload = finish_received_files(settings, upload)
        if not self._places.acquire(blocking=False):
            raise UploadError(429, "Many deliveries are being checked. Try again in a minute.")
        try:
            with self._running:
                _run_check(settings, upload)
        finally:
            self._places.release()
        result = read_check(settings, upload)
        if result is None:
            raise UploadError(503, "The check failed, and nothing is lost. Try again, or tell us.")
        return result


def read_check(settings: Settings, upload: Upload) -> UploadCheck | None:
    """Return the result of the check of the files that an upload has now; None if there is none."""
    path = find_folder(settings, upload.upload_id) / RESULT
    try:
        result = UploadCheck.model_validate_json(read_private(settings.data_keys, path))
    except FileNotFoundError:
        return None
    return result if result.fingerprint == upload.fingerprint else None


def perform_check(
    settings: Settings, upload_id: str, judge: Callable[[Path, Upload], UploadCheck]
) -> None:
    """Check an upload with `judge`, which gets a folder with the files under their names."""
    upload = read_upload(settings, upload_id)
    if upload is None:
        raise NotFoundError(NO_UPLOAD)
    folder = find_folder(settings, upload_id)
    links = folder / f"{LINKS}-{secrets.token_hex(8)}"
    try:
        for file in upload.files:
            path = links / file.path
            path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            os.link(find_content(settings, upload_id, file.number), path)
        result = judge(links, upload)
    finally:
        shutil.rmtree(links, ignore_errors=True)
    content = result.model_dump_json().encode()
    write_private(settings.data_keys, folder / RESULT, content)


def _run_check(settings: Settings, upload: Upload) -> None:
    (find_folder(settings, upload.upload_id) / RESULT).unlink(missing_ok=True)
    try:
        ended = subprocess.run(
            [*COMMAND, upload.upload_id],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"REGISTER_HOME": str(settings.home)},
            timeout=CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UploadError(
            503, "The check took too long. You can confirm the delivery; a load reads it."
        ) from None
    if ended.returncode:
        # What the process printed may contain a value of a record.
        LOGGER.error("the check of an upload ended with exit code %d", ended.returncode)
