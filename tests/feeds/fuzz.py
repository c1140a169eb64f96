"""Mutants of good deliveries: bytes, lines, cells and names damaged by chance, alike each time.

Every record has a token of its own, so that a test can follow it. What must hold of a mutant does
not belong here.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openpyxl

from register.feeds.assignments import load_assignments
from register.feeds.layout import Layout, load_layouts
from register.feeds.seeds import load_suppliers
from register.settings import PROJECT_ROOT
from tests.feeds.deliveries import as_csv, police_rows, report, zipped

FORMS = ("csv", "xml", "xlsx", "zip")
SURNAME, FORENAME = "Testperson", "Wilhelmina"
RECORDS = 12
# What breaks readers: separators, quotes, ends of lines, marks of other forms.
PIECES = (
    *(b'"', b'""', b",", b";", b"|", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"),
    *(
        b"\xff\xfe",
        b"=",
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<!--",
        b"-->",
        b"/>",
        b"&#0;",
        b"\xc3",
        b"sep=;\n",
    ),
    *(b"PK\x03\x04", b"PK\x05\x06", b"\x1a", b"\x1c", b"\xe2\x80\xa8", b"A" * 300, b"\n" * 20),
)
MONTHS = [f"{year}-{month:02}" for year in range(2015, 2026) for month in range(1, 13)]
YEARS = [f"20{year}-{year + 1}" for year in range(19, 26)]
Maker = Callable[[random.Random], tuple[str, bytes]]
TAGS = (b"CHILD", b"HEADER", b"EPISODE", b"AMISSING", b"UASC", b"MIS_START", b"DECOM", b"DOB")


@dataclass(frozen=True)
class Mutant:
    """A delivery of one file, in its own place in the inbox."""

    form: str
    feed: str
    supplier_code: str
    period: str
    name: str
    data: bytes


def token(number: int) -> str:
    """The reference of a record, by which it is followed."""
    return f"TOK{number:04}"


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    """`count` mutants, of each form as many."""
    chance = random.Random(seed)
    makers: dict[str, Maker] = {"csv": _csv, "xml": _xml, "xlsx": _xlsx, "zip": _zip}
    places = {
        "csv": _places("police_reports", _forces("compact"), MONTHS),
        "xml": _places("authority_return", _authorities(), YEARS),
        "xlsx": _places("police_reports", _forces("athena"), MONTHS),
        "zip": _places("police_reports", _forces("niche"), MONTHS),
    }
    for number in range(count):
        form = FORMS[number % len(FORMS)]
        name, data = makers[form](chance)
        yield Mutant(form, *next(places[form]), name, data)


def _forces(layout: str) -> list[str]:
    """The forces that have written a layout all along."""
    return [
        item.supplier_code
        for item in load_assignments()
        if item.layout == layout and item.valid_to is None and item.valid_from.year < 2015
    ]


def _authorities() -> list[str]:
    terms = load_suppliers(PROJECT_ROOT / "seeds")
    return [
        term.supplier_code
        for term in terms
        if term.feed == "authority_return" and term.valid_from.year < 2015 < term.valid_to.year
    ]


def _places(feed: str, suppliers: list[str], periods: list[str]) -> Iterator[tuple[str, str, str]]:
    return ((feed, supplier, period) for period in periods for supplier in suppliers)


def _reports(chance: random.Random, layout: Layout) -> list[list[str]]:
    """Heading and rows, some cells of them changed."""
    reports = [
        report(n, report_ref=token(n), forenames=FORENAME, surname=SURNAME)
        for n in range(1, RECORDS + 1)
    ]
    rows = police_rows(layout, reports)
    for _ in range(chance.choice((0, 0, 1, 3))):
        row = chance.choice(rows)
        place = chance.randrange(len(row))
        odd = (
            "",
            " ",
            "=1+1",
            f"{SURNAME}\n{FORENAME}",
            '"',
            "x" * 5000,
            "31/02/2012",
            row[place] * 2,
        )
        row[place] = chance.choice(odd)
    kind = chance.random()
    if kind < 0.1:
        rows.insert(0, [f"Report on {FORENAME} {SURNAME}"])
    elif kind < 0.2:
        rows.pop(chance.randrange(len(rows)))
    elif kind < 0.3:
        for row in rows:
            row.append(FORENAME)
    elif kind < 0.35:
        rows[0] = [*rows[0][:-1], " ".join(rows.pop(1))]
    return rows


def _damaged(chance: random.Random, data: bytes, times: int) -> bytes:
    """The bytes with pieces put in, taken out, doubled, changed or moved."""
    body = bytearray(data)
    for _ in range(times):
        start = chance.randrange(len(body) + 1)
        end = min(len(body), start + chance.choice((1, 1, 3, 40, 400)))
        kind = chance.randrange(7)
        if kind == 0:
            body[start:start] = chance.choice(PIECES)
        elif kind == 1:
            del body[start:end]
        elif kind == 2:
            body[start:start] = body[start:end]
        elif kind == 3:
            body[start:end] = chance.randbytes(end - start)
        elif kind == 4:
            piece = body[start:end]
            del body[start:end]
            place = chance.randrange(len(body) + 1)
            body[place:place] = piece
        elif kind == 5:
            body[start:end] = body[start:end].swapcase()
        elif chance.random() < 0.3:
            del body[start:]
    return bytes(body)


def _csv(chance: random.Random) -> tuple[str, bytes]:
    layout = load_layouts()["compact"]
    data = as_csv(_reports(chance, layout), layout)
    if chance.random() < 0.1:
        data = data.decode().encode(chance.choice(("utf-16", "utf-8-sig", "cp1252")))
    return "reports.csv", _damaged(chance, data, chance.choice((0, 1, 1, 2, 5)))


def _xml(chance: random.Random) -> tuple[str, bytes]:
    children = []
    for number in range(1, RECORDS + 1):
        absence = b"<AMISSING><MISSING>M</MISSING><MIS_START>05/05/2019</MIS_START></AMISSING>"
        children.append(
            b"<CHILD><HEADER><CHILDID>%s</CHILDID><SEX>2</SEX><DOB>04/03/2012</DOB></HEADER>"
            b"<EPISODE><DECOM>01/05/2019</DECOM><RNE>S</RNE><LS>C2</LS></EPISODE>%s</CHILD>"
            % (token(number).encode(), absence * chance.randrange(3))
        )
    data = (b"\n" if chance.random() < 0.5 else b"").join([b"<Message>", *children, b"</Message>"])
    for _ in range(chance.choice((0, 1, 2))):
        positions = [match.start() for match in re.finditer(rb"</?[A-Z_]+>", data)]
        start, tag = chance.choice(positions), chance.choice(TAGS)
        end = data.index(b">", start) + 1
        swap = (b"", b"<%s>" % tag, b"</%s>" % tag, b"<%s/>" % tag, data[start:end] * 2)
        data = data[:start] + chance.choice(swap) + data[end:]
    if chance.random() < 0.3:
        # Balanced again, so that it is read further: a whole element renamed, or put elsewhere.
        old, new = chance.choice(TAGS), chance.choice(TAGS)
        data = data.replace(b"<%s>" % old, b"<%s>" % new).replace(b"</%s>" % old, b"</%s>" % new)
    return "return.xml", _damaged(chance, data, chance.choice((0, 0, 0, 1, 2)))


def _xlsx(chance: random.Random) -> tuple[str, bytes]:
    layout = load_layouts()["athena"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = str(layout.file.sheet_name)
    for row in _reports(chance, layout):
        sheet.append(["" if cell is None else cell for cell in row])
    if chance.random() < 0.3:
        book.create_sheet(f"{FORENAME} {SURNAME}").append(["read me"])
    if chance.random() < 0.1:
        sheet.title = f"{FORENAME} {SURNAME}"
    stored = io.BytesIO()
    book.save(stored)
    data = stored.getvalue()
    if chance.random() < 0.5:
        data = _repacked(chance, data)
    return "reports.xlsx", _damaged(chance, data, chance.choice((0, 0, 1, 3)))


def _repacked(chance: random.Random, data: bytes) -> bytes:
    """The archive with one of its parts damaged inside."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    return zipped({**parts, name: _damaged(chance, parts[name], 1)})


def _zip(chance: random.Random) -> tuple[str, bytes]:
    layout = load_layouts()["niche"]
    data = as_csv(_reports(chance, layout), layout)
    data = _damaged(chance, data, chance.choice((0, 0, 1, 2)))
    names = (
        "reports.csv",
        f"{FORENAME} {SURNAME}.csv",
        "a/reports.csv",
        "b\\reports.csv",
        "../r.csv",
    )
    members = {chance.choice(names): data}
    if chance.random() < 0.2:
        members[f"{SURNAME} notes.txt"] = b"read me"
    return "reports.zip", _damaged(chance, zipped(members), chance.choice((0, 0, 0, 1, 3)))
