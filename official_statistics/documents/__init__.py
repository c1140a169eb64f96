"""The documents of a release for readers: spreadsheets, guidance, quality report and web pages.

Documents are written from the public data files and from facts that are not figures about children.
Counting, protection and the workflow of a release are in dbt, `protection`, `production` and
`releases`.
"""

from __future__ import annotations

from pathlib import Path

from official_statistics.documents.facts import (
    Confidentiality,
    DepartmentFigure,
    HiddenCells,
    QualityFacts,
    RecordingBreak,
    ReleaseFacts,
    list_notes,
    read_quality_facts,
    read_scope,
)
from official_statistics.documents.headlines import read_sentences, write_headlines
from official_statistics.documents.opendocument import write_opendocument
from official_statistics.documents.page_links import find_page_problems
from official_statistics.documents.public_files import (
    PublicFile,
    PublicFileError,
    format_count,
    parse_number,
    read_public_files,
)
from official_statistics.documents.quality_page import summarise_quality
from official_statistics.documents.release_charts import draw_charts
from official_statistics.documents.release_pages import LICENCE, Inputs, render_template
from official_statistics.documents.release_texts import render_pages
from official_statistics.documents.release_workbook import write_workbook
from official_statistics.documents.sheets import build_archive_entry

__all__ = [
    "LICENCE",
    "Confidentiality",
    "DepartmentFigure",
    "HiddenCells",
    "PublicFile",
    "PublicFileError",
    "QualityFacts",
    "RecordingBreak",
    "ReleaseFacts",
    "build_archive_entry",
    "draw_charts",
    "find_document_problems",
    "format_count",
    "list_notes",
    "parse_number",
    "read_public_files",
    "read_quality_facts",
    "read_scope",
    "read_sentences",
    "render_template",
    "summarise_quality",
    "write_documents",
    "write_headlines",
]

# Functions that write the same figures in two formats, by suffix.
SPREADSHEETS = {".xlsx": write_workbook, ".ods": write_opendocument}


def write_documents(
    facts: ReleaseFacts, quality: QualityFacts, confidentiality: Confidentiality, public: Path
) -> list[Path]:
    """Write all documents of a release beside its data files, and return their paths.

    The same input gives the same bytes. First write all other files, because the page lists them.
    Raises `PublicFileError` if a data file is missing.
    """
    files = read_public_files(public)
    written = []
    for ending, write_spreadsheet in SPREADSHEETS.items():
        written.append(public / f"{facts.publication}{ending}")
        write_spreadsheet(facts, files, written[-1])
    inputs = Inputs(facts, quality, confidentiality, files, public)
    for name, text in render_pages(inputs):
        written.append(public / name)
        written[-1].parent.mkdir(exist_ok=True)
        written[-1].write_text(text, encoding="utf-8", newline="\n")
    return written


def find_document_problems(
    facts: ReleaseFacts, quality: QualityFacts, confidentiality: Confidentiality, public: Path
) -> list[str]:
    """Return the faults of a release's documents.

    A page must agree with the data files and facts. Each link must lead to a file of the release. A
    page must not load anything from outside or need a script.
    """
    problems = []
    inputs = Inputs(facts, quality, confidentiality, read_public_files(public), public)
    for name, text in render_pages(inputs):
        path = public / name
        if not path.exists():
            problems.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} does not say what the data files say")
    problems += find_page_problems(public)
    for ending in SPREADSHEETS:
        if not (public / f"{facts.publication}{ending}").exists():
            problems.append(f"{facts.publication}{ending} is missing")
    return problems
