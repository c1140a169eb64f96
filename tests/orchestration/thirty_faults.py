"""Six invented deliveries, as six systems write them, each with five faults of different kinds.

Each function writes its delivery with the faults, or mended. What a check says belongs in the test.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import openpyxl

from register.feeds import Layout, load_sample_layouts
from tests.feeds.deliveries import (
    AUTHORITY,
    MONTH,
    QUARTER,
    YEAR,
    as_csv,
    police_rows,
    report,
    table_csv,
)

Row = dict[str, str]


@dataclass(frozen=True)
class FaultyDelivery:
    """A delivery with faults and mended, its place, and each fault's rule and heading."""

    feed: str
    supplier_code: str
    period: str
    files: dict[str, bytes]
    mended: dict[str, bytes]
    faults: set[tuple[str, str]] = field(default_factory=set)


def _reports(count: int, **codes: str) -> list[Row]:
    names = ("Ivy", "Kofi", "Maya", "Owen", "Zara", "Liam", "Anya", "Noor")
    return [
        report(
            700 + n,
            forenames=names[n],
            surname=f"Specimen{names[n][::-1]}",
            dob=f"201{n % 5}-0{n + 1}-1{n}",
            last_seen_at=f"2026-10-0{n + 1}T17:05",
            reported_at=f"2026-10-0{n + 1}T21:40",
            **codes,
        )
        for n in range(count)
    ]


def _rename(rows: list[list[str]], old: str, heading: str) -> list[list[str]]:
    return [[heading if cell == old else cell for cell in rows[0]], *rows[1:]]


def _load_layout(name: str) -> Layout:
    return next(layout for layout in load_sample_layouts() if layout.layout_name == name)


def write_compact() -> FaultyDelivery:
    """A comma-separated file: encoding, heading, reference, code and date of birth."""
    layout = _load_layout("compact")
    good = _reports(8, sex="F", category="Missing")
    good[4]["surname"] = "Spécimen"
    bad = [dict(row) for row in good]
    bad[1]["report_ref"] = ""
    bad[2]["sex"] = "Fmale"
    bad[6]["dob"] = "31/06/2011"
    rows = _rename(police_rows(layout, bad), "Last Seen", "Last Seen At")
    name = "missing_reports_2026-10.csv"
    return FaultyDelivery(
        "police_reports",
        "E23000006",
        MONTH,
        {name: as_csv(rows, layout).decode().encode("cp1252")},
        {name: as_csv(police_rows(layout, good), layout)},
        {
            ("wrong_encoding", ""),
            ("missing_required_column", "Last Seen"),
            ("missing_required_value", "Case Ref"),
            ("unmapped_code", "Sex"),
            ("impossible_date", "Date of Birth"),
        },
    )


def write_workbook() -> FaultyDelivery:
    """A workbook: sheet, doubled heading, order of dates, doubled record and shared number."""
    layout = _load_layout("athena")
    good = _reports(8, sex="FEMALE", category="Absent Person")
    bad = [dict(row) for row in good]
    bad[2]["returned_at"] = "2026-10-02T11:00"
    bad.append(dict(bad[3]))
    bad[6]["person_ref"] = bad[5]["person_ref"]
    rows = [[*row, row[4]] for row in police_rows(layout, bad)]
    name = "Missing Person Extract 2026-10.xlsx"

    def write(sheet_name: str, cells: list[list[str]]) -> dict[str, bytes]:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = sheet_name
        for row in cells:
            sheet.append(row)
        data = io.BytesIO()
        book.save(data)
        return {name: data.getvalue()}

    return FaultyDelivery(
        "police_reports",
        "E23000003",
        MONTH,
        write("Sheet1", rows),
        write("Missing Persons", police_rows(layout, good)),
        {
            ("missing_sheet", ""),
            ("duplicate_column", "First Names"),
            ("end_before_start", "Date/Time Returned"),
            ("repeated_record", "Investigation Number"),
            ("conflicting_number", "Person URN"),
        },
    )


def write_piped() -> FaultyDelivery:
    """A pipe-delimited text: heading, short line, code, future date and reused reference."""
    layout = _load_layout("connect")
    good = _reports(8, sex="2", category="M")
    bad = [dict(row) for row in good]
    bad[1]["category"] = "MISPER"
    bad[2]["found_at"] = "2046-10-04T09:00"
    bad[5]["report_ref"] = bad[4]["report_ref"]
    rows = _rename(police_rows(layout, bad), "BirthDate", "BirthDay")
    rows[8] = rows[8][:-3]
    name = "connect_misper_2026-10.txt"
    return FaultyDelivery(
        "police_reports",
        "E23000002",
        MONTH,
        {name: as_csv(rows, layout)},
        {name: as_csv(police_rows(layout, good), layout)},
        {
            ("missing_required_column", "BirthDate"),
            ("wrong_field_count", ""),
            ("unmapped_code", "MisperType"),
            ("date_in_future", "FoundDate"),
            ("reused_reference", "MisperId"),
        },
    )


