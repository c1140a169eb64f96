"""Files as people send them: read where that is safe, else refused with a form and a remedy."""

from __future__ import annotations

import io

import openpyxl
import pytest

from register.feeds.delivery_rules import Finding, Rule
from register.feeds.feedback import build_feedback_line
from register.feeds.layout import load_layouts
from register.feeds.seeds import load_delivery_rules
from tests.feeds.deliveries import (
    AUTHORITY,
    MONTH,
    YEAR,
    Home,
    force_of,
    police_csv,
    police_rows,
    report,
)

REFUSED = ("rejected", "quarantined")
REPORTS = [report(n, sex="F", category="Missing") for n in range(1, 6)]
GOOD = police_csv("compact", REPORTS)


def test_every_rule_is_told_with_a_remedy_and_an_expected_form(home: Home) -> None:
    """Prevents a supplier from being refused without hearing what would be accepted.

    For each rule of the seed, and with every layout that there is and without one.
    """
    rules = load_delivery_rules(home.settings.seeds)
    assert set(rules) == {rule.value for rule in Rule}
    for code, rule in rules.items():
        assert rule.title, code
        assert rule.what_to_fix, code
        if rule.outcome not in REFUSED:
            continue
        for layout in (None, *load_layouts().values()):
            for line in (None, 1):
                place = Finding(Rule(code), "reports.csv", line)
                feedback_rule = build_feedback_line("any", rule, place, home.settings.seeds, layout)
                assert feedback_rule["expected_form"], code
                assert feedback_rule["what_to_fix"], code


@pytest.mark.parametrize(
    ("rule", "column", "form"),
    [
        (Rule.UNREADABLE_STARTS, "reported_at", "dd/mm/yyyy hh:mm"),
        (Rule.DAY_MONTH_SWAPPED, "dob", "dd/mm/yyyy"),
        (Rule.UNREADABLE_DATES, "dob", "dd/mm/yyyy"),
        (Rule.SWAPPED_COLUMNS, "dob", "dd/mm/yyyy"),
        (Rule.UNKNOWN_CODES, "category", "Absent"),
    ],
)
def test_a_fault_of_a_column_is_told_with_the_form_of_its_values(
    home: Home, rule: Rule, column: str, form: str
) -> None:
    """Prevents a file from being sent back for its dates without the form that is read."""
    place = Finding(rule, "reports.csv", None, column, "reports")
    feedback_rule = load_delivery_rules(home.settings.seeds)[rule.value]
    layout = load_layouts()["compact"]
    line = build_feedback_line("any", feedback_rule, place, home.settings.seeds, layout)
    assert form in line["expected_form"]


def test_starts_that_cannot_be_read_are_told_with_their_form(home: Home) -> None:
    """Prevents the form from being known to the rule and lost on the way to the supplier."""
    odd = [report(n, reported_at=f"the {n}th, about ten") for n in range(1, 6)]
    home.put_reports(police_csv("compact", odd))
    (line,) = home.feedback(home.land_one())
    assert (line["rule_code"], line["column"]) == ("unreadable_starts", "Reported")
    assert line["expected_form"] == "dd/mm/yyyy hh:mm"


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n".join([GOOD.splitlines()[0], *(line + b"," for line in GOOD.splitlines()[1:]), b""]),
        b"\r\n".join([*(line + b"," for line in GOOD.splitlines()), b""]),
        b"\r\n".join([GOOD.splitlines()[0] + b",", *GOOD.splitlines()[1:], b""]),
    ],
    ids=["rows", "heading_and_rows", "heading"],
)
def test_a_separator_at_the_end_of_every_row_is_no_field(home: Home, data: bytes) -> None:
    """Prevents a month from being refused because its system ends each row with a separator."""
    home.put_reports(data)
    delivery = home.land_one()
    assert (delivery.outcome, delivery.landed_row_count) == ("accepted", 5)
    assert home.rules(delivery) == []
    assert [row["report_ref"] for row in home.rows(delivery, "reports")][-1] == "MP5"


def test_a_surplus_field_of_some_rows_is_still_quarantined(home: Home) -> None:
    """Prevents a row that a separator in a field has shifted from landing one column aside."""
    lines = GOOD.splitlines()
    lines[2] += b","
    home.put_reports(b"\r\n".join(lines))
    delivery = home.land_one()
    assert home.rules(delivery) == [("wrong_field_count", "reports.csv", "3", "")]


