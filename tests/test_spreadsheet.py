"""Cells of files that people open."""

from __future__ import annotations

import pytest

from register.spreadsheet import safe_cell, safe_row


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "=\N{POUND SIGN}"],
)
def test_a_text_that_starts_a_formula_is_quoted_once(text: str) -> None:
    """Prevents a spreadsheet from carrying out what a supplier wrote, and marks that add up."""
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(safe_cell(text)) == f"'{text}"


@pytest.mark.parametrize("cell", ["Ann", "", "-3", "+4.5", "a=b", -3, 2.5, None, True])
def test_what_starts_no_formula_stays_as_it_is(cell: object) -> None:
    """Prevents numbers from becoming texts."""
    assert safe_row([cell]) == [cell]
