"""Files of an HTML form, received into the folder of their upload.

Files never pass through a folder outside the home. python-multipart parses the form.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from interfaces.web.upload_parts import finish_file
from interfaces.web.uploads import (
    DeclaredFile,
    Upload,
    UploadError,
    declare_files,
    find_content,
    find_folder,
)
from register.access import PRIVATE_FOLDER
from register.settings import Settings

MULTIPART = "multipart/form-data"
# The field whose files have the name of the chosen folder at the beginning of their paths.
FOLDER_FIELD = "folder"
# What a form has besides the files: boundaries, names and the token.
FORM_BYTES = 1 << 20
MAX_FIELDS = 10_000


@dataclass
class ReceivedForm:
    """A form that is being received: its fields, and its files in a folder of their own."""

    folder: Path
    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, Path, int]] = field(default_factory=list)

    def add_field(self, part: Any) -> None:
        """Note a field."""
        name = (part.field_name or b"").decode("utf-8", "replace")
        self.fields[name] = (part.value or b"").decode("utf-8", "replace")

    def add_file(self, part: Any) -> None:
        """Note a file. A browser sends a file without a name if nobody chose one."""
        part.flush_to_disk()
        part.close()
        name = (part.file_name or b"").decode("utf-8", "replace").replace("\\", "/")
        if part.field_name == FOLDER_FIELD.encode() and "/" in name:
            name = name.partition("/")[2]
        if name:
            self.files.append((name, Path(part.actual_file_name.decode()), part.size))


async def receive_form(request: Request, settings: Settings, upload: Upload) -> ReceivedForm:
    """Receive a form with files. The caller removes its folder.

    Raises `UploadError` if it is too large or is cut.
    """
    limit = settings.limits.delivery_bytes + FORM_BYTES
    too_large = UploadError(
        413, f"A delivery may have at most {settings.limits.delivery_megabytes:g} MB."
    )
    if int(request.headers.get("content-length") or 0) > limit:
        raise too_large
    folder = find_folder(settings, upload.upload_id) / f"received-{secrets.token_hex(8)}"
    folder.mkdir(mode=PRIVATE_FOLDER)
    form = ReceivedForm(folder)
    _, options = parse_options_header(request.headers.get("content-type"))
    size = 0
    try:
        parser = FormParser(
            MULTIPART,
            form.add_field,
            form.add_file,
            boundary=options.get(b"boundary", b""),
            config={
                "UPLOAD_DIR": str(folder),
                "UPLOAD_DELETE_TMP": False,
                "MAX_MEMORY_FILE_SIZE": 0,
                "MAX_FIELDS": MAX_FIELDS,
                "MAX_FIELD_SIZE": FORM_BYTES,
            },
        )
        async for block in request.stream():
            size += len(block)
            if size > limit:
                raise too_large
            await run_in_threadpool(parser.write, block)
        await run_in_threadpool(parser.finalize)
    except (FormParserError, ClientDisconnect):
        remove_form(form)
        raise UploadError(400, "The form was cut: send the files again.") from None
    except UploadError:
        remove_form(form)
        raise
    return form


def remove_form(form: ReceivedForm) -> None:
    """Remove what a form brought and no upload took."""
    shutil.rmtree(form.folder, ignore_errors=True)


def add_form_files(settings: Settings, upload: Upload, form: ReceivedForm) -> Upload:
    """Add the files of a form to an upload, and complete each."""
    if not form.files:
        raise UploadError(400, "Choose a file or a folder first.")
    # A name that was sent twice counts once: the last file.
    files = {name: (path, size) for name, path, size in form.files}
    for name, (path, size) in files.items():
        # Each form has a stamp of its own, so its files replace earlier ones of the same name.
        declared = DeclaredFile(name, size, stamp=form.folder.name)
        upload = declare_files(settings, upload, [declared])
        number = next(file.number for file in upload.files if file.path == name)
        path.rename(find_content(settings, upload.upload_id, number))
        upload = finish_file(settings, upload, number)
    return upload
