"""Confirming uploads, and landing them at once in a process of its own.

The process outlives the application, and lands one upload after the other. It has a lock for as
long as it lives. If it is killed, the next look at the upload starts another; in any case the next
load reads the inbox.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from contextlib import suppress
from typing import Literal

from interfaces.web.application_files import prepare_file_path
from interfaces.web.upload_parts import finish_received_files, refuse_changed_files
from interfaces.web.uploads import (
    Upload,
    UploadError,
    confirm_once,
    find_content,
    list_uploads,
    mark_confirmed,
    note_confirmed,
)
from register.access_record import Entry, record_access
from register.feeds import (
    LandingFailedError,
    find_landed_delivery,
    is_landing_locked,
    land_everything,
    open_inbox,
)
from register.settings import Settings
from register.storage_settings import InboxUnreachableError

LOCK_FILE = ".upload_landing.lock"
COMMAND = (sys.executable, "-m", "interfaces.command_line", "web", "upload", "land")
# How often a process tries to land an upload. Afterwards, only loads do.
MAX_TRIES = 3
POLL_SECONDS = 0.5
Progress = Literal["open", "landing", "waits_for_load", "next_load", "landed"]


def confirm_upload(settings: Settings, upload: Upload) -> Upload:
    """Put a complete upload into the inbox, and start landing it. A second time does nothing.

    If a process is killed in between, the upload is not confirmed; confirming again delivers the
    same files again, which landing recognises. Raises `UploadError` if a file has changed, or if
    the inbox does not answer.
    """
    if upload.state == "open":
        finish_received_files(settings, upload)
    with confirm_once(settings, upload.upload_id) as current:
        confirmed = current if current.state == "confirmed" else _deliver(settings, current)
    start_landing(settings)
    return confirmed


def _deliver(settings: Settings, upload: Upload) -> Upload:
    refuse_changed_files(settings, upload)
    record_access(settings, Entry("upload", "confirmed", keys=(upload.supplier_code,)))
    files = {
        file.path: find_content(settings, upload.upload_id, file.number) for file in upload.files
    }
    inbox = open_inbox(settings)
    try:
        place = inbox.deliver(upload.feed, upload.supplier_code, upload.period, files)
    except InboxUnreachableError:
        text = "The register's storage does not answer. Your files are safe: confirm again later."
        raise UploadError(503, text) from None
    return mark_confirmed(settings, upload, place)


def follow_landing(settings: Settings, upload: Upload) -> tuple[Upload, Progress]:
    """Return an upload with how far it is, and start landing again if a process was killed."""
    if upload.state == "open":
        return upload, "open"
    if not upload.delivery_id:
        delivery_id = find_landed_delivery(settings, upload.place)
        if delivery_id is not None:
            upload = note_confirmed(settings, upload.upload_id, delivery_id=delivery_id)
    if upload.delivery_id:
        return upload, "landed"
    if upload.landing_tries >= MAX_TRIES:
        return upload, "next_load"
    start_landing(settings)
    is_waiting = upload.landing_tries == 0 and is_landing_locked(settings)
    return upload, "waits_for_load" if is_waiting else "landing"


def perform_landing(settings: Settings) -> None:
    """Land each confirmed upload, as soon as no load is landing deliveries."""
    while pending := _list_pending(settings):
        for upload in pending:
            while is_landing_locked(settings):
                time.sleep(POLL_SECONDS)
            note_confirmed(settings, upload.upload_id, landing_tries=upload.landing_tries + 1)
            place = f"{upload.feed}/{upload.supplier_code}/{upload.period}"
            # A delivery that could not be landed stays in the inbox for the next load. That load
            # names it, or says that the inbox does not answer.
            with suppress(LandingFailedError, InboxUnreachableError):
                land_everything(settings, only=place)
            delivery_id = find_landed_delivery(settings, upload.place)
            if delivery_id is not None:
                note_confirmed(settings, upload.upload_id, delivery_id=delivery_id)


def _list_pending(settings: Settings) -> list[Upload]:
    return [
        upload
        for upload in reversed(list_uploads(settings))
        if upload.state == "confirmed"
        and not upload.delivery_id
        and upload.landing_tries < MAX_TRIES
    ]


def start_landing(settings: Settings) -> bool:
    """Start a process that lands confirmed uploads; return False if one is running."""
    with prepare_file_path(settings, LOCK_FILE).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # The process inherits the lock.
        subprocess.Popen(
            COMMAND,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
            env=os.environ | {"REGISTER_HOME": str(settings.home)},
        )
    return True
