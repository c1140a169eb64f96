"""The outbox: what each supplier is to be told. It names records by the supplier's own ids."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Form, Looking, Staff, note_view
from interfaces.web.csv_answers import file_answer
from interfaces.web.pages import NotHereError, settings_of, show
from register.settings import Settings

router = APIRouter()
MOST_SHOWN = 200


@dataclass(frozen=True)
class OutboxFile:
    """One file for a supplier; its name is the generation that found what it says."""

    supplier_code: str
    file_name: str
    path: Path

    @property
    def generation_id(self) -> str:
        """The generation that found what the file says."""
        return self.path.stem


@router.get("/outbox")
def outbox(request: Request, visitor: Staff) -> Response:
    """The files for each supplier, the latest first."""
    return show(request, "outbox.html", visitor, files=outbox_files(settings_of(request)))


@router.get("/outbox/{supplier_code}/{file_name}")
def outbox_page(request: Request, visitor: Looking, supplier_code: str, file_name: str) -> Response:
    """What a supplier is told, as a table."""
    found = _file(settings_of(request), supplier_code, file_name)
    header, *rows = csv.reader(io.StringIO(_read(request, visitor, found, "outbox")))
    return show(
        request,
        "outbox_file.html",
        visitor,
        file=found,
        header=header,
        rows=rows[:MOST_SHOWN],
        count=len(rows),
    )


@router.post("/outbox/{supplier_code}/{file_name}/export")
def outbox_export(
    request: Request, visitor: Looking, form: Form, supplier_code: str, file_name: str
) -> Response:
    """The file itself, to be sent to its supplier alone."""
    found = _file(settings_of(request), supplier_code, file_name)
    text = _read(request, visitor, found, "outbox_export")
    return file_answer(f"{supplier_code}-{file_name}", text)


def outbox_files(settings: Settings) -> list[OutboxFile]:
    """Every file of the outbox, the latest generation first, then by supplier."""
    found = [
        OutboxFile(path.parent.name, path.name, path)
        for path in settings.outbox.glob("[!.]*/*.csv")
    ]
    return sorted(found, key=lambda each: (each.file_name, each.supplier_code), reverse=True)


def _file(settings: Settings, supplier_code: str, file_name: str) -> OutboxFile:
    """The file of these names among those that are there: no path is made of what was asked."""
    for each in outbox_files(settings):
        if (each.supplier_code, each.file_name) == (supplier_code, file_name):
            return each
    raise NotHereError("The outbox has no such file.")


def _read(request: Request, visitor: Looking, found: OutboxFile, what: str) -> str:
    keys = keys_of([found.supplier_code, found.file_name])
    note_view(request, visitor, what, found.generation_id, keys)
    return found.path.read_text(encoding="utf-8")
