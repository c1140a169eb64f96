"""The statements of a page: its sentences and rows of tables, as a reader sees them."""

from __future__ import annotations

import re

from tests.docs.sentences import ABBREVIATIONS, COMMENT, END, FENCE, INDENTED, RULE

CODE = re.compile(r"`[^`]*`")
# Comments and tags, but not what looks like a tag within code.
MARKUP = re.compile(rf"{CODE.pattern}|{COMMENT.pattern}", re.DOTALL)
# A heading, an item or a row begins a block of its own.
BEGINS = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)|\n(?=[|#])")
LEAD = re.compile(r"^(?:[-*+]|\d+\.)\s+")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def read_statements(text: str) -> list[str]:
    """Return each sentence and each row of a table, without headings and blocks of code."""
    bare = INDENTED.sub("", FENCE.sub("", text))
    bare = MARKUP.sub(lambda found: found[0] if found[0].startswith("`") else " ", bare)
    blocks = [block.strip() for block in BEGINS.split(bare)]
    found = []
    for number, block in enumerate(blocks):
        is_heading = block.startswith("#") or (
            # The names of a table's columns stand above its rule.
            number + 1 < len(blocks) and RULE.match(blocks[number + 1])
        )
        if is_heading or not block or RULE.match(block):
            continue
        found += [_as_read(block)] if block.startswith("|") else _split(block)
    return found


def _split(block: str) -> list[str]:
    """Split a paragraph or an item at the ends of its sentences, never inside code."""
    codes = CODE.findall(block)
    masked = ABBREVIATIONS.sub(r"\1", LEAD.sub("", CODE.sub("\0", block)))
    found = []
    for part in END.split(LINK.sub(r"\1", masked).replace("**", "")):
        sentence = re.sub("\0", lambda _: codes.pop(0), part)
        if re.search(r"\w", sentence):
            found.append(_as_read(sentence))
    return found


def _as_read(text: str) -> str:
    """Return a text without links and emphasis, in one line."""
    plain = LINK.sub(r"\1", text).strip("| ").replace("**", "")
    return " ".join(re.sub(r"\*(?=\S)([^*]+)\*", r"\1", plain).split())
