"""Characters that nobody sees: what a cell says does not depend on them.

Copying from a web page or a document leaves non-breaking spaces and characters of no width in
cells. No field of a feed needs either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Zero width space, non-joiner, joiner, marks of direction, word joiner, byte order mark, and the
# soft hyphen.
NO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
# Non-breaking, figure and narrow spaces.
HARD_SPACES = "\u00a0\u2007\u202f"
# What people and programs write under a table, and how many cells of it they fill.
TOTAL = re.compile(r"(grand |sub)?totals?\b|sum\b|count\b|number of (records|rows)\b", re.I)
CELLS_OF_TOTAL = 3
NO_WIDTH_PATTERN = re.compile(f"[{NO_WIDTH}]")
HARD_SPACE_PATTERN = re.compile(f"[{HARD_SPACES}]")


def visible_text(text: str) -> str:
    """Return a text without characters of no width, with plain spaces, trimmed."""
    if text.isascii():
        return text.strip()
    return HARD_SPACE_PATTERN.sub(" ", NO_WIDTH_PATTERN.sub("", text)).strip()


def visible_texts(texts: pa.Array) -> pa.Array:
    """Return texts without characters of no width, with plain spaces, trimmed."""
    if not _is_ascii(texts):
        texts = pc.replace_substring_regex(texts, NO_WIDTH_PATTERN.pattern, "")
        texts = pc.replace_substring_regex(texts, HARD_SPACE_PATTERN.pattern, " ")
    return pc.utf8_trim_whitespace(texts)


def code_key(text: str) -> str:
    """Return the form in which two ways of writing one code are the same."""
    return " ".join(visible_text(text).casefold().split())


def is_total_row(cells: Iterable[str]) -> bool:
    """Return whether cells are a row of totals under a table: the word, and little else."""
    filled = [text for cell in cells if (text := visible_text(cell))]
    return 0 < len(filled) <= CELLS_OF_TOTAL and any(TOTAL.match(text) for text in filled)


def _is_ascii(texts: pa.Array) -> bool:
    stored = texts.buffers()[2] if texts.null_count < len(texts) else None
    return stored is None or not bool((np.frombuffer(stored, np.uint8) & 0x80).any())
