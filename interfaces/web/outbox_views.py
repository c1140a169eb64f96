"""The pages of the outbox: feedback for suppliers, which names records by the supplier's ids."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import (
    Form,
    SeesNames,
    SeesNamesWithPurpose,
    list_view_keys,
    record_view,
)
from interfaces.web.csv_responses import build_file_response
from interfaces.web.pages import NotFoundError, Visitor, get_settings, render_page
from register.settings import Settings

router = APIRouter()
MAX_SHOWN = 200


@dataclass(frozen=True)
class OutboxFile:
    """One file for a supplier, identified by the generation that wrote it."""

    supplier_code: str
    file_name: str
    path: Path

    @property
    def generation_id(self) -> str:
        """The generation that made the file."""
        return self.path.stem


@router.get("/outbox")
def show_outbox(request: Request, visitor: SeesNames) -> Response:
    """Show the files for each supplier, the latest first."""
    return render_page(
        request, "outbox.html", visitor, files=list_outbox_files(get_settings(request), visitor)
    )


@router.get("/outbox/{supplier_code}/{file_name}")
def show_outbox_file(
    request: Request, visitor: SeesNamesWithPurpose, supplier_code: str, file_name: str
) -> Response:
    """Show the feedback for a supplier as a table."""
    file = _find_file(get_settings(request), visitor, supplier_code, file_name)
    header, *rows = csv.reader(io.StringIO(_read_file(request, visitor, file, "outbox")))
    return render_page(
        request,
        "outbox_file.html",
        visitor,
        file=file,
        header=header,
        rows=rows[:MAX_SHOWN],
        count=len(rows),
    )


@router.post("/outbox/{supplier_code}/{file_name}/export")
def export_outbox_file(
    request: Request, visitor: SeesNamesWithPurpose, form: Form, supplier_code: str, file_name: str
) -> Response:
    """Export the feedback file of a supplier, to be sent only to that supplier."""
    file = _find_file(get_settings(request), visitor, supplier_code, file_name)
    text = _read_file(request, visitor, file, "outbox_export")
    return build_file_response(f"{supplier_code}-{file_name}", text)


def list_outbox_files(settings: Settings, visitor: Visitor) -> list[OutboxFile]:
    """List the files for suppliers whose records the visitor may see, the latest generation first.

    Files of one generation are in descending order of supplier.
    """
    files = [
        OutboxFile(path.parent.name, path.name, path)
        for path in settings.outbox.glob("[!.]*/*.csv")
        if visitor.access.sees_area("identity", path.parent.name)
    ]
    return sorted(files, key=lambda each: (each.file_name, each.supplier_code), reverse=True)


def _find_file(
    settings: Settings, visitor: Visitor, supplier_code: str, file_name: str
) -> OutboxFile:
    """Find a file in the list of the outbox. No path is built from the request, for safety."""
    for each in list_outbox_files(settings, visitor):
        if (each.supplier_code, each.file_name) == (supplier_code, file_name):
            return each
    raise NotFoundError("The outbox has no such file.")


def _read_file(request: Request, visitor: SeesNamesWithPurpose, file: OutboxFile, what: str) -> str:
    keys = list_view_keys([file.supplier_code, file.file_name])
    record_view(request, visitor, what, file.generation_id, keys)
    return file.path.read_text(encoding="utf-8")
