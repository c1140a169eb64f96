"""Cells of the CSV files that people open: none of them is a formula in a spreadsheet.

A text of a delivery, or of a person, may begin like one; opened, it would be carried out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
# A number is no formula, and stays one.
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

Cell = TypeVar("Cell")


def safe_cell(cell: Cell) -> Cell | str:
    """The cell; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    is_formula = isinstance(cell, str) and cell.startswith(FORMULA_SIGNS)
    return f"'{cell}" if is_formula and not NUMBER.fullmatch(str(cell)) else cell


def safe_row(cells: Iterable[Cell]) -> list[Cell | str]:
    """The cells of a row for a file that people open."""
    return [safe_cell(cell) for cell in cells]
