"""The forms in which suppliers send tables: read where that is safe, else refused by name."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping

import openpyxl
import pytest

from register.feeds import Delivery
from register.feeds.layout import load_layouts
from tests.feeds.deliveries import (
    AUTHORITY,
    COMPACT,
    MONTH,
    QUARTER,
    Home,
    as_csv,
    extract_files,
    force_of,
    police_csv,
    police_rows,
    report,
    zipped,
)
from tests.feeds.old_workbook import old_workbook

REPORTS = [report(1), report(2, forenames="Zoë, Ann"), report(3)]
GOOD = police_csv("compact", REPORTS)
LAYOUT = load_layouts()["compact"]
ATHENA = load_layouts()["athena"]
SHEET = str(ATHENA.file.sheet_name)
Cells = list[list[str]]


def _separated(delimiter: str) -> bytes:
    form = LAYOUT.file.model_copy(update={"delimiter": delimiter})
    return as_csv(police_rows(LAYOUT, REPORTS), LAYOUT.model_copy(update={"file": form}))


def _workbook(**sheets: Cells) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def _windows_zip(files: Mapping[str, bytes]) -> bytes:
    """A zip as some tools of Windows make it: folders separated by backslashes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Export\\"), b"")
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"Export\\{name}"), data)
    return packed.getvalue()


READ = {
    "utf-16": ("reports.csv", GOOD.decode().encode("utf-16"), []),
    "utf-8 with a mark": ("reports.csv", b"\xef\xbb\xbf" + GOOD, []),
    "sep=": ("reports.csv", b"sep=,\r\n" + GOOD, []),
    "sep=;": ("reports.csv", b'"sep=;"\r\n' + _separated(";"), ["other_separator"]),
    "tabs": ("reports.txt", _separated("\t"), ["other_separator"]),
    "bars": ("reports.csv", _separated("|"), ["other_separator"]),
    "a title": (
        "reports.csv",
        b"Missing persons, October 2026\r\nPrinted 2 November\r\n\r\n" + GOOD,
        ["title_lines"] * 3,
    ),
    "gzip": ("reports.csv.gz", gzip.compress(GOOD), []),
    "a zip of Windows": ("reports.zip", _windows_zip({"reports.csv": GOOD}), []),
}


@pytest.mark.parametrize("form", READ)
def test_a_table_in_another_form_gives_the_same_rows(home: Home, form: str) -> None:
    """Prevents a month of reports from being refused for how a tool saved it."""
    name, data, expected_rules = READ[form]
    home.put_files("police_reports", COMPACT, MONTH, {"reports.csv": GOOD})
    home.put_files("police_reports", COMPACT, "2026-09", {name: data})
    landed = {entry.period: entry for entry in home.load().landed}
    usual, other = (_values(home, landed[period]) for period in (MONTH, "2026-09"))
    assert len(usual) == len(REPORTS)
    assert other == usual
    assert [rule for rule, *_ in home.rules(landed["2026-09"])] == expected_rules


def _values(home: Home, delivery: Delivery) -> list[dict[str, str]]:
    rows = home.rows(delivery, "reports")
    return [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]


def test_rows_below_a_title_keep_their_physical_lines(home: Home) -> None:
    """Prevents a trace from leading to another child's line."""
    lines = GOOD.replace(b"MP2,NOM2,", b"MP2,NOM2,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,")
    home.put_reports(b"Report\r\n" + lines)
    delivery = home.land_one()
    assert [row["_row_number"] for row in home.rows(delivery, "reports")] == [3, 5]
    assert home.rules(delivery) == [
        ("title_lines", "reports.csv", "1", ""),
        ("wrong_field_count", "reports.csv", "4", ""),
    ]


def test_a_footer_is_that_of_the_separator(home: Home) -> None:
    """Prevents a complete file from being taken for a cut one."""
    data = police_csv("niche", REPORTS).replace(b";", b"\t")
    home.put_files("police_reports", force_of("niche"), MONTH, {"misper.csv": data})
    delivery = home.land_one()
    assert (delivery.landed_row_count, delivery.outcome) == (3, "accepted")


