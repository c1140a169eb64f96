r"""The physical lines of a text, found once and cut when they are asked for.

Lines end with \n, \r\n or \r alike. A list of lines would take several times the memory of a file
of short ones. What a line contains belongs in `register.feeds.readers.delimited`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

NEWLINE = 0x0A
# Newlines are looked for in pieces, so that the search needs little memory.
PIECE = 1 << 24


class Lines(Sequence[bytes]):
    """The lines of a text without the blank ones that trail."""

    def __init__(self, data: bytes, starts: npt.NDArray[np.int64]) -> None:
        self._data = data
        # Where each line starts, and where one after the last would.
        self._starts = starts

    @classmethod
    def of(cls, data: bytes) -> Lines:
        """Split a text."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        ends = len(data)
        while ends and (line_start := data.rfind(b"\n", 0, ends - 1) + 1) < ends:
            if data[line_start:ends].strip():
                break
            ends = line_start
        if not ends:
            return cls(b"", np.zeros(1, dtype=np.int64))
        found = [
            np.flatnonzero(np.frombuffer(data, np.uint8, min(PIECE, ends - at), at) == NEWLINE) + at
            for at in range(0, ends, PIECE)
        ]
        starts = np.concatenate([[0], *found]).astype(np.int64)
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

    def without_blank_rows(self, marks: bytes) -> Lines:
        """The lines without those that trail and have nothing but these marks, as of a sheet."""
        count = len(self)
        while count and not self[count - 1].strip(marks + b" \t"):
            count -= 1
        return self[:count]

    @property
    def body(self) -> memoryview:
        r"""The lines as one text with \n between them, not copied."""
        return memoryview(self._data)[int(self._starts[0]) : max(0, int(self._starts[-1]) - 1)]

    def has(self, text: bytes) -> bool:
        """Whether `text` is in any of the lines."""
        return self._data.find(text, int(self._starts[0]), int(self._starts[-1])) >= 0

    @property
    def has_blank(self) -> bool:
        """Whether one of the lines is empty."""
        return bool((np.diff(self._starts) == 1).any())


def long_line(data: bytes, limit: int) -> int | None:
    """The number of the first line of more than `limit` bytes, or none; nothing is copied."""
    start = 0
    while len(data) - start > limit:
        end = start + limit + 1
        cut = max(data.rfind(b"\n", start, end), data.rfind(b"\r", start, end))
        if cut < 0:
            return len((data[:start] + b".").splitlines())
        start = cut + 1
    return None
