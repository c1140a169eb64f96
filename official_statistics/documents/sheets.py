"""The sheets of a release's spreadsheets, in whatever form: the figures of its files, for people.

Cover, contents and notes, then one table a sheet (guidance of the Analysis Function on releasing
statistics in spreadsheets). Figures are those of the CSV files, symbols in brackets. How a sheet is
written belongs to `workbook` and `opendocument`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from official_statistics.documents.facts import ReleaseFacts
from official_statistics.documents.guidance import SYMBOLS, file_notes, notes
from official_statistics.documents.headlines import year_words
from official_statistics.documents.public_files import PublicFile, number_of, place_of

PLACE_HEADINGS = ("Year", "Level", "Area code", "Area")
SOURCE = "Source: national register of missing children"
AUTHOR = "National register of missing children"
INSTRUCTIONS = "This sheet has one table. Notes are on the notes sheet."
LANGUAGE = "en-GB"
# Files say when they were written: a draft made twice is the same bytes.
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
PROVISIONAL = "[p]"
Figure = float | int | str


@dataclass(frozen=True)
class Sheet:
    """One data file as a sheet: its name, what is said above the table, and the table.

    `notes` are references to the sheet of notes. `decimals` are those of the last columns, which
    are indicators.
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
    """What the cover says: lines of its introduction, on its symbols, and the contact."""

    introduction: tuple[str, ...]
    symbols: tuple[str, ...]
    contact: str


def sheets_of(facts: ReleaseFacts, files: Mapping[str, PublicFile]) -> Iterator[Sheet]:
    """Yield the sheet of each data file, in their order."""
    provisional = f" {PROVISIONAL}" if facts.is_provisional else ""
    for file in files.values():
        data_set = file.data_set
        yield Sheet(
            name=str(data_set.number),
            table_name=data_set.name,
            title=f"Table {data_set.number}: {data_set.title}{provisional}",
            notes=tuple(name for name, _ in _notes_of(file)),
            years=f"Reporting years, 1 April to 31 March: {', '.join(file.years)}",
            headings=(
                *PLACE_HEADINGS,
                *(one.label for one in data_set.filters),
                *(one.label for one in data_set.indicators),
            ),
            rows=tuple(_rows(facts, file)),
            decimals=tuple(one.dp for one in data_set.indicators),
        )


def cover_text(facts: ReleaseFacts) -> CoverText:
    """Return what the cover says of the release."""
    released = f"{facts.release_at:%d %B %Y, %H:%M}" if facts.release_at else "not announced yet"
    following = (
        f"{facts.next_release_at:%d %B %Y}" if facts.next_release_at else "not announced yet"
    )
    symbols = [f"[{symbol}]: {meaning}" for symbol, meaning in SYMBOLS.items()]
    if facts.provisional_reason:
        symbols.append(f"{PROVISIONAL}: provisional. {facts.provisional_reason}")
    introduction = [
        f"Figures for {year_words(facts.year)} and the years before it. Status: {facts.status}.",
        f"Released: {released}. Next release: {following}.",
        f"{SOURCE}.",
        notes()["scope"],
    ]
    if facts.is_simulated:
        introduction.insert(0, "Simulated data: no real child is in these figures.")
    return CoverText(tuple(introduction), tuple(symbols), facts.contact)


def note_rows(files: Mapping[str, PublicFile]) -> list[tuple[str, str]]:
    """Return reference and text of every note, in the order of the files."""
    return [row for file in files.values() for row in _notes_of(file)]


def subject_of(facts: ReleaseFacts) -> str:
    """Return what the spreadsheet is about, for its properties."""
    return f"Figures for {year_words(facts.year)}"


def _notes_of(file: PublicFile) -> list[tuple[str, str]]:
    return [
        (f"table {file.data_set.number} note {place}", text)
        for place, text in enumerate(file_notes(file.data_set), start=1)
    ]


def _rows(facts: ReleaseFacts, file: PublicFile) -> Iterator[tuple[Figure, ...]]:
    data_set = file.data_set
    for row in file.rows:
        is_new = facts.is_provisional and row["time_period"] == str(facts.year)
        yield (
            f"{row['time_period']} {PROVISIONAL}" if is_new else int(row["time_period"]),
            row["geographic_level"],
            *place_of(row),
            *(row[one.name] for one in data_set.filters),
            *(_figure(row[one.name]) for one in data_set.indicators),
        )


def _figure(text: str) -> Figure:
    number = number_of(text)
    if number is None:
        return f"[{text}]"
    return int(number) if "." not in text else number
