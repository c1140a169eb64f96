"""The accessible spreadsheet of a release as an Excel workbook, written by gptables."""

from __future__ import annotations

import shutil
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gptables
import pandas as pd

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.guidance import notes
from official_statistics.documents.public_files import PublicFile
from official_statistics.documents.sheets import (
    AUTHOR,
    INSTRUCTIONS,
    LANGUAGE,
    MADE_AT,
    SOURCE,
    ZIP_DATE,
    Sheet,
    cover_text,
    note_rows,
    sheets_of,
    subject_of,
)

CORE = "docProps/core.xml"
CORE_END = b"</cp:coreProperties>"
NUMBER_FORMATS = {0: "#,##0", 1: "#,##0.0", 3: "0.000"}


def write_workbook(facts: ReleaseFacts, files: Mapping[str, PublicFile], path: Path) -> None:
    """Write the spreadsheet to `path`. The same files and facts give the same bytes."""
    sheets = {sheet.name: _table(sheet) for sheet in sheets_of(facts, files)}
    with warnings.catch_warnings():
        # gptables calls pandas in ways that a later pandas will not take.
        warnings.simplefilter("ignore", category=pd.errors.Pandas4Warning)
        book = gptables.produce_workbook(
            str(path),
            sheets=sheets,
            cover=_cover(facts),
            notes_table=pd.DataFrame(note_rows(files), columns=["Note reference", "Note text"]),
            notesheet_options={"table_name": "notes"},
            contentsheet_options={"table_name": "contents"},
            auto_width=True,
        )
    book.set_properties(
        {
            "title": facts.title,
            "subject": subject_of(facts),
            "author": AUTHOR,
            "created": MADE_AT,
        }
    )
    book.close()
    _set_language(path)


def _cover(facts: ReleaseFacts) -> Any:
    said = cover_text(facts)
    return gptables.Cover(
        cover_label="Cover",
        title=facts.title,
        intro=["Introduction", *said.introduction],
        about=["Symbols", *said.symbols],
        contact=["Contact", said.contact],
    )


def _table(sheet: Sheet) -> Any:
    first = len(sheet.headings) - len(sheet.decimals)
    formats = [
        {"column": {"columns": [first + place], "format": {"num_format": NUMBER_FORMATS[dp]}}}
        for place, dp in enumerate(sheet.decimals)
    ]
    return gptables.GPTable(
        table=pd.DataFrame(sheet.rows, columns=list(sheet.headings), dtype=object),
        table_name=sheet.table_name,
        title=sheet.title + "".join(f"$${name}$$" for name in sheet.notes),
        subtitles=[sheet.years],
        instructions=INSTRUCTIONS,
        source=SOURCE,
        scope=notes()["scope"],
        index_columns={},
        additional_formatting=formats,
    )


def _set_language(path: Path) -> None:
    """Name the language of the document, which XlsxWriter cannot, and fix the times inside."""
    named = f"<dc:language>{LANGUAGE}</dc:language>".encode() + CORE_END
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(partial, "w") as written:
        for item in read.infolist():
            content = read.read(item)
            if item.filename == CORE:
                content = content.replace(CORE_END, named)
            entry = zipfile.ZipInfo(item.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    shutil.move(partial, path)
