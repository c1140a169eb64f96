"""Records of delimited text whose quoted fields contain line breaks (RFC 4180).

A quotation mark that was never closed must not swallow the records below it. So lines are joined
only into a record that is well formed as a whole, and never across a line that would be a record
by itself: one with as many separators inside the quotation marks as a record has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from register.feeds.readers.headings import SEARCHED
from register.feeds.readers.lines import Lines

# A text of more lines than this is no field of a record.
MOST_LINES = 1000
SEPARATORS = (",", ";", "\t", "|")


def delimited_record(text: str, number: int) -> str | None:
    """Return the record that begins on a line, by number, of a delimited file, or None.

    The heading is the line of the first ones that has most separators.
    """
    lines = Lines.of(text.encode("utf-8"))
    if not 0 < number <= len(lines):
        return None
    counts = {
        separator: max(line.decode("utf-8").count(separator) for line in lines[:SEARCHED])
        for separator in SEPARATORS
    }
    delimiter = max(SEPARATORS, key=counts.__getitem__)
    width = counts[delimiter] + 1
    line_count = QuotedLines(delimiter, '"', width).count_lines(lines, number - 1)
    return bytes(lines[number - 1 : number - 1 + line_count].body).decode("utf-8")


@dataclass(frozen=True)
class QuotedLines:
    """The grammar of one file: its separator, its quotation mark, and its number of columns."""

    delimiter: str
    quote: str
    width: int

    def count_lines(self, lines: Sequence[bytes], first: int) -> int:
        """Return how many lines the record from line `first` on has; 1 if none can be joined."""
        is_open: bool | None = self._opens(lines[first].decode("utf-8"))
        after = first + 1
        last = min(len(lines), first + MOST_LINES)
        while is_open and after < last:
            is_open = self._is_open_after(lines[after].decode("utf-8"))
            after += 1
        return after - first if is_open is False else 1

    def _is_open_after(self, line: str) -> bool | None:
        """Whether a quoted field that was open before a line is so after it; None if neither."""
        found = self._quoted_part.match(line)
        inside = found[0] if found else ""
        if inside.count(self.delimiter) == self.width - 1:
            return None
        if len(inside) == len(line):
            return True
        rest = line[len(inside) + 1 :]
        if rest and not rest.startswith(self.delimiter):
            return None
        if self._whole_fields.fullmatch(rest):
            return False
        return True if self._opens(rest) else None

    def _opens(self, text: str) -> bool:
        """Whether a text of whole fields ends inside a quoted one."""
        return self._open_field.fullmatch(text) is not None

    @cached_property
    def _quoted_part(self) -> re.Pattern[str]:
        quote = re.escape(self.quote)
        return re.compile(f"(?:[^{quote}]|{quote}{quote})*+")

    @cached_property
    def _field(self) -> str:
        quote, delimiter = re.escape(self.quote), re.escape(self.delimiter)
        return f"(?:{quote}{self._quoted_part.pattern}{quote}|[^{quote}{delimiter}]*+)"

    @cached_property
    def _whole_fields(self) -> re.Pattern[str]:
        delimiter = re.escape(self.delimiter)
        return re.compile(f"(?:{self._field}{delimiter})*+{self._field}")

    @cached_property
    def _open_field(self) -> re.Pattern[str]:
        quote, delimiter = re.escape(self.quote), re.escape(self.delimiter)
        return re.compile(f"(?:{self._field}{delimiter})*+{quote}{self._quoted_part.pattern}")
