"""Fifty invented children, planted wherever a delivery can have a text, and a search for them.

What a test expects of the search does not belong here.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import psycopg
from psycopg import sql

from register.erasure import search_home
from register.settings import Settings
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    QUARTER,
    YEAR,
    Home,
    as_csv,
    extract_files,
    force_of,
    known_code,
    police_csv,
    police_rows,
    report,
    table_csv,
    zipped,
)
from tests.feeds.deliveries import load_layouts as layouts
from tests.feeds.test_returns import csv_files

# Every planted name, reference and postcode has one of these stems, so a search for the stems finds
# them all.
FORENAMES = ("Zephyrinda", "Brynwickle", "Thalgoria", "Vexmontis", "Ondrigast")
SURNAMES = ("Quillonberry", "Farnokthwaite", "Grobbenquaint", "Wyvernmancer", "Uxbrindottir")
ENDINGS = ("", "bel", "dora", "fyn", "gild", "hux", "jorn", "kip", "lorn", "mund")
REFERENCE = "CANARY77421"
BORN = [date(2009 + number % 8, 3 + number, 13 + number) for number in range(10)]
DATE_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d%m%Y", "%d-%b-%Y")
POSTCODES = [f"QX9{number} 9QX" for number in range(10)]
WORDS = (
    *(*FORENAMES, *SURNAMES, REFERENCE),
    *(each for code in POSTCODES for each in (code, code.replace(" ", ""))),
    *(born.strftime(form) for born in BORN for form in DATE_FORMS),
)
PLANTED = re.compile("|".join(map(re.escape, WORDS)), re.IGNORECASE)
# Tables and columns of dates, which have every day.
CALENDAR = "dim_dates"
# A child's name where only one text fits: in the names of files, folders and sheets.
CHILD = f"{FORENAMES[0]} {SURNAMES[0]} {BORN[0]:%d%m%Y} {POSTCODES[0]} {REFERENCE}"
EARLIER, LATER = ("2026-09", "2026-10")
RECEIVED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
# Forces of every layout; each also has a day of its own, or its reports would be held as another's.
FORCES = ("compact", "athena", "connect", "niche")


def _list_children() -> list[dict[str, str]]:
    """Return the fifty children as they are in a police report.

    Children whose forenames begin alike share a date of birth or a postcode, but never both.
    Linkage would take children with both in common for one child.
    """
    return [
        report(
            number,
            report_ref=f"{REFERENCE}-{number}",
            person_ref=f"{REFERENCE}-P{number}",
            forenames=FORENAMES[number % 5] + ENDINGS[number // 5],
            surname=SURNAMES[(number + number // 5) % 5] + ENDINGS[number // 5],
            dob=BORN[(number + number // 10) % 10].isoformat(),
            home_postcode=POSTCODES[number % 10],
        )
        for number in range(50)
    ]


CHILDREN = _list_children()


def list_reports(force: str) -> list[dict[str, str]]:
    """Return a force's reports of all the children; each force has other days and references."""
    day = 1 + 5 * FORCES.index(force)
    # A delivery with an empty column would be held.
    codes = {field: known_code(layouts()[force], field) for field in ("sex", "category")}
    return [
        {
            **child,
            **codes,
            "report_ref": f"{child['report_ref']}-{force}",
            "person_ref": f"{child['person_ref']}-{force}",
            "last_seen_at": f"2026-10-{day + number % 5:02}T20:15",
            "reported_at": f"2026-10-{day + number % 5:02}T23:{number:02}",
        }
        for number, child in enumerate(CHILDREN)
    ]


def _workbook() -> bytes:
    layout = layouts()["athena"]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = str(layout.file.sheet_name)
    for row in police_rows(layout, list_reports("athena")):
        book.active.append(row)
    book.create_sheet(CHILD[:30]).append([CHILD])
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def _extract() -> dict[str, bytes]:
    """An extract of all the children, each with an absence and an address."""
    people, absences, addresses = [], [], []
    for number, child in enumerate(CHILDREN):
        key = f"{REFERENCE}-A{number}"
        born = date.fromisoformat(child["dob"])
        people.append(
            {
                "pers_person_id": key,
                "pers_forename": child["forenames"],
                "pers_surname": child["surname"],
                "pers_dob": f"{born:%d/%m/%Y}",
                "pers_sex": "F",
            }
        )
        absences.append(
            {
                "miss_table_id": f"{key}-M",
                "miss_person_id": key,
                "miss_missing_episode_start_date": f"{1 + number % 28:02}/08/2026",
            }
        )
        addresses.append(
            {
                "addr_table_id": f"{key}-H",
                "addr_person_id": key,
                "addr_address_postcode": child["home_postcode"],
            }
        )
    return extract_files(ssd_person=people, ssd_missing=absences, ssd_address=addresses)


