"""The same invented children as a known system writes them, and as three strangers write them.

The layouts that read the strangers' files are beside this module.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import openpyxl

from tests.feeds.deliveries import police_csv, table_csv
from tests.feeds.invented_systems.system_headings import (
    CAREBASE,
    CAREBASE_WORDS,
    TALLY,
    TALLY_WORDS,
    WATCHMAN,
    WATCHMAN_WORDS,
    FileOfStranger,
)

Row = dict[str, str]
Rows = list[Row]
CHILDREN = 30
ETHNICITIES = ("WBRI", "MWAS", "AIND", "BCRB")
FORENAMES = ("Wilhelmina", "Zoë", "Ottoline", "Barnaby", "Cosmo", "Ffion")


def list_extract_rows() -> dict[str, Rows]:
    """Rows of nine tables of an extract, with dates and moments in ISO form."""
    tables: dict[str, Rows] = {
        name: []
        for name in (
            *("ssd_person", "ssd_linked_identifiers", "ssd_address", "ssd_cla_episodes"),
            *("ssd_legal_status", "ssd_cla_placement", "ssd_immigration_status", "ssd_missing"),
            "return_interviews",
        )
    }
    for number in range(1, CHILDREN + 1):
        child, day = f"P{1000 + number}", date(2025, 1, 6) + timedelta(days=number)
        tables["ssd_person"].append(
            {
                "pers_person_id": child,
                "pers_forename": FORENAMES[number % 6],
                "pers_surname": f"Testperson{chr(65 + number % 26)}",
                "pers_sex": "F" if number % 2 else "M",
                "pers_ethnicity": ETHNICITIES[number % 4],
                "pers_dob": str(date(2009, 2, 1) + timedelta(days=37 * number)),
                "pers_common_child_id": str(9_434_765_000 + number),
            }
        )
        tables["ssd_linked_identifiers"].append(
            {
                "link_person_id": child,
                "link_identifier_type": "Unique Pupil Number" if number % 3 else "Police reference",
                "link_identifier_value": f"H80100000{number:04d}",
                "link_valid_from_date": str(day),
            }
        )
        tables["ssd_address"].append(
            {
                "addr_table_id": f"A{number}",
                "addr_person_id": child,
                "addr_address_start_date": str(day),
                "addr_address_postcode": f"ZZ99 {number % 9}WZ",
            }
        )
        end = str(day + timedelta(days=200)) if number % 5 == 0 else ""
        tables["ssd_cla_episodes"].append(
            {
                "clae_cla_episode_id": f"E{number}",
                "clae_person_id": child,
                "clae_cla_episode_start_date": str(day),
                "clae_cla_episode_start_reason": "S" if number % 2 else "L",
                "clae_cla_primary_need_code": f"N{number % 8 + 1}",
                "clae_cla_episode_ceased_date": end,
                "clae_cla_episode_ceased_reason": "E4A" if end else "",
                "clae_cla_placement_id": f"PL{number}",
            }
        )
        tables["ssd_legal_status"].append(
            {
                "lega_legal_status_id": f"S{number}",
                "lega_person_id": child,
                "lega_legal_status": "C2" if number % 2 else "V2",
                "lega_legal_status_start_date": str(day),
            }
        )
        tables["ssd_cla_placement"].append(
            {
                "clap_cla_placement_id": f"PL{number}",
                "clap_person_id": child,
                "clap_cla_placement_start_date": str(day),
                "clap_cla_placement_type": "U4" if number % 2 else "K2",
                "clap_cla_placement_provider": f"PR{number % 5 + 1}",
                "clap_cla_placement_postcode": f"ZZ99 {number % 8}AB",
            }
        )
        start = datetime(2026, 7, 1, 18, 30) + timedelta(days=number, hours=number % 7)  # noqa: DTZ001
        back = start + timedelta(hours=11)
        tables["ssd_missing"].append(
            {
                "miss_table_id": f"M{number}",
                "miss_person_id": child,
                "miss_missing_episode_start_date": start.isoformat(),
                "miss_missing_episode_type": "M" if number % 4 else "A",
                "miss_missing_episode_end_date": back.isoformat() if number % 9 else "",
                "miss_missing_rhi_offered": "Y" if number % 2 else "N",
            }
        )
        if number % 2:
            tables["return_interviews"].append(
                {
                    "interview_id": f"R{number}",
                    "miss_table_id": f"M{number}",
                    "offered_at": (back + timedelta(hours=2)).isoformat(),
                    "accepted": "Y" if number % 3 else "N",
                    "held_at": (back + timedelta(hours=30)).isoformat() if number % 3 else "",
                }
            )
        if number % 10 == 0:
            tables["ssd_immigration_status"].append(
                {
                    "immi_immigration_status_id": f"I{number}",
                    "immi_person_id": child,
                    "immi_immigration_status": "Asylum Seeker",
                    "immi_immigration_status_start_date": str(day),
                }
            )
    return tables


def list_return_rows() -> dict[str, Rows]:
    """Rows of the modules of a return, with dates in ISO form."""
    extract = list_extract_rows()
    header = [
        {
            "child": row["pers_person_id"],
            "sex": "2" if row["pers_sex"] == "F" else "1",
            "dob": row["pers_dob"],
            "ethnic": row["pers_ethnicity"],
            "upn": f"H80100000{number:04d}",
            "mother": "0",
        }
        for number, row in enumerate(extract["ssd_person"])
    ]
    episodes = [
        {
            "child": row["clae_person_id"],
            "decom": row["clae_cla_episode_start_date"],
            "rne": row["clae_cla_episode_start_reason"],
            "ls": "C2",
            "cin": row["clae_cla_primary_need_code"],
            "place": "U4",
            "place_provider": "PR1",
            "dec": row["clae_cla_episode_ceased_date"],
            "rec": row["clae_cla_episode_ceased_reason"],
            "reason_place_change": "CARPL" if number % 2 else "",
            "home_post": f"ZZ99 {number % 9}WZ",
            "pl_post": f"ZZ99 {number % 8}AB",
            "urn": f"SC{40000 + number}",
        }
        for number, row in enumerate(extract["ssd_cla_episodes"])
    ]
    missing = [
        {
            "child": row["miss_person_id"],
            "missing": row["miss_missing_episode_type"],
            "mis_start": str(date(2025, 5, 1) + timedelta(days=number)),
            "mis_end": str(date(2025, 5, 2) + timedelta(days=number)) if number % 6 else "",
        }
        for number, row in enumerate(extract["ssd_missing"])
    ]
    uasc = [{**{k: r[k] for k in ("child", "sex", "dob")}, "duc": ""} for r in header[::10]]
    return {"header": header, "episodes": episodes, "missing": missing, "uasc": uasc}


def list_reports() -> Rows:
    """Reports of a force in canonical fields, with codes of the layout `compact`."""
    reports = []
    for number, row in enumerate(list_extract_rows()["ssd_person"], start=1):
        seen = datetime(2026, 10, 1, 20, 15) + timedelta(hours=20 * number)  # noqa: DTZ001
        reports.append(
            {
                "report_ref": f"MP{number:04d}",
                "person_ref": f"NOM{number // 2:04d}",
                "forenames": FORENAMES[number // 2 % 6],
                "surname": f"Testperson{chr(65 + number // 2 % 26)}",
                "dob": str(date(2009, 2, 1) + timedelta(days=37 * (number // 2))),
                "sex": "Female" if number // 2 % 2 else "Male",
                "home_postcode": f"ZZ99 {number // 2 % 9}WZ",
                "last_seen_at": seen.isoformat(timespec="minutes"),
                "reported_at": (seen + timedelta(hours=3)).isoformat(timespec="minutes"),
                "found_at": (seen + timedelta(hours=9)).isoformat(timespec="minutes")
                if row["pers_sex"] == "F"
                else "",
                "category": "Missing",
                "risk_initial": "High" if number % 3 else "Medium",
                "is_looked_after": "Yes" if number % 2 else "No",
            }
        )
    return reports


def _write_dates(text: str, day_format: str, time_format: str) -> str:
    """An ISO date or moment in another format; any other text unchanged."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    is_date = len(text) == len("2026-10-01") and text[4] == "-"
    if not is_date and "T" not in text:
        return text
    return moment.strftime(day_format if is_date else f"{day_format}{time_format}")