@pytest.mark.parametrize("row", [b"Total,5", b",,Grand total: 5", b"TOTAL"])
def test_a_row_of_totals_is_told_as_one(home: Home, row: bytes) -> None:
    """Prevents a total under a table from being told as a report without its time."""
    width = GOOD.splitlines()[0].count(b",")
    for line in (row, row + b"," * (width - row.count(b","))):
        home.put_reports(GOOD + line + b"\r\n")
        delivery = home.load().landed[0]
        assert (delivery.landed_row_count, delivery.is_held) == (5, False)
        ((rule, _, number, _),) = home.rules(delivery)
        assert (rule, number) == ("total_row", "7")


def test_empty_rows_of_a_sheet_below_the_records_are_none(home: Home) -> None:
    """Prevents a delivery from being held for the empty rows that Excel writes."""
    width = GOOD.splitlines()[0].count(b",")
    home.put_reports(GOOD + (b"," * width + b"\r\n") * 50)
    delivery = home.land_one()
    assert (delivery.received_row_count, delivery.outcome) == (5, "accepted")


XML = (
    '<?xml version="1.0" encoding="{}"?>'
    "<Return><CHILD><HEADER><CHILDID>Zo\u00eb</CHILDID></HEADER></CHILD></Return>"
)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (XML.format("utf-8").encode("cp1252"), "wrong_encoding"),
        (XML.format("no-such-encoding").encode(), "wrong_encoding"),
        (XML.format("utf-16").encode(), "wrong_encoding"),
        (XML.format("utf-8").encode() + b"<", "malformed_xml"),
        (XML.format("cp1252").encode("cp1252").replace(b"</CHILD>", b""), "malformed_xml"),
    ],
    ids=["windows_as_utf-8", "unknown", "utf-8_as_utf-16", "malformed", "malformed_windows"],
)
def test_xml_in_another_encoding_than_it_declares_is_told_so(
    home: Home, data: bytes, rule: str
) -> None:
    """Prevents an authority from looking for a missing element where a letter is in the way."""
    home.put_files("authority_return", AUTHORITY, YEAR, {"return.xml": data})
    (line,) = home.feedback(home.land_one())
    assert line["rule_code"] == rule
    assert line["expected_form"]


def test_a_wide_file_of_published_figures_is_told_as_one(home: Home) -> None:
    """Prevents eleven columns of figures from being read as the name of a measure."""
    wide = (
        b"time_period,time_identifier,geographic_level,country_code,country_name,cla_missing,"
        b"cla_missing_percent,incidents\n"
        b"201718,Financial year,National,E92000001,England,11530,11,70250\n"
        b"201819,Financial year,National,E92000001,England,11930,:,73000\n"
    )
    home.put_files("published_statistics", "DFE", "2026", {"wide.csv": wide})
    delivery = home.land_one()
    (line,) = home.feedback(delivery)
    assert line["rule_code"] == "wide_table"
    assert "one row for each figure" in line["expected_form"]


def test_a_workbook_with_a_total_below_says_so(home: Home) -> None:
    """Prevents the row of totals of a workbook from being told as a report without its time."""
    layout = load_layouts()["athena"]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = str(layout.file.sheet_name)
    for row in [*police_rows(layout, [report(n) for n in range(1, 6)]), ["Total", 5]]:
        book.active.append(row)
    stored = io.BytesIO()
    book.save(stored)
    home.put_files("police_reports", force_of("athena"), MONTH, {"a.xlsx": stored.getvalue()})
    delivery = home.land_one()
    assert delivery.landed_row_count == 5
    assert "total_row" in {rule for rule, *_ in home.rules(delivery)}


def test_lines_of_separators_and_totals_hold_nothing(home: Home) -> None:
    """Prevents a whole month from waiting for the empty lines that a spreadsheet adds."""
    body = police_csv("compact", [report(n, sex="F", category="Missing") for n in range(12)])
    separators = body.split(b"\r\n")[0].count(b",") * b","
    more = [separators, separators, b"Total" + separators]
    home.put_reports(body + b"\r\n".join([*more, b""]))
    delivery = home.land_one()
    assert (delivery.received_row_count, delivery.landed_row_count) == (15, 12)
    assert not delivery.is_held
    assert [(rule, line) for rule, _, line, _ in home.rules(delivery)] == [
        ("empty_row", "14"),
        ("empty_row", "15"),
        ("total_row", "16"),
    ]