def _return_rows() -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {"header": [], "episodes": [], "missing": []}
    for number, child in enumerate(CHILDREN):
        born = f"{date.fromisoformat(child['dob']):%d/%m/%Y}"
        key = {"child": f"{REFERENCE}-R{number}"}
        rows["header"].append({**key, "sex": "2", "dob": born, "upn": f"{REFERENCE}U"})
        episode = {"decom": "01/05/2025", "home_post": child["home_postcode"]}
        rows["episodes"].append({**key, **episode, "rne": "S", "ls": "C2", "place": "U1"})
        rows["missing"].append({**key, "dob": born, "missing": "M", "mis_start": "05/05/2025"})
    return rows


def _return_xml() -> bytes:
    """The return as an XML document; names of children are in a comment."""
    children = [
        f"<CHILD><!-- {escape(child['forenames'])} --><HEADER>"
        f"<CHILDID>{REFERENCE}-X{number}</CHILDID><SEX>2</SEX>"
        f"<DOB>{date.fromisoformat(child['dob']):%d/%m/%Y}</DOB></HEADER>"
        "<AMISSING><MISSING>M</MISSING><MIS_START>05/05/2025</MIS_START><MIS_END/></AMISSING>"
        "</CHILD>"
        for number, child in enumerate(CHILDREN)
    ]
    prolog = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join((prolog, "<Message>", *children, "</Message>")).encode()


def fill_inbox(home: Home) -> None:
    """Plant the children in all feeds, and one in names of files, members and sheets."""
    layout = layouts()["compact"]
    when = {"received": RECEIVED}
    rows = [[*row, CHILD] for row in police_rows(layout, list_reports("compact"))]
    home.put_files("police_reports", COMPACT, LATER, {f"{CHILD}.csv": as_csv(rows, layout)}, **when)
    # The heading and the first record are one line: what follows the last heading is a column.
    joined = police_csv("compact", CHILDREN[:3]).replace(b"\r\n", b",", 1)
    home.put_files("police_reports", COMPACT, EARLIER, {"reports.csv": joined}, **when)
    books = {f"{CHILD}.xlsx": _workbook()}
    home.put_files("police_reports", force_of("athena"), LATER, books, **when)
    for name in ("connect", "niche"):
        data = police_csv(name, list_reports(name))
        home.put_files("police_reports", force_of(name), LATER, {"reports.csv": data}, **when)
    # Text in another encoding, which no layout has.
    other = police_csv("niche", CHILDREN).decode("cp1252").encode("utf-16")
    home.put_files("police_reports", force_of("niche"), EARLIER, {"reports.csv": other}, **when)
    members = {**_extract(), f"{CHILD}/notes of {SURNAMES[0]}.txt": b"read me"}
    archive = {f"{CHILD}.zip": zipped(members)}
    home.put_files("authority_extract", AUTHORITY, QUARTER, archive, **when)
    files = {f"{n}.csv": table_csv("authority_return", n, r) for n, r in _return_rows().items()}
    files |= {f"{SURNAMES[0]} header and episodes.csv": csv_files()["header.csv"]}
    home.put_files("authority_return", AUTHORITY, YEAR, files, **when)
    home.put_files("authority_return", "301", YEAR, {"return.xml": _return_xml()}, **when)
    for place in ((SURNAMES[0], COMPACT, LATER), ("police_reports", SURNAMES[0], LATER)):
        home.put_files(*place, {f"{CHILD}.csv": b"a"}, **when)
    home.put_files("police_reports", COMPACT, CHILD, {f"{CHILD}.7z": b"7z\xbc\xaf\x27\x1c"}, **when)
    (home.settings.inbox / f"{CHILD}.csv").write_bytes(b"a")
    (home.settings.inbox / SURNAMES[0] / "link").symlink_to(home.settings.home)


def search_folder(settings: Settings, folder: Path) -> set[tuple[str, str]]:
    """Return the files of a folder that hold a planted word, each with the place in it.

    A search with the settings' keys also reads what is encrypted. Every day is in a calendar.
    """
    hits = search_home(replace(settings, home=folder), WORDS)
    return {(hit.path, hit.reason) for hit in hits if CALENDAR not in hit.path + hit.reason}


def copy_tables(dsn: str, folder: Path) -> int:
    """Write every table of a PostgreSQL database as a text file; return their number."""
    folder.mkdir()
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("copy (select * from {}) to stdout").format(
                sql.Identifier(schema, table)
            )
            with connection.cursor().copy(query) as rows:
                (folder / f"{schema}.{table}.txt").write_bytes(b"".join(rows))
    return len(tables)
