"""The sheets of a release's spreadsheets: cover, contents, notes, and one for each data file.

They follow the Analysis Function's guidance on releasing statistics in spreadsheets. Their figures
are those in the CSV files, with symbols in brackets. `release_workbook` and `opendocument` write
the sheets.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from official_statistics.documents.facts import ReleaseFacts, list_notes, read_notes
from official_statistics.documents.public_files import PublicFile, parse_number, read_place
from official_statistics.public_figures import SYMBOLS

PLACE_HEADINGS = ("Year", "Level", "Area code", "Area")
AUTHOR = "National register of missing children"
SOURCE = f"Source: {AUTHOR}"
INSTRUCTIONS = "This sheet has one table. Notes are on the notes sheet."
LANGUAGE = "en-GB"
PROVISIONAL = "[p]"
Figure = float | int | str


@dataclass(frozen=True)
class Sheet:
    """One data file as a sheet: its name, the lines above its table, and the table.

    `notes` are references to the notes sheet. `decimals` are the numbers of decimals of the last
    columns, which are the indicators.
    """

    name: str
    table_name: str
    title: str
    notes: tuple[str, ...]
    years: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Figure, ...], ...]
    decimals: tuple[int, ...]


@dataclass(frozen=True)
class CoverText:
    """The texts of the cover: introduction, symbols and contact."""

    introduction: tuple[str, ...]
    symbols: tuple[str, ...]
    contact: str


def build_sheets(facts: ReleaseFacts, files: Mapping[str, PublicFile]) -> Iterator[Sheet]:
    """Yield a sheet for each data file, in order."""
    provisional = f" {PROVISIONAL}" if facts.is_provisional else ""
    for file in files.values():
        data_set = file.data_set
        yield Sheet(
            name=str(data_set.number),
            table_name=data_set.name,
            title=f"Table {data_set.number}: {data_set.title}{provisional}",
            notes=tuple(name for name, _ in _list_file_notes(file)),
            years=f"Reporting years, 1 April to 31 March: {', '.join(file.years)}",
            headings=(*PLACE_HEADINGS, *(column.label for column in data_set.columns)),
            rows=tuple(_build_rows(facts, file)),
            decimals=tuple(indicator.dp for indicator in data_set.indicators),
        )


def write_cover(facts: ReleaseFacts) -> CoverText:
    """Return the texts of the cover."""
    symbols = [f"[{symbol}]: {meaning}" for symbol, meaning in SYMBOLS.items()]
    if facts.provisional_reason:
        symbols.append(f"{PROVISIONAL}: provisional. {facts.provisional_reason}")
    introduction = [
        f"{describe_subject(facts)} and the years before it. Status: {facts.status}.",
        f"Released: {facts.released_in_words}. Next release: {facts.next_release_in_words}.",
        f"{SOURCE}.",
        read_notes()["scope"],
    ]
    if facts.is_simulated:
        introduction.insert(0, "Simulated data: no real child is in these figures.")
    return CoverText(tuple(introduction), tuple(symbols), facts.contact)


def list_note_rows(files: Mapping[str, PublicFile]) -> list[tuple[str, str]]:
    """Return the reference and text of every note, in the order of the files."""
    return [row for file in files.values() for row in _list_file_notes(file)]


def find_creation_time(facts: ReleaseFacts) -> datetime:
    """Return the time (UTC) that a spreadsheet names as its creation: that of the release.

    It does not depend on the time of drafting, so drafting twice gives the same bytes. Before the
    release is announced, it is the end of the reporting year.
    """
    return (facts.release_at or datetime(facts.year, 3, 31, tzinfo=UTC)).astimezone(UTC)


def build_archive_entry(facts: ReleaseFacts, name: str) -> zipfile.ZipInfo:
    """Return the entry of a part in the ZIP file of a spreadsheet, with its time of creation."""
    entry = zipfile.ZipInfo(name, find_creation_time(facts).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def describe_subject(facts: ReleaseFacts) -> str:
    """Return the subject for the document properties of the spreadsheet."""
    return f"Figures for {facts.year_in_words}"


def _list_file_notes(file: PublicFile) -> list[tuple[str, str]]:
    return [
        (f"table {file.data_set.number} note {number}", text)
        for number, text in enumerate(list_notes(file.data_set), start=1)
    ]


def _build_rows(facts: ReleaseFacts, file: PublicFile) -> Iterator[tuple[Figure, ...]]:
    data_set = file.data_set
    for row in file.rows:
        year = row["time_period"]
        is_provisional = facts.is_provisional and year == str(facts.year)
        yield (
            f"{year} {PROVISIONAL}" if is_provisional else int(year),
            row["geographic_level"],
            *read_place(row),
            *(row[part.name] for part in data_set.filters),
            *(_convert_figure(row[indicator.name]) for indicator in data_set.indicators),
        )


def _convert_figure(text: str) -> Figure:
    number = parse_number(text)
    if number is None:
        return f"[{text}]"
    return int(number) if "." not in text else number
