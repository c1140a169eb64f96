"""The accessible spreadsheet of a release: the figures of its data files, for people.

Cover, contents and notes, then one table a sheet (guidance of the Analysis Function on releasing
statistics in spreadsheets). Figures are those of the CSV files, symbols in brackets.
"""

from __future__ import annotations

import shutil
import warnings
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gptables
import pandas as pd

from register.statistics.documents.facts import ReleaseFacts
from register.statistics.documents.guidance import SYMBOLS, file_notes, notes
from register.statistics.documents.headlines import year_words
from register.statistics.documents.public_files import PublicFile, number_of, place_of

PLACE_HEADINGS = ("Year", "Level", "Area code", "Area")
SOURCE = "Source: national register of missing children"
# XlsxWriter stamps the file with the time of writing: a draft made twice is the same bytes.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
CORE_END = b"</cp:coreProperties>"
LANGUAGE = b"<dc:language>en-GB</dc:language>"
NUMBER_FORMATS = {0: "#,##0", 1: "#,##0.0", 3: "0.000"}
PROVISIONAL = "[p]"


def write_workbook(facts: ReleaseFacts, files: Mapping[str, PublicFile], path: Path) -> None:
    """Write the spreadsheet to `path`. The same files and facts give the same bytes."""
    sheets = {str(file.data_set.number): _sheet(facts, file) for file in files.values()}
    with warnings.catch_warnings():
        # gptables calls pandas in ways that a later pandas will not take.
        warnings.simplefilter("ignore", category=pd.errors.Pandas4Warning)
        book = gptables.produce_workbook(
            str(path),
            sheets=sheets,
            cover=_cover(facts),
            notes_table=_notes(files),
            notesheet_options={"table_name": "notes"},
            contentsheet_options={"table_name": "contents"},
            auto_width=True,
        )
    book.set_properties(
        {
            "title": facts.title,
            "subject": f"Figures for {year_words(facts.year)}",
            "author": "National register of missing children",
            "created": MADE_AT,
        }
    )
    book.close()
    _set_language(path)


def _cover(facts: ReleaseFacts) -> Any:
    released = f"{facts.release_at:%d %B %Y, %H:%M}" if facts.release_at else "not announced yet"
    following = (
        f"{facts.next_release_at:%d %B %Y}" if facts.next_release_at else "not announced yet"
    )
    about = [f"[{symbol}]: {meaning}" for symbol, meaning in SYMBOLS.items()]
    if facts.provisional_reason:
        about.append(f"{PROVISIONAL}: provisional. {facts.provisional_reason}")
    intro = [
        f"Figures for {year_words(facts.year)} and the years before it. Status: {facts.status}.",
        f"Released: {released}. Next release: {following}.",
        f"{SOURCE}.",
        notes()["scope"],
    ]
    if facts.is_simulated:
        intro.insert(0, "Simulated data: no real child is in these figures.")
    return gptables.Cover(
        cover_label="Cover",
        title=facts.title,
        intro=["Introduction", *intro],
        about=["Symbols", *about],
        contact=["Contact", facts.contact],
    )


def _notes(files: Mapping[str, PublicFile]) -> pd.DataFrame:
    rows = [
        (_note_name(file, place), text)
        for file in files.values()
        for place, text in enumerate(file_notes(file.data_set), start=1)
    ]
    return pd.DataFrame(rows, columns=["Note reference", "Note text"])


def _note_name(file: PublicFile, place: int) -> str:
    return f"table {file.data_set.number} note {place}"


def _sheet(facts: ReleaseFacts, file: PublicFile) -> Any:
    data_set = file.data_set
    provisional = f" {PROVISIONAL}" if facts.is_provisional else ""
    references = "".join(
        f"$${_note_name(file, place)}$$" for place, _ in enumerate(file_notes(data_set), start=1)
    )
    indicators = len(data_set.indicators)
    first = len(PLACE_HEADINGS) + len(data_set.filters)
    formats = [
        {
            "column": {
                "columns": [first + place],
                "format": {"num_format": NUMBER_FORMATS[data_set.indicators[place].dp]},
            }
        }
        for place in range(indicators)
    ]
    return gptables.GPTable(
        table=_table(facts, file),
        table_name=data_set.name,
        title=f"Table {data_set.number}: {data_set.title}{provisional}{references}",
        subtitles=[f"Reporting years, 1 April to 31 March: {', '.join(file.years)}"],
        instructions="This sheet has one table. Notes are on the notes sheet.",
        source=SOURCE,
        scope=notes()["scope"],
        index_columns={},
        additional_formatting=formats,
    )


def _table(facts: ReleaseFacts, file: PublicFile) -> pd.DataFrame:
    data_set = file.data_set
    rows = []
    for row in file.rows:
        code, name = place_of(row)
        is_new = facts.is_provisional and row["time_period"] == str(facts.year)
        year = f"{row['time_period']} {PROVISIONAL}" if is_new else int(row["time_period"])
        rows.append(
            [
                year,
                row["geographic_level"],
                code,
                name,
                *(row[one.name] for one in data_set.filters),
                *(_figure(row[one.name]) for one in data_set.indicators),
            ]
        )
    labels = [
        *(one.label for one in data_set.filters),
        *(one.label for one in data_set.indicators),
    ]
    return pd.DataFrame(rows, columns=[*PLACE_HEADINGS, *labels], dtype=object)


def _figure(text: str) -> float | int | str:
    number = number_of(text)
    if number is None:
        return f"[{text}]"
    return int(number) if "." not in text else number


def _set_language(path: Path) -> None:
    """Name the language of the document, which XlsxWriter cannot, and fix the times inside."""
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(partial, "w") as written:
        for item in read.infolist():
            content = read.read(item)
            if item.filename == CORE:
                content = content.replace(
                    b"</cp:coreProperties>", LANGUAGE + b"</cp:coreProperties>"
                )
            entry = zipfile.ZipInfo(item.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, content)
    shutil.move(partial, path)