def write_extract() -> FaultyDelivery:
    """An extract of four tables: case system, heading, date, required value and code."""

    def write(tables: dict[str, list[Row]], leave_out: str) -> dict[str, bytes]:
        return {
            f"{name}.csv": table_csv("authority_extract", name, rows, leave_out)
            for name, rows in tables.items()
        }

    persons = [
        {
            "pers_person_id": f"A{n}",
            "pers_forename": "Ivy",
            "pers_surname": f"Specimen{n}",
            "pers_sex": "F",
            "pers_dob": f"0{n}/02/2012",
        }
        for n in range(1, 6)
    ]
    absences = [
        {
            "miss_table_id": f"M{n}",
            "miss_person_id": f"A{n}",
            "miss_missing_episode_start_date": f"0{n}/08/2026 19:30",
            "miss_missing_episode_end_date": f"0{n}/08/2026 23:10",
            "miss_missing_episode_type": "M",
        }
        for n in range(1, 6)
    ]
    status = [
        {
            "lega_legal_status_id": f"L{n}",
            "lega_person_id": f"A{n}",
            "lega_legal_status": "C2",
            "lega_legal_status_start_date": f"0{n}/01/2026",
        }
        for n in range(1, 6)
    ]
    version = [{"case_system": "Mosaic", "extract_version": "1.0"}]
    good = {
        "ssd_version": version,
        "ssd_person": persons,
        "ssd_missing": absences,
        "ssd_legal_status": status,
    }
    bad = {name: [dict(row) for row in rows] for name, rows in good.items()}
    bad["ssd_version"][0]["case_system"] = "Mosiac"
    bad["ssd_missing"][1]["miss_missing_episode_end_date"] = "31/09/2026 08:00"
    bad["ssd_missing"][3]["miss_person_id"] = ""
    bad["ssd_legal_status"][2]["lega_legal_status"] = "Care order"
    return FaultyDelivery(
        "authority_extract",
        AUTHORITY,
        QUARTER,
        write(bad, "pers_dob"),
        write(good, ""),
        {
            ("no_layout", "case_system"),
            ("missing_required_column", "pers_dob"),
            ("impossible_date", "miss_missing_episode_end_date"),
            ("missing_required_value", "miss_person_id"),
            ("unmapped_code", "lega_legal_status"),
        },
    )


CHILDREN: list[Row] = [
    {"child": f"R{n}", "sex": "F", "dob": f"0{n}/03/2011", "ethnic": "WBRI", "upn": "UN1"}
    for n in range(1, 7)
]
EPISODES: list[Row] = [
    {"child": f"R{n}", "decom": f"0{n}/04/2025", "rne": "S", "ls": "C2", "cin": "N1", "place": "U6"}
    for n in range(1, 7)
]
PERIODS: list[Row] = [
    {
        "child": f"R{n}",
        "dob": f"0{n}/03/2011",
        "missing": "M",
        "mis_start": f"1{n}/06/2025",
        "mis_end": f"2{n}/06/2025",
    }
    for n in range(1, 5)
]


def write_return() -> FaultyDelivery:
    """A return as CSV: heading, doubled child, code, order of dates and child without episodes."""

    def write(tables: dict[str, list[Row]], leave_out: str) -> dict[str, bytes]:
        return {
            f"{name}.csv": table_csv("authority_return", name, rows, leave_out)
            for name, rows in tables.items()
        }

    good = {"header": CHILDREN, "episodes": EPISODES, "missing": PERIODS}
    bad = {name: [dict(row) for row in rows] for name, rows in good.items()}
    bad["header"].append(dict(CHILDREN[5]))
    bad["episodes"][4]["ls"] = "ICO"
    bad["missing"][0]["mis_end"] = "10/06/2025"
    bad["episodes"].pop(2)
    return FaultyDelivery(
        "authority_return",
        AUTHORITY,
        YEAR,
        write(bad, "upn"),
        write(good, ""),
        {
            ("missing_required_column", "upn"),
            ("repeated_record", "child"),
            ("unmapped_code", "ls"),
            ("567", "mis_end"),
            ("1012", "child"),
        },
    )


def write_xml() -> FaultyDelivery:
    """A return as XML: encoding, misspelt element, date of birth, type of absence and number."""

    def record(tag: str, fields: Row, *names: str) -> str:
        values = "".join(f"<{n.upper()}>{fields[n]}</{n.upper()}>" for n in names if n in fields)
        return f"<{tag}>{values}</{tag}>"

    def write(tables: list[list[Row]], misspelt: str, encoding: str) -> dict[str, bytes]:
        children = []
        for n, child in enumerate(tables[0]):
            number = {"childid": child["child"]} if child["child"] else {}
            header = record("HEADER", {**child, **number}, "childid", "sex", "dob", "ethnic", "upn")
            episode = {**tables[1][n], "pl": "U6"}
            parts = [header, record("EPISODE", episode, "decom", "rne", "ls", "cin", "pl")]
            if n < len(tables[2]):
                tag = misspelt if n == 1 else "AMISSING"
                parts.append(record(tag, tables[2][n], "missing", "mis_start", "mis_end"))
            children.append(f"<CHILD>{''.join(parts if child['child'] else parts[:1])}</CHILD>")
        start = "<?xml version='1.0' encoding='UTF-8'?><!-- année -->\n"
        text = f"{start}<Return>{''.join(children)}</Return>"
        return {"cla_return_2025-26.xml": text.encode(encoding)}

    good = [CHILDREN, EPISODES, PERIODS]
    bad = [[dict(row) for row in rows] for rows in good]
    bad[0][4]["dob"] = "30/02/2011"
    bad[2][3]["missing"] = ""
    bad[0][5]["child"] = ""
    return FaultyDelivery(
        "authority_return",
        AUTHORITY,
        YEAR,
        write(bad, "AMISING", "cp1252"),
        write(good, "AMISSING", "utf-8"),
        {
            ("wrong_encoding", ""),
            ("misplaced_record", ""),
            ("impossible_date", "dob"),
            ("565", "missing"),
            ("missing_required_value", "child"),
        },
    )


DELIVERIES = (
    write_compact,
    write_workbook,
    write_piped,
    write_extract,
    write_return,
    write_xml,
)
