"""Cleaning of cell texts: invisible characters, special spaces, and rows of totals.

Text copied from web pages or documents contains non-breaking spaces and zero-width characters,
which no field needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Zero-width space, non-joiner and joiner, direction marks, word joiner, byte order mark and soft
# hyphen.
ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
# Non-breaking space, figure space and narrow non-breaking space.
HARD_SPACES = "\u00a0\u2007\u202f"
# The label of a row of totals, and the most cells that this row may fill if not all are numbers.
TOTAL = re.compile(r"(grand |sub)?totals?\b|sum\b|count\b|number of (records|rows)\b", re.I)
CELLS_OF_TOTAL = 3
NUMBER = re.compile(r"[-+]?[0-9][0-9 ,.]*%?")
# What people type, and programs write, so that a spreadsheet shows a number as it is.
TEXT_FORMULA = re.compile(r'(?s)^="(.*)"$')
TEXT_MARK = re.compile(r"(?s)^'([0-9].*)$")
SPREADSHEET_MARKS = ("=", "'")
ZERO_WIDTH_PATTERN = re.compile(f"[{ZERO_WIDTH}]")
HARD_SPACE_PATTERN = re.compile(f"[{HARD_SPACES}]")


def clean_text(text: str) -> str:
    """Return a text trimmed, with ordinary spaces, and without marks of spreadsheets.

    `="0012"` and `'0012` become 0012. Zero-width characters are left out.
    """
    if not text.isascii():
        text = HARD_SPACE_PATTERN.sub(" ", ZERO_WIDTH_PATTERN.sub("", text))
    text = text.strip()
    if text[:1] not in SPREADSHEET_MARKS:
        return text
    return TEXT_MARK.sub(r"\1", TEXT_FORMULA.sub(r"\1", text)).strip()


def clean_texts(texts: pa.Array) -> pa.Array:
    """Return texts cleaned as by `clean_text`."""
    if not _is_ascii(texts):
        texts = pc.replace_substring_regex(texts, ZERO_WIDTH_PATTERN.pattern, "")
        texts = pc.replace_substring_regex(texts, HARD_SPACE_PATTERN.pattern, " ")
    texts = pc.utf8_trim_whitespace(texts)
    if not pc.any(pc.match_substring_regex(texts, "^[='][0-9\"]")).as_py():
        return texts
    for mark in (TEXT_FORMULA, TEXT_MARK):
        texts = pc.replace_substring_regex(texts, mark.pattern, r"\1")
    return pc.utf8_trim_whitespace(texts)


def drop_decimals(texts: pa.Array) -> pa.Array:
    """Return numbers without the `.0` that programs add to a number that they do not know as text.

    Other texts stay as they are.
    """
    has_decimals = pc.match_substring_regex(texts, r"^[0-9]+\.0$")
    if not pc.any(has_decimals).as_py():
        return texts
    return pc.if_else(has_decimals, pc.replace_substring(texts, ".0", ""), texts)


def pad_digits(texts: pa.Array, width: int | None) -> pa.Array:
    """Return texts in which each text of digits alone has zeros in front, up to this width."""
    if width is None:
        return texts
    texts = drop_decimals(texts)
    is_number = pc.match_substring_regex(texts, "^[0-9]+$")
    return pc.if_else(is_number, pc.utf8_lpad(texts, width, "0"), texts)


def normalise_code(text: str) -> str:
    """Return a code in a form for comparison that ignores case and spaces."""
    return " ".join(clean_text(text).casefold().split())


def is_total_row(cells: Iterable[str]) -> bool:
    """Return whether a row that is no full record is a row of totals.

    It has a label such as Total, and few other cells or only numbers.
    """
    filled = [text for cell in cells if (text := clean_text(cell))]
    is_short = len(filled) <= CELLS_OF_TOTAL and any(TOTAL.match(text) for text in filled)
    return is_short or has_only_totals(filled)


def has_only_totals(cells: Iterable[str]) -> bool:
    """Return whether a row begins with a label such as Total, and has only numbers after it."""
    filled = [text for cell in cells if (text := clean_text(cell))]
    is_labelled = bool(filled) and TOTAL.match(filled[0]) is not None
    return is_labelled and all(NUMBER.fullmatch(text) for text in filled[1:])


def _is_ascii(texts: pa.Array) -> bool:
    stored = texts.buffers()[2] if texts.null_count < len(texts) else None
    return stored is None or not bool((np.frombuffer(stored, np.uint8) & 0x80).any())