NAMED_BY_LAYOUT = ("unread_form", "workbook_for_text")
REFUSED = {
    "7z by name": ("reports.7z", b"7z\xbc\xaf\x27\x1c" + bytes(50), "unread_archive"),
    "7z in a .zip": ("reports.zip", b"7z\xbc\xaf\x27\x1c" + bytes(50), "unread_archive"),
    "tar": ("reports.tar.gz", gzip.compress(b"reports.csv" + bytes(600)), "unread_archive"),
    "a cut gzip": ("reports.csv.gz", gzip.compress(GOOD)[:-20], "truncated_zip"),
    "no gzip": ("reports.csv.gz", GOOD, "not_a_zip"),
    "a gzip bomb": ("reports.csv.gz", gzip.compress(bytes(40 << 20)), "zip_bomb"),
    "pdf": ("reports.pdf", b"%PDF-1.7", "unread_form"),
    "pdf by its bytes": ("reports.csv", b"%PDF-1.7\n" * 3, "unread_form"),
    "a workbook": ("reports.xlsx", _workbook(Reports=[["a"]]), "workbook_for_text"),
    "a workbook by its bytes": ("reports.csv", _workbook(Reports=[["a"]]), "workbook_for_text"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_form_that_is_not_read_is_refused_by_name(home: Home, form: str) -> None:
    """Prevents a supplier from being told that a file is missing which was sent as a workbook."""
    name, data, rule = REFUSED[form]
    home.put_files("police_reports", COMPACT, MONTH, {name: data})
    delivery = home.land_one()
    assert home.rules(delivery) == [(rule, name, "", "")]
    (line,) = home.feedback(delivery)
    assert line["what_to_fix"]
    # What an archive should have contained is not known before its layout is.
    assert line["expected_form"]
    if rule in NAMED_BY_LAYOUT:
        assert line["expected_form"] == "*.csv, utf-8, separated by ,"


def test_an_extract_sent_as_workbooks_is_told_so(home: Home) -> None:
    """Prevents an authority from being told that `ssd_person.csv` is missing, and no more."""
    files = extract_files()
    del files["ssd_person.csv"]
    files["ssd_person.xlsx"] = _workbook(ssd_person=[["pers_person_id"], ["P1"]])
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    assert home.rules(home.land_one()) == [("workbook_for_text", "ssd_person.xlsx", "", "")]


def _land_workbook(home: Home, data: bytes, name: str = "reports.xlsx") -> Delivery:
    home.put_files("police_reports", force_of("athena"), MONTH, {name: data})
    return home.land_one()


def test_a_workbook_with_a_title_and_a_sheet_of_notes_is_read(home: Home) -> None:
    """Prevents a page of notes from stopping a load, or from vanishing."""
    rows = police_rows(ATHENA, REPORTS)
    data = _workbook(Notes=[["read me"]], Missing_Persons=[["October"], *rows], Empty=[])
    delivery = _land_workbook(home, data)
    assert [row["_row_number"] for row in home.rows(delivery, "reports")] == [3, 4, 5]
    assert home.rules(delivery) == [
        ("unknown_sheet", "reports.xlsx/sheet_1", "", ""),
        ("title_lines", "reports.xlsx", "1", ""),
    ]


def test_a_second_sheet_of_records_is_refused_and_not_overlooked(home: Home) -> None:
    """Prevents half of a month from being left out because it is on the second sheet."""
    rows = police_rows(ATHENA, REPORTS)
    delivery = _land_workbook(home, _workbook(Missing_Persons=rows, Sheet2=rows))
    assert home.rules(delivery) == [("further_sheet", "reports.xlsx/sheet_2", "", "")]


def test_a_workbook_of_before_2007_gives_the_same_rows(home: Home) -> None:
    """Prevents a force that still saves `.xls` from being refused."""
    rows = police_rows(ATHENA, REPORTS)
    new = _values(home, _land_workbook(home, _workbook(Missing_Persons=rows)))
    home.put_files(
        "police_reports", force_of("athena"), MONTH, {"reports.xls": old_workbook(SHEET, rows)}
    )
    (old,) = home.load().landed
    assert (old.outcome, _values(home, old)) == ("accepted", new)


@pytest.mark.parametrize("name", ["reports.xls", "reports.xlsx"])
def test_a_table_of_text_named_as_a_workbook_is_refused_by_name(home: Home, name: str) -> None:
    """Prevents the page that many systems call `.xls` from being told to be a damaged workbook."""
    delivery = _land_workbook(home, b"<html><table><tr><td>1</td></tr></table></html>", name)
    assert home.rules(delivery) == [("text_for_workbook", name, "", "")]


def test_a_workbook_under_a_password_is_refused(home: Home) -> None:
    """Prevents the container that Excel puts around a password from ending the load."""
    delivery = _land_workbook(home, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert delivery.reject_rule_code == "unreadable_workbook"


def test_two_members_that_differ_only_in_their_slashes_are_refused(home: Home) -> None:
    """Prevents one of two files from taking the place of the other."""
    packed = zipped({"a/reports.csv": GOOD, "a\\reports.csv": GOOD})
    home.put_files("police_reports", COMPACT, MONTH, {"reports.zip": packed})
    assert home.land_one().reject_rule_code == "unsupported_zip"
