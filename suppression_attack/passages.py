"""Passages of documents, and how to read plain texts as passages: sentences and table rows.

`attacked_documents.py` interprets the passages.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SENTENCE_END = re.compile(r"(?<=[.!?])\s+|;\s+|\n\s*\n")


@dataclass(frozen=True)
class Passage:
    """A sentence, or a table row with a heading for each of its cells.

    `title` is the text of the document's headings, and `section` the heading of the passage's
    section. With `is_bar` the passage is a bar of a chart, and `text` is the bar's label.
    """

    text: str
    title: str = ""
    section: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    is_bar: bool = False


@dataclass(frozen=True)
class StoredTable:
    """A table of a database or a Parquet file; a missing value is an empty text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Document:
    """A public file other than data: its passages, and its tables with all values as texts.

    `sheet_rows` are the rows of all sheets of a spreadsheet. `tables` are those of a database.
    """

    name: str
    passages: tuple[Passage, ...]
    sheet_rows: tuple[tuple[str, ...], ...] = ()
    tables: tuple[StoredTable, ...] = ()


def split_sentences(text: str, title: str = "") -> Iterator[Passage]:
    """Yield each sentence of a text."""
    for sentence in SENTENCE_END.split(text):
        words = " ".join(sentence.split())
        if words:
            yield Passage(words, title)


def build_row(headings: Iterable[str], texts: list[str], title: str, section: str) -> Passage:
    """Return a table row; texts beyond the headings have an empty heading."""
    names = [*headings, *[""] * len(texts)]
    cells = tuple(zip(names, texts, strict=False))
    return Passage(" | ".join(texts), title, section, cells)


def read_csv(path: Path) -> Iterator[Passage]:
    """Yield the rows of a CSV file below its heading."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    for row in rows[1:]:
        yield build_row(rows[0], row, "", "")


def read_markdown(text: str) -> Iterator[Passage]:
    """Yield the headings, table rows and sentences of a Markdown text."""
    titles: dict[int, str] = {}
    headings: list[str] = []
    section: list[str] = []
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        is_row = stripped.startswith("|")
        if paragraph and (not stripped or is_row or stripped.startswith(("#", "- "))):
            section.append(" ".join(paragraph))
            paragraph = []
            yield from split_sentences(section[-1], " ".join(titles.values()))
        if stripped.startswith("#"):
            level = len(stripped) - len(stripped.lstrip("#"))
            titles = {key: title for key, title in titles.items() if key < level}
            titles[level], section, headings = stripped.lstrip("# "), [], []
            yield Passage(titles[level])
        elif is_row:
            texts = [cell.strip() for cell in stripped.strip("|").split("|")]
            if not headings:
                headings = texts
            elif set("".join(texts)) - set(":- "):
                yield build_row(headings, texts, " ".join(titles.values()), " ".join(section))
        else:
            headings = []
            if stripped:
                paragraph.append(stripped.removeprefix("- "))
