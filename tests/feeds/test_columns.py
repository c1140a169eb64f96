"""Columns that are missing, doubled, swapped or unknown, and layouts that are not there."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from register.feeds.layout import load_layouts
from tests.feeds.deliveries import (
    AUTHORITY,
    MONTH,
    QUARTER,
    Home,
    as_csv,
    extract_files,
    force_of,
    police_csv,
    police_rows,
    report,
    table_csv,
)

LAYOUT = load_layouts()["compact"]
REPORTS = [
    report(n, sex="F", dob=f"2011-02-{n:02d}", surname=f"Testname{'abcdefgh'[n]}")
    for n in range(1, 7)
]


def _rows_without(heading: str, reports: list[dict[str, str]] = REPORTS) -> bytes:
    rows = police_rows(LAYOUT, reports)
    place = rows[0].index(heading)
    return as_csv([row[:place] + row[place + 1 :] for row in rows], LAYOUT)


def _rows_with_swapped(left: str, right: str) -> bytes:
    rows = police_rows(LAYOUT, REPORTS)
    one, other = rows[0].index(left), rows[0].index(right)
    rows[0][one], rows[0][other] = rows[0][other], rows[0][one]
    return as_csv(rows, LAYOUT)


def test_a_missing_required_column_rejects_and_is_named(home: Home) -> None:
    """Prevents a month of reports without their times from being landed as if complete."""
    home.put_reports(_rows_without("Reported"))
    delivery = home.land_one()
    assert home.rules(delivery) == [("missing_required_column", "reports.csv", "1", "Reported")]


@pytest.mark.parametrize("heading", [c.name for c in LAYOUT.columns if c.is_required])
def test_a_missing_column_is_told_where_two_children_have_one_number(
    home: Home, heading: str
) -> None:
    """Prevents a load that ends at a file whose other columns are judged without the one."""
    home.put_reports(_rows_without(heading, [{**r, "person_ref": "NOM7"} for r in REPORTS]))
    expected_rule = ("missing_required_column", "reports.csv", "1", heading)
    assert expected_rule in home.rules(home.land_one())


def test_a_missing_optional_column_lands_as_null(home: Home) -> None:
    """Prevents a system that lacks a field from being shut out."""
    home.put_reports(_rows_without("CSE"))
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert {row["cse_flag"] for row in home.rows(delivery, "reports")} == {None}


@pytest.mark.parametrize(
    ("left", "right"),
    [("Date of Birth", "Surname"), ("Date of Birth", "Reported"), ("Sex", "Case Ref")],
)
def test_swapped_columns_reject(home: Home, left: str, right: str) -> None:
    """Prevents surnames from becoming dates of birth for a whole force."""
    home.put_reports(_rows_with_swapped(left, right))
    delivery = home.land_one()
    ((rule, file, line, column),) = home.rules(delivery)
    assert (rule, file, line) == ("swapped_columns", "reports.csv", "1")
    assert column in (left, right)


def test_dates_that_are_all_wrong_are_not_taken_for_swapped_columns(home: Home) -> None:
    """Prevents a wrong date form from being reported as something else."""
    home.put_reports([report(n, dob="unknown yet") for n in range(1, 7)])
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert {rule for rule, *_ in home.rules(delivery)} == {"impossible_date", "unreadable_dates"}


def test_an_unknown_column_is_accepted_and_reported(home: Home) -> None:
    """Prevents a new column from stopping a load, or from being overlooked."""
    rows = police_rows(LAYOUT, REPORTS)
    home.put_reports(as_csv([[*rows[0], "Drone Used"], *([*r, "x"] for r in rows[1:])], LAYOUT))
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert delivery.unknown_columns == ("reports.column 37 (10 characters)",)
    assert home.rules(delivery) == [
        ("unknown_column", "reports.csv", "1", "column 37 (10 characters)")
    ]


def test_a_doubled_column_rejects(home: Home) -> None:
    """Prevents one of two columns from being chosen by chance."""
    rows = police_rows(LAYOUT, REPORTS)
    home.put_reports(as_csv([[*row, row[4]] for row in rows], LAYOUT))
    assert home.rules(home.land_one()) == [("duplicate_column", "reports.csv", "1", "Surname")]


def test_a_file_without_its_heading_quotes_nothing_of_the_child_in_its_place(home: Home) -> None:
    """Prevents a record in place of the heading line from being published in feedback."""
    data = police_csv("compact", [report(1), report(2)]).split(b"\r\n", 1)[1]
    home.put_reports(data)
    delivery = home.land_one()
    rules = home.rules(delivery)
    needed = [column.name for column in load_layouts()["compact"].columns if column.is_required]
    assert rules[:8] == [("missing_required_column", "reports.csv", "1", name) for name in needed]
    assert [rule[0] for rule in rules[8:]] == ["unknown_column"] * 8
    assert all(re.fullmatch(r"column \d+ \(\d+ characters\)", rule[3]) for rule in rules[8:])
    assert delivery.unknown_columns == ()


def test_a_workbook_lands_and_its_sheet_must_be_there(home: Home) -> None:
    """Prevents another sheet of a workbook from being read as the reports."""

    def workbook(title: str) -> bytes:
        book = openpyxl.Workbook()
        book.active.title = title
        for row in police_rows(load_layouts()["athena"], REPORTS):
            book.active.append(row)
        stored = io.BytesIO()
        book.save(stored)
        return stored.getvalue()

    force = force_of("athena")
    home.put_files("police_reports", force, MONTH, {"a.xlsx": workbook("Missing Persons")})
    good = home.land_one()
    assert (good.outcome, good.source_form, good.landed_row_count) == ("accepted", "xlsx", 6)
    first = home.rows(good, "reports")[0]
    assert (first["dob"], first["last_seen_at"]) == ("2011-02-01", "2026-10-01T20:15:00")
    assert first["_row_number"] == 2
    home.put_files("police_reports", force, MONTH, {"a.xlsx": workbook("Sheet1")})
    assert home.load().landed[0].reject_rule_code == "missing_sheet"
    home.put_files("police_reports", force, MONTH, {"a.xlsx": b"PK not a workbook"})
    assert home.load().landed[0].reject_rule_code == "unreadable_workbook"


def test_a_force_without_a_layout_is_rejected(home: Home) -> None:
    """Prevents a file from being read by a layout that was not agreed."""
    home.put_files("police_reports", "BTP", "2000-01", {"a.csv": police_csv("compact", REPORTS)})
    assert home.land_one().reject_rule_code in ("no_layout", "unknown_supplier")


def test_an_extract_of_an_unknown_case_system_is_rejected(home: Home) -> None:
    """Prevents dates from being read day for month."""
    home.put_files("authority_extract", AUTHORITY, QUARTER, extract_files("Homemade"))
    delivery = home.land_one()
    assert home.rules(delivery) == [("no_layout", "ssd_version.csv", "2", "case_system")]


@pytest.mark.parametrize("name", ["ssd_person", "ssd_missing", "ssd_version"])
def test_an_extract_without_a_required_table_is_rejected(home: Home, name: str) -> None:
    """Prevents an extract without its absences from emptying an authority."""
    files = extract_files()
    del files[f"{name}.csv"]
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    assert home.rules(home.land_one()) == [("missing_file", f"{name}.csv", "", "")]


def test_a_file_of_no_table_is_reported_and_kept(home: Home) -> None:
    """Prevents a stray note from stopping a load, or from vanishing."""
    files = {**extract_files(), "notes.txt": b"sent on Monday"}
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert home.rules(delivery) == [("unknown_file", "file_1.txt", "", "")]
    assert (home.folder(delivery) / "raw" / "notes.txt").read_bytes() == b"sent on Monday"


def test_a_table_that_may_say_none_is_accepted_empty(home: Home) -> None:
    """Prevents an authority with no absence from being refused."""
    files = extract_files(ssd_missing=[])
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    delivery = home.land_one()
    assert delivery.outcome == "accepted"
    assert delivery.count_landed_rows_by_table()["ssd_missing"] == 0


def test_a_required_table_without_a_record_is_rejected(home: Home) -> None:
    """Prevents an extract that lost its children from being landed."""
    files = {**extract_files(), "ssd_person.csv": table_csv("authority_extract", "ssd_person", [])}
    home.put_files("authority_extract", AUTHORITY, QUARTER, files)
    assert home.rules(home.land_one()) == [("header_only", "ssd_person.csv", "", "")]