def _rewrite(rows: Rows, write: Callable[[str], str], words: Mapping[str, Row]) -> Rows:
    return [
        {name: write(words.get(name, {}).get(text, text)) for name, text in row.items()}
        for row in rows
    ]


def _list_cells(file: FileOfStranger, rows: Sequence[Row], null: str = "") -> list[list[str]]:
    """The heading and the rows of a file; rows that would repeat are there once."""
    cells = [tuple(row.get(name, "") or null for name in file.headings) for row in rows]
    return [list(file.headings.values()), *map(list, dict.fromkeys(cells))]


def write_standard_extract() -> dict[str, bytes]:
    """The children as an extract of Mosaic."""
    tables = {
        name: _rewrite(rows, lambda text: _write_dates(text, "%d/%m/%Y", " %H:%M"), {})
        for name, rows in list_extract_rows().items()
    }
    tables["ssd_version"] = [{"case_system": "Mosaic", "extract_version": "1"}]
    return {f"{n}.csv": table_csv("authority_extract", n, rows) for n, rows in tables.items()}


def write_carebase() -> dict[str, bytes]:
    """The children as Carebase writes them: ten files in windows-1252, separated by semicolons."""
    files = {}
    tables = list_extract_rows()
    for file in CAREBASE:
        rows = _rewrite(
            tables[file.table],
            lambda text: _write_dates(text, "%d-%b-%Y", " %H:%M"),
            CAREBASE_WORDS,
        )
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(_list_cells(file, rows, "NIL"))
        files[file.name] = text.getvalue().encode("cp1252")
    return files


