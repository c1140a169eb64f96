"""The documents of a release for people: spreadsheets, guidance, quality, pages.

The door is `write_documents`, and `document_problems` for the check. A document is written from the
public data files and from facts that are no figures of children, so it can be written again from
them. Counting, protection and the workflow of a release do not belong here.
"""

from __future__ import annotations

import re
from pathlib import Path

from official_statistics.documents.confidentiality import confidentiality_text
from official_statistics.documents.facts import (
    Confidentiality,
    DepartmentFigure,
    HiddenCells,
    QualityFacts,
    RecordingBreak,
    ReleaseFacts,
    read_quality_facts,
)
from official_statistics.documents.guidance import guidance_text
from official_statistics.documents.headlines import headlines
from official_statistics.documents.opendocument import write_opendocument
from official_statistics.documents.public_files import PublicFileError, read_public_files
from official_statistics.documents.quality_page import quality_text
from official_statistics.documents.release_pages import index_html, reconciliation_html
from official_statistics.documents.release_workbook import write_workbook

__all__ = [
    "Confidentiality",
    "DepartmentFigure",
    "HiddenCells",
    "PublicFileError",
    "QualityFacts",
    "RecordingBreak",
    "ReleaseFacts",
    "document_problems",
    "headlines",
    "read_public_files",
    "read_quality_facts",
    "write_documents",
]

# The same figures in two forms, each by what writes it.
SPREADSHEETS = {".xlsx": write_workbook, ".ods": write_opendocument}
LINK = re.compile(r'(?:href|src)="([^"]*)"')
OUTSIDE = re.compile(r"^(?:[a-z]+:)?//|^(?:https?|ftp|data):", re.IGNORECASE)
SCRIPT = re.compile(r"<script|@import|url\(", re.IGNORECASE)


def write_documents(
    facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality, public: Path
) -> list[Path]:
    """Write every document of a release beside its data files, and return their paths.

    Call when `public/data/`, `ties.yaml`, `revisions.csv` and `pre_release_access.csv` are there:
    the page links to those that are. The same input gives the same bytes. Raises `PublicFileError`
    where a data file is missing.
    """
    written = []
    for name, text in _texts(facts, quality, done, public).items():
        path = public / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    files = read_public_files(public)
    for ending, write in SPREADSHEETS.items():
        path = public / f"{facts.publication}{ending}"
        write(facts, files, path)
        written.append(path)
    return written


def document_problems(
    facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality, public: Path
) -> list[str]:
    """Return what is wrong with the documents of a release, each with its file; empty if nothing.

    A document that does not say what the data files and facts say; a link to nothing; a page that
    loads from outside or needs a script.
    """
    problems = []
    for name, text in _texts(facts, quality, done, public).items():
        path = public / name
        if not path.exists():
            problems.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} does not say what the data files say")
    for path in sorted(public.glob("*.html")):
        problems += _page_problems(path)
    for ending in SPREADSHEETS:
        if not (public / f"{facts.publication}{ending}").exists():
            problems.append(f"{facts.publication}{ending} is missing")
    return problems


def _texts(
    facts: ReleaseFacts, quality: QualityFacts, done: Confidentiality, public: Path
) -> dict[str, str]:
    files = read_public_files(public)
    return {
        "guidance.md": guidance_text(facts, files),
        "quality.md": quality_text(facts, quality, done, files),
        "confidentiality.md": confidentiality_text(facts, done, files),
        "reconciliation.html": reconciliation_html(facts, quality, files),
        "index.html": index_html(facts, files, public),
    }


def _page_problems(path: Path) -> list[str]:
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
