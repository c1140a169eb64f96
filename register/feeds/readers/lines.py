r"""The lines of a text, and the records with quoted fields that span several lines (RFC 4180).

Lines end with \n, \r\n or \r. Their positions are computed once, and a line is cut out when it is
needed. A list of short lines would need several times the memory of the file.

A quotation mark that is never closed must not swallow the records below it. So lines are joined
only if together they are a well-formed record, and if no joined line could be a record by itself. A
line could be one if, inside the quotation marks, it has as many separators as a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from register.feeds.readers.headings import SEARCHED_LINES

NEWLINE = 0x0A
# Newlines are searched in pieces of this many bytes, to save memory.
PIECE = 1 << 24
# No real record has more lines than this.
MAX_LINES = 1000
SEPARATORS = (",", ";", "\t", "|")


class Lines(Sequence[bytes]):
    """The lines of a text, without trailing blank lines."""

    def __init__(self, data: bytes, starts: npt.NDArray[np.int64]) -> None:
        self._data = data
        # The offset at which each line starts, and the offset after the last line.
        self._starts = starts

    @classmethod
    def from_bytes(cls, data: bytes) -> Lines:
        """Split a text into lines."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        ends = len(data)
        while ends and (line_start := data.rfind(b"\n", 0, ends - 1) + 1) < ends:
            if data[line_start:ends].strip():
                break
            ends = line_start
        if not ends:
            return cls(b"", np.zeros(1, dtype=np.int64))
        newlines = [
            np.flatnonzero(np.frombuffer(data, np.uint8, min(PIECE, ends - at), at) == NEWLINE) + at
            for at in range(0, ends, PIECE)
        ]
        starts = np.concatenate([[0], *newlines]).astype(np.int64)
        starts[1:] += 1
        if starts[-1] != ends:
            starts = np.append(starts, ends + 1)
        return cls(data, starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> bytes: ...

    @overload
    def __getitem__(self, place: slice) -> Lines: ...

    def __getitem__(self, place: int | slice) -> bytes | Lines:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            assert step == 1
            return Lines(self._data, self._starts[first : max(first, last) + 1])
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        return self._data[int(self._starts[place]) : int(self._starts[place + 1]) - 1]

    def __iter__(self) -> Iterator[bytes]:
        return (self[place] for place in range(len(self)))

    def drop_trailing_blank_rows(self, marks: bytes) -> Lines:
        """Return the lines without trailing blank rows, which contain only separators or spaces."""
        count = len(self)
        while count and not self[count - 1].strip(marks + b" \t"):
            count -= 1
        return self[:count]

    @property
    def body(self) -> memoryview:
        r"""The lines as one text, separated by newlines; nothing is copied."""
        return memoryview(self._data)[int(self._starts[0]) : max(0, int(self._starts[-1]) - 1)]

    def contains(self, text: bytes) -> bool:
        """Return whether any line contains a text."""
        return self._data.find(text, int(self._starts[0]), int(self._starts[-1])) >= 0

    @property
    def has_blank_line(self) -> bool:
        """Whether one of the lines is empty."""
        return bool((np.diff(self._starts) == 1).any())


def find_long_line(data: bytes, limit: int) -> int | None:
    """Return the number of the first line that has more than `limit` bytes, or None.

    The data are not copied.
    """
    start = 0
    while len(data) - start > limit:
        end = start + limit + 1
        cut = max(data.rfind(b"\n", start, end), data.rfind(b"\r", start, end))
        if cut < 0:
            return len((data[:start] + b".").splitlines())
        start = cut + 1
    return None


def read_delimited_record(text: str, number: int) -> str | None:
    """Return the record that begins on a line of a delimited file, or None if there is none.

    Lines are counted from 1. Of the first lines, the one with the most separators is taken for the
    heading.
    """
    lines = Lines.from_bytes(text.encode("utf-8"))
    if not 0 < number <= len(lines):
        return None
    counts = {
        separator: max(line.decode("utf-8").count(separator) for line in lines[:SEARCHED_LINES])
        for separator in SEPARATORS
    }
    delimiter = max(SEPARATORS, key=counts.__getitem__)
    width = counts[delimiter] + 1
    line_count = QuotedLines(delimiter, '"', width).count_lines(lines, number - 1)
    return bytes(lines[number - 1 : number - 1 + line_count].body).decode("utf-8")


@dataclass(frozen=True)
class QuotedLines:
    """The rules for quoted fields in one file: separator, quotation mark, number of columns."""

    delimiter: str
    quote: str
    width: int

    def count_lines(self, lines: Sequence[bytes], first: int) -> int:
        """Return the number of lines of the record that begins at line `first`.

        It is 1 if this line and the following ones cannot be joined to a well-formed record.
        """
        is_open: bool | None = self._ends_in_quotes(lines[first].decode("utf-8"))
        after = first + 1
        last = min(len(lines), first + MAX_LINES)
        while is_open and after < last:
            is_open = self._is_open_after(lines[after].decode("utf-8"))
            after += 1
        return after - first if is_open is False else 1

    def _is_open_after(self, line: str) -> bool | None:
        """Return whether a quoted field that is open before a line is still open after it.

        None means that the line cannot continue the record.
        """
        match = self._quoted_part.match(line)
        inside = match[0] if match else ""
        if inside.count(self.delimiter) == self.width - 1:
            return None
        if len(inside) == len(line):
            return True
        rest = line[len(inside) + 1 :]
        if rest and not rest.startswith(self.delimiter):
            return None
        if self._whole_fields.fullmatch(rest):
            return False
        return True if self._ends_in_quotes(rest) else None

    def _ends_in_quotes(self, text: str) -> bool:
        """Return whether a text of fields ends inside a quoted field."""
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
