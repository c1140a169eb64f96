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

from official_statistics.documents.facts import ReleaseFacts, read_notes
from official_statistics.documents.public_files import PublicFile
from official_statistics.documents.sheets import (
    AUTHOR,
    INSTRUCTIONS,
    LANGUAGE,
    SOURCE,
    Sheet,
    build_archive_entry,
    build_sheets,
    describe_subject,
    find_creation_time,
    list_note_rows,
    write_cover,
)

CORE_PROPERTIES = "docProps/core.xml"
CORE_PROPERTIES_END = b"</cp:coreProperties>"
NUMBER_FORMATS = {0: "#,##0", 1: "#,##0.0", 2: "#,##0.00", 3: "0.000"}


def write_workbook(facts: ReleaseFacts, files: Mapping[str, PublicFile], path: Path) -> None:
    """Write the spreadsheet to `path`. The same files and facts always give the same bytes."""
    sheets = {sheet.name: _build_table(sheet) for sheet in build_sheets(facts, files)}
    with warnings.catch_warnings():
        # gptables uses calls that pandas 4 will not accept.
        warnings.simplefilter("ignore", category=pd.errors.Pandas4Warning)
        book = gptables.produce_workbook(
            str(path),
            sheets=sheets,
            cover=_build_cover(facts),
            notes_table=pd.DataFrame(
                list_note_rows(files), columns=["Note reference", "Note text"]
            ),
            notesheet_options={"table_name": "notes"},
            contentsheet_options={"table_name": "contents"},
            auto_width=True,
        )
    book.set_properties(
        {
            "title": facts.title,
            "subject": describe_subject(facts),
            "author": AUTHOR,
            "created": find_creation_time(facts),
        }
    )
    book.close()
    _set_language(facts, path)


def _build_cover(facts: ReleaseFacts) -> Any:
    cover = write_cover(facts)
    return gptables.Cover(
        cover_label="Cover",
        title=facts.title,
        intro=["Introduction", *cover.introduction],
        about=["Symbols", *cover.symbols],
        contact=["Contact", cover.contact],
    )


def _build_table(sheet: Sheet) -> Any:
    place_count = len(sheet.headings) - len(sheet.decimals)
    formats = [
        {
            "column": {
                "columns": [place_count + position],
                "format": {"num_format": NUMBER_FORMATS[dp]},
            }
        }
        for position, dp in enumerate(sheet.decimals)
    ]
    return gptables.GPTable(
        table=pd.DataFrame(sheet.rows, columns=list(sheet.headings), dtype=object),
        table_name=sheet.table_name,
        title=sheet.title + "".join(f"$${name}$$" for name in sheet.notes),
        subtitles=[sheet.years],
        instructions=INSTRUCTIONS,
        source=SOURCE,
        scope=read_notes()["scope"],
        index_columns={},
        additional_formatting=formats,
    )


def _set_language(facts: ReleaseFacts, path: Path) -> None:
    """Set the document's language, which XlsxWriter cannot do, and fix the times in the file."""
    language = f"<dc:language>{LANGUAGE}</dc:language>".encode() + CORE_PROPERTIES_END
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(partial, "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == CORE_PROPERTIES:
                content = content.replace(CORE_PROPERTIES_END, language)
            target.writestr(build_archive_entry(facts, item.filename), content)
    shutil.move(partial, path)
