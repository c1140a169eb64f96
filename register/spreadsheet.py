"""CSV files that people open: they are read as rows of text, and written without formulas.

A spreadsheet runs a cell that begins like a formula, and the text of a cell may come from a
delivery or a person. So every written cell passes `safe_cell`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

Cell = TypeVar("Cell")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read the rows of a CSV file, each as a dictionary of texts by heading."""
    return parse_rows(path.read_bytes())


def parse_rows(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file with this content, each as a dictionary of texts by heading."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def format_csv(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV text in which no cell can run as a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(safe_row, rows))
    return text.getvalue()


def safe_cell(cell: Cell) -> Cell | str:
    """Return a cell; text that a spreadsheet would run as a formula gets an apostrophe in front.

    A number that begins with a sign stays unchanged.
    """
    is_formula = isinstance(cell, str) and cell.startswith(FORMULA_SIGNS)
    return f"'{cell}" if is_formula and not NUMBER.fullmatch(str(cell)) else cell


def safe_row(cells: Iterable[Cell]) -> list[Cell | str]:
    """Return the cells of a row in a form that is safe to open in a spreadsheet."""
    return [safe_cell(cell) for cell in cells]
