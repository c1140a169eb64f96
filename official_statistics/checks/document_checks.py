"""Checks of documents: whether all exist, and none contains private data or loads anything."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from official_statistics.machine_readable import read_parquet_texts
from official_statistics.releases import Version

REQUIRED_DOCUMENTS = (
    "guidance.html",
    "quality.html",
    "methodology.html",
    "confidentiality.html",
    "revisions.csv",
    "ties.yaml",
    "index.html",
)
TEXT_FILES = {".md", ".csv", ".html", ".yaml", ".svg", ".json", ".ipynb", ".txt"}
LOADED = re.compile(r"<(?:script|link|img|iframe|source)[^>]+(?:src|href)=\"https?:", re.IGNORECASE)
PRIVATE = {
    "a key of the register": re.compile(r"\b[CEMPRV][0-9A-F]{24}\b"),
    "the id of a delivery": re.compile(
        r"\b(?:police_reports|authority_extract|authority_return)-\w+-[\w-]*\d{4}"
    ),
    "the id of a generation": re.compile(r"\b\d{8}T\d{6}-\d{6}\b"),
    "a path of a machine": re.compile(r"(?<![\w:/.])/(?:home|root|work|tmp|var|Users|opt)/"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"),
    "a unique pupil number": re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[A-HJ-NP-RT-Z\d]\b"),
}


def find_document_faults(version: Version, canaries: Sequence[str] = ()) -> Iterator[str]:
    """Yield the faults of a version's documents.

    `canaries` are words of invented children that were planted in deliveries. No file may contain
    one, in upper or lower case, in its text, properties or name.
    """
    for name in REQUIRED_DOCUMENTS:
        if not (version.public / name).exists():
            yield f"{name} is not there"
    for path in sorted(version.public.rglob("*")):
        if path.suffix == ".md":
            yield f"{path.name} is Markdown, which readers would see unformatted"
        if path.is_file():
            for text in read_released_texts(path):
                yield from _find_text_faults(version, path, text, canaries)


def read_released_texts(path: Path) -> Iterator[str]:
    """Yield all texts of a public file: its name, and its content or the parts of its archive."""
    yield path.name
    if path.suffix in TEXT_FILES:
        yield path.read_text(encoding="utf-8")
    elif path.suffix in {".xlsx", ".ods"}:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                yield name
                yield archive.read(name).decode("utf-8", errors="replace")
    elif path.suffix == ".parquet":
        yield from read_parquet_texts(path)


def _find_text_faults(
    version: Version, path: Path, text: str, canaries: Sequence[str]
) -> Iterator[str]:
    name = path.relative_to(version.public).as_posix()
    for kind, pattern in PRIVATE.items():
        if pattern.search(text):
            yield f"{name} has {kind} in it"
    # Lower-case once for all canaries, because a sheet of England has some ten million letters.
    lowered = text.lower() if canaries else ""
    for number, canary in enumerate(canaries, start=1):
        if canary.lower() in lowered:
            yield f"{name} has canary {number} in it"
    if path.suffix == ".html" and LOADED.search(text):
        yield f"{name} loads something from outside"
