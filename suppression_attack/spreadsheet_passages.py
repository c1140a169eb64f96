"""The texts of a spreadsheet: rows of all sheets, hidden ones too, comments and properties."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from defusedxml import ElementTree

from suppression_attack.passages import Passage, split_sentences


def read_spreadsheet(path: Path) -> tuple[list[Passage], list[tuple[str, ...]]]:
    """Return the rows of all sheets, including hidden ones, and all other texts as passages."""
    passages: list[Passage] = []
    rows: list[tuple[str, ...]] = []
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        strings: list[str] = []
        if "xl/sharedStrings.xml" in names:
            with archive.open("xl/sharedStrings.xml") as stream:
                items = _iterate_elements(stream, "si")
                strings = ["".join(item.itertext()) for item in items]
        for name in names:
            with archive.open(name) as stream:
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    rows += (
                        tuple(_read_workbook_cell(cell, strings) for cell in row)
                        for row in _iterate_elements(stream, "row")
                    )
                elif name == "content.xml":
                    elements = _iterate_elements(stream, "table-row")
                    rows += (tuple(_read_opendocument_cells(row)) for row in elements)
                elif name.endswith(".xml") and not name.startswith(
                    ("xl/styles", "xl/theme", "xl/sharedStrings.xml")
                ):
                    for _, element in ElementTree.iterparse(stream):
                        passages += split_sentences(element.text or "")
    return passages, rows


def _iterate_elements(stream: IO[bytes], tag: str) -> Iterator[Any]:
    """Yield the elements with a tag, and free each element's memory after its use."""
    for _, element in ElementTree.iterparse(stream):
        if str(element.tag).rpartition("}")[2] == tag:
            yield element
            element.clear()


def _read_workbook_cell(cell: Any, strings: list[str]) -> str:
    # The text of a cell is its value, its inline text, or its formula with the value. The value of
    # a cell of type `s` is an index into the shared strings.
    text = "".join(cell.itertext())
    return strings[int(text)] if cell.get("t") == "s" else text


def _read_opendocument_cells(row: Any) -> Iterator[str]:
    for cell in row:
        attributes = {key.rpartition("}")[2]: value for key, value in cell.attrib.items()}
        text = attributes.get("value") or "".join(cell.itertext()).strip()
        times = int(attributes.get("number-columns-repeated", "1"))
        yield from [text] * (times if text else 1)
