"""How long the sentences of a text are: a measure of our own, for Markdown and plain text.

A sentence ends at a full stop, a question or exclamation mark or a middle dot, and at a colon or
semicolon before a capital letter. A list item, a heading and a cell of a table end one too. Code in
a line counts as one word, code blocks as none. A word has a letter or a figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 25
FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}|\t).*(?:\n(?: {4}|\t| *$).*)*", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->|<[a-z/][^>]*>", re.DOTALL)
BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)|\n(?=[|#])")
RULE = re.compile(r"^\|[-| :]+\|$")
LEAD = re.compile(r"^(?:#+|[-*+]|\d+\.)\s+")
END = re.compile(r"(?<=[.!?])\)?\s+|(?<=[:;])\s+(?=[A-Z0-9\"(])|\s+·\s+")
ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|vs|No|St)\.")


@dataclass(frozen=True)
class Lengths:
    """Of one page: sentences, mean and greatest number of words, and how many are too long."""

    count: int
    mean: float
    longest: int
    too_long: tuple[str, ...]


def sentences(text: str) -> list[str]:
    """The sentences of a text, its code blocks left out."""
    bare = COMMENT.sub(" ", INDENTED.sub("", FENCE.sub("", text)))
    found = []
    for block in BLOCK.split(bare):
        stripped = block.strip()
        if not stripped or RULE.match(stripped):
            continue
        cells = stripped.split("|") if stripped.startswith("|") else [stripped]
        for cell in cells:
            found += [part for part in END.split(_as_read(cell)) if words(part)]
    return found


def _as_read(cell: str) -> str:
    """A cell or paragraph as it is read: links by their text, code as one word."""
    plain = LEAD.sub("", cell.strip())
    plain = re.sub(r"`[^`]*`", "code", plain)
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", plain)
    return " ".join(ABBREVIATIONS.sub(r"\1", plain.replace("*", "")).split())


def words(sentence: str) -> int:
    """How many words a sentence has."""
    return sum(1 for word in sentence.split() if re.search(r"\w", word))


def measure(text: str) -> Lengths:
    """The lengths of a page's sentences; a text without any has no mean, 0."""
    found = sentences(text)
    counts = [words(sentence) for sentence in found]
    return Lengths(
        len(found),
        sum(counts) / len(counts) if counts else 0.0,
        max(counts, default=0),
        tuple(sentence for sentence in found if words(sentence) > LONGEST),
    )
