"""The documents of a release for readers: spreadsheets, guidance, quality report and web pages.

Documents are written from the public data files and from facts that are not figures about children.
Counting, protection and the workflow of a release are in dbt, `protection`, `production` and
`releases`.
"""

from __future__ import annotations

import re
from pathlib import Path

from official_statistics.documents.facts import (
    Confidentiality,
    DepartmentFigure,
    HiddenCells,
    QualityFacts,
    RecordingBreak,
    ReleaseFacts,
    read_quality_facts,
)
from official_statistics.documents.headlines import read_sentences, write_headlines
from official_statistics.documents.opendocument import write_opendocument
from official_statistics.documents.public_files import (
    PublicFile,
    PublicFileError,
    format_count,
    parse_number,
    read_public_files,
)
from official_statistics.documents.quality_page import summarise_quality
from official_statistics.documents.release_charts import draw_charts
from official_statistics.documents.release_texts import render_texts
from official_statistics.documents.release_workbook import write_workbook

__all__ = [
    "Confidentiality",
    "DepartmentFigure",
    "HiddenCells",
    "PublicFile",
    "PublicFileError",
    "QualityFacts",
    "RecordingBreak",
    "ReleaseFacts",
    "draw_charts",
    "find_document_problems",
    "format_count",
    "parse_number",
    "read_public_files",
    "read_quality_facts",
    "read_sentences",
    "summarise_quality",
    "write_documents",
    "write_headlines",
]

# Functions that write the same figures in two formats, by suffix.
SPREADSHEETS = {".xlsx": write_workbook, ".ods": write_opendocument}
LINK = re.compile(r'(?:href|src)="([^"]*)"')
OUTSIDE = re.compile(r"^(?:[a-z]+:)?//|^(?:https?|ftp|data):", re.IGNORECASE)
SCRIPT = re.compile(r"<script|@import|url\(", re.IGNORECASE)


def write_documents(
    facts: ReleaseFacts, quality: QualityFacts, confidentiality: Confidentiality, public: Path
) -> list[Path]:
    """Write all documents of a release beside its data files, and return their paths.

    The same input gives the same bytes. First write `data/`, `ties.yaml`, `revisions.csv` and
    `pre_release_access.csv`, because the page links to those of these files that exist. Raises
    `PublicFileError` if a data file is missing.
    """
    files = read_public_files(public)
    texts = render_texts(facts, quality, confidentiality, files, public)
    for name, text in texts.items():
        (public / name).write_text(text, encoding="utf-8", newline="\n")
    spreadsheets = {f"{facts.publication}{ending}": write for ending, write in SPREADSHEETS.items()}
    for name, write_spreadsheet in spreadsheets.items():
        write_spreadsheet(facts, files, public / name)
    return [public / name for name in (*texts, *spreadsheets)]


def find_document_problems(
    facts: ReleaseFacts, quality: QualityFacts, confidentiality: Confidentiality, public: Path
) -> list[str]:
    """Return the faults of a release's documents.

    A text must agree with the data files and facts. Each link must lead to a file of the release. A
    page must not load anything from outside or need a script.
    """
    problems = []
    files = read_public_files(public)
    for name, text in render_texts(facts, quality, confidentiality, files, public).items():
        path = public / name
        if not path.exists():
            problems.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} does not say what the data files say")
    for path in sorted(public.glob("*.html")):
        problems += _find_page_problems(path)
    for ending in SPREADSHEETS:
        if not (public / f"{facts.publication}{ending}").exists():
            problems.append(f"{facts.publication}{ending} is missing")
    return problems


def _find_page_problems(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    problems = []
    if SCRIPT.search(text):
        problems.append(f"{path.name} has a script, or loads a resource")
    for target in dict.fromkeys(LINK.findall(text)):
        if OUTSIDE.match(target):
            problems.append(f"{path.name} links to something outside the release")
        elif target.startswith("#"):
            if f'id="{target[1:]}"' not in text:
                problems.append(f"{path.name} has a link to {target}, which is not there")
        elif not target.startswith("mailto:") and not (path.parent / target).exists():
            problems.append(f"{path.name} links to {target}, which is not there")
    return problems
