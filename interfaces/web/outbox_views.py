"""The pages of the outbox: feedback and lists of absences, with the references of each supplier."""

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
from register.feeds import ABSENCE_LIST
from register.private_files import read_private
from register.settings import Settings

router = APIRouter()
MAX_SHOWN = 200


@dataclass(frozen=True)
class OutboxFile:
    """One file for a supplier: feedback, or its present list of absences to compare."""

    supplier_code: str
    file_name: str
    path: Path

    @property
    def is_absence_list(self) -> bool:
        """Whether the file is the list of absences, which each load replaces."""
        return self.file_name == ABSENCE_LIST

    @property
    def generation_id(self) -> str:
        """The generation that made the feedback; empty for the list of absences."""
        return "" if self.is_absence_list else self.path.stem


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
    """Show feedback or the list of absences of a supplier as a table."""
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
    """Export a file for a supplier, to be sent only to that supplier."""
    file = _find_file(get_settings(request), visitor, supplier_code, file_name)
    text = _read_file(request, visitor, file, "outbox_export")
    return build_file_response(f"{supplier_code}-{file_name}", text)


def list_outbox_files(settings: Settings, visitor: Visitor) -> list[OutboxFile]:
    """List the files for suppliers whose records the visitor may see, the latest generation first.

    Lists of absences come before feedback. Otherwise, files are in descending order of supplier.
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
    return read_private(get_settings(request).data_keys, file.path).decode()