def write_standard_reports() -> dict[str, bytes]:
    """The reports as a file of the layout `compact`."""
    return {"reports.csv": police_csv("compact", list_reports())}


def write_watchman() -> dict[str, bytes]:
    """The reports as Watchman writes them: one workbook with the sheets Reports and People."""
    rows = _rewrite(
        list_reports(), lambda text: _write_dates(text, "%d.%m.%Y", " %H:%M"), WATCHMAN_WORDS
    )
    book = openpyxl.Workbook()
    book.active.title = "About"
    book.active.append(["Watchman"])
    for file in WATCHMAN:
        sheet = book.create_sheet(file.sheet)
        for cells in _list_cells(file, rows):
            sheet.append(cells)
    stored = io.BytesIO()
    book.save(stored)
    return {WATCHMAN[0].name: stored.getvalue()}


def write_standard_return() -> dict[str, bytes]:
    """The children as CSV modules of the statutory return."""
    tables = {
        name: _rewrite(rows, lambda text: _write_dates(text, "%d/%m/%Y", ""), {})
        for name, rows in list_return_rows().items()
    }
    return {f"{n}.csv": table_csv("authority_return", n, rows) for n, rows in tables.items()}


def write_tally() -> dict[str, bytes]:
    """The children as Tally writes a return: other names of files, other headings and words."""
    files = {}
    tables = list_return_rows()
    for file in TALLY:
        rows = _rewrite(
            tables[file.table], lambda text: _write_dates(text, "%Y-%m-%d", ""), TALLY_WORDS
        )
        text = io.StringIO()
        csv.writer(text).writerows(_list_cells(file, rows))
        files[file.name] = text.getvalue().encode()
    return files
