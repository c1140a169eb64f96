"""Files that take far more memory or time than their size says, at any size; all invented.

Read by tests at a size that takes milliseconds, and by `benchmarks.hostile_files` at a real one.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

from register.feeds.layout import load_layouts
from tests.feeds.deliveries import police_csv, police_rows, report

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Missing Persons" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>",
}
SHEET_HEAD = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>'.encode()


def one_line(size: int) -> bytes:
    """A table of reports whose records are on one line of `size` bytes."""
    return police_csv("compact", [report(1)]).splitlines()[0] + b"," * size


def many_headings(count: int) -> bytes:
    """A table of `count` headings and one record."""
    return b",".join(b"h%d" % number for number in range(count)) + b"\r\n" + b"," * (count - 1)


def nested(depth: int) -> bytes:
    """An XML document of elements in one another."""
    return b"<A>" * depth + b"</A>" * depth


def swelling_workbook(cells: int, length: int) -> bytes:
    """A workbook of `cells` that all show one text of `length` bytes, stored once."""
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 100 + b"</row>"
    shared = f'<sst xmlns="{MAIN}"><si><t>'.encode()
    return _workbook(
        SHEET_HEAD + row * (cells // 100) + b"</sheetData></worksheet>",
        shared + b"x" * length + b"</t></si></sst>",
    )


def lying_workbook(size: int) -> bytes:
    """A workbook whose directory says that a sheet of `size` bytes has 1,000, checksum and all."""
    sheet_start = SHEET_HEAD.ljust(1000)
    sheet = sheet_start + b"<row/>" * ((size - 1000) // 6) + b"</sheetData></worksheet>"
    data = bytearray(_workbook(sheet, b"<sst/>"))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", data, entry + 16, zlib.crc32(sheet_start))
    struct.pack_into("<I", data, entry + 24, len(sheet_start))
    return bytes(data)


def _workbook(sheet: bytes, shared: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
        archive.writestr("xl/sharedStrings.xml", shared)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return packed.getvalue()


def many_reports(count: int) -> bytes:
    """A good table of `count` reports."""
    head, record = police_csv("compact", [report(1)]).splitlines()
    rest = record.partition(b",")[2]
    # No two alike, so that they pack as reports do.
    signs = (hashlib.sha256(b"%d" % number).hexdigest()[:20].encode() for number in range(count))
    return b"\r\n".join([head, *(b"%s,%s" % (sign, rest) for sign in signs)])


def wide_workbook(rows: int) -> bytes:
    """A good workbook of `rows` reports, every text stored in its cell."""
    layout = load_layouts()["athena"]
    heading, cells = police_rows(layout, [report(1)])

    def row(texts: list[str]) -> bytes:
        cells = (f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
        return ("<row>" + "".join(cells) + "</row>").encode()

    body = row(heading) + row(cells) * rows
    return _workbook(SHEET_HEAD + body + b"</sheetData></worksheet>", b"<sst/>")
