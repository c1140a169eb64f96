"""Writes a workbook in Excel's form of before 2007 (BIFF8 in a compound file): texts alone.

No library in the lock writes one. What a test expects does not belong here.
"""

from __future__ import annotations

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
# A stream of fewer bytes would have to lie in sectors of another size.
SMALLEST_STREAM = 4096


def old_workbook(sheet_name: str, rows: list[list[str]]) -> bytes:
    """A workbook of one sheet."""
    return _compound_file(_stream(sheet_name, rows))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _stream(sheet_name: str, rows: list[list[str]]) -> bytes:
    begin_book = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    begin_sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    end = _record(0x000A, b"")
    name = struct.pack("<BB", len(sheet_name), 0) + sheet_name.encode("latin-1")
    place = len(begin_book) + 4 + 6 + len(name) + len(end)
    bound = _record(0x0085, struct.pack("<IBB", place, 0, 0) + name)
    cells = b"".join(
        _record(
            0x0204,
            struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"),
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    )
    return begin_book + bound + end + begin_sheet + cells + end


def _compound_file(stream: bytes) -> bytes:
    stream += bytes(max(0, SMALLEST_STREAM - len(stream)))
    stream += bytes(-len(stream) % SECTOR)
    count = len(stream) // SECTOR
    assert count + 2 <= SECTOR // 4
    # Sector 0 is the table of sectors, 1 the directory, the rest the stream.
    table = [FAT, END, *range(3, count + 2), END]
    table += [FREE] * (SECTOR // 4 - len(table))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, SMALLEST_STREAM, END, 0, END, 0),
    )
    header += struct.pack("<109I", 0, *[FREE] * 108)
    directory = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, len(stream))
    directory += bytes(-len(directory) % SECTOR)
    return header + struct.pack(f"<{SECTOR // 4}I", *table) + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    ends = struct.pack("<III", FREE, FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + ends
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
