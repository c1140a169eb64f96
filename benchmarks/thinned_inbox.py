"""An inbox with records removed at random, for `benchmarks.random_losses`.

Whether a record is removed depends on its own text. For an authority's record, it depends on child
and first day. So a record that is delivered twice, or in extract and return, is removed everywhere.
Only texts, workbooks, XML returns and readable archives of these are thinned; other files stay as
they are. The positions of the removed records are stored, but no values.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl

# For each source, the inbox folders and the parts of file names that tell which files to thin.
SOURCES = {
    "police": (("police_reports",), ("",)),
    "authority": (("authority_extract", "authority_return"), ("missing", ".xml")),
}
TEXTS = (".csv", ".txt")
PART = re.compile(rb"<CHILDID>(?P<child>[^<]*)</CHILDID>|\s*<AMISSING>.*?</AMISSING>", re.S)
START = re.compile(rb"<MIS_START>(?P<start>[^<]*)</MIS_START>")
DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
COUNT = re.compile(rb"\d+")
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class RemovedRecord:
    """The position of a removed record: file, archive member if any, and number of the record."""

    file: str
    record: int


def thin_inbox(
    inbox: Path, thinned: Path, source: str, share: float, seed: int
) -> list[RemovedRecord]:
    """Copy an inbox without a random share of one source's records; return their positions.

    `share` is from 0 to 1. A file's time of arrival is its modification time, which the copy keeps.
    """

    def is_lost(text: bytes) -> bool:
        digest = hashlib.sha256(str(seed).encode() + b"|" + text.strip()).digest()
        return int.from_bytes(digest[:8], "big") < share * 2**64

    shutil.copytree(inbox, thinned)
    folders, words = SOURCES[source]
    removed: list[RemovedRecord] = []
    for path in sorted(item for name in folders for item in (thinned / name).rglob("*")):
        if not path.is_file():
            continue
        arrived = path.stat()
        place = str(path.relative_to(thinned))
        if zipfile.is_zipfile(path) and path.suffix.lower() == ".zip":
            _thin_archive(path, place, words, is_lost, removed)
        elif any(word in path.name.lower() for word in words):
            path.write_bytes(_thin_file(place, path.read_bytes(), is_lost, removed))
        os.utime(path, ns=(arrived.st_atime_ns, arrived.st_mtime_ns))
    return removed


def _thin_archive(
    path: Path,
    place: str,
    words: tuple[str, ...],
    is_lost: Callable[[bytes], bool],
    removed: list[RemovedRecord],
) -> None:
    with zipfile.ZipFile(path) as archive:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            return  # an encrypted file cannot be thinned without its password
        members = [(member, archive.read(member)) for member in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            new_content = content
            if any(word in member.filename.lower() for word in words):
                new_content = _thin_file(f"{place}/{member.filename}", content, is_lost, removed)
            archive.writestr(member, new_content)


def _thin_file(
    place: str, content: bytes, is_lost: Callable[[bytes], bool], removed: list[RemovedRecord]
) -> bytes:
    name = place.lower()
    if name.endswith(".xlsx") and zipfile.is_zipfile(io.BytesIO(content)):
        return _thin_workbook(place, content, is_lost, removed)
    if name.endswith(".xml"):
        return _thin_return(place, content, is_lost, removed)
    if not name.endswith(TEXTS) or content.startswith(WIDE_BOMS):
        return content
    head, *records = split_records(content)
    footer = records.pop() if _has_footer(records) else None
    remaining_lines = [head]
    for number, record in enumerate(records, start=2):
        if is_lost(_identity(head, record)):
            removed.append(RemovedRecord(place, number))
        else:
            remaining_lines.append(record)
    if footer is not None:
        # The police file's footer has the number of records, which is now lower.
        remaining_lines.append(COUNT.sub(str(len(remaining_lines) - 1).encode(), footer, count=1))
    return b"".join(remaining_lines)


def _identity(head: bytes, record: bytes) -> bytes:
    """Return the text that decides whether a record is removed.

    It is the child and the first day if the file has these columns, and otherwise the whole record.
    """
    names, values = (
        next(csv.reader(io.StringIO(part.decode("latin-1"), newline="")), [])
        for part in (head, record)
    )
    cells = dict(zip((name.lower() for name in names), values, strict=False))
    child = next((cells[name] for name in cells if name == "child" or "person_id" in name), "")
    start = next((cells[name] for name in cells if "start" in name), "")
    return _absence(child, start) if child and start else record


def _absence(child: str, start: str) -> bytes:
    first_day = DAY_FIRST.sub(r"\3-\2-\1", start)[:10]
    return f"{child}|{first_day}".encode()


def _thin_return(
    place: str, content: bytes, is_lost: Callable[[bytes], bool], removed: list[RemovedRecord]
) -> bytes:
    child, number = "", 0

    def keep_absence(part: re.Match[bytes]) -> bytes:
        nonlocal child, number
        if part["child"] is not None:
            child = part["child"].decode("latin-1")
            return part[0]
        number += 1
        start = START.search(part[0])
        if start is None or not is_lost(_absence(child, start["start"].decode("latin-1"))):
            return part[0]
        removed.append(RemovedRecord(place, number))
        return b""

    return PART.sub(keep_absence, content)


def _has_footer(records: list[bytes]) -> bool:
    """Return whether the last record is a footer with the number of records before it."""
    counts = COUNT.findall(records[-1]) if records else []
    return counts == [str(len(records) - 1).encode()]


def split_records(content: bytes) -> list[bytes]:
    """Split a delimited text into records; a line break within quotes does not end a record."""
    records, pending = [], b""
    for line in content.splitlines(keepends=True) or [b""]:
        pending += line
        if pending.count(b'"') % 2 == 0:
            records.append(pending)
            pending = b""
    return [*records, pending] if pending else records


def _thin_workbook(
    place: str, content: bytes, is_lost: Callable[[bytes], bool], removed: list[RemovedRecord]
) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        lost = [
            number
            for number, row in enumerate(rows, start=2)
            if any(row) and is_lost(repr(row).encode())
        ]
        removed += [RemovedRecord(f"{place}/{sheet.title}", number) for number in lost]
        for number in reversed(lost):
            sheet.delete_rows(number)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
