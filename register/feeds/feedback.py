"""The feedback file: what a supplier should put right, by rule, file, line or element, and column.

It contains no value of any record, so that it can be sent by ordinary means. What only the built
register knows, and the records' own ids, are joined in `register.feeds.outbox`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from register.durable import flush
from register.feeds.contract import Column, load_contracts
from register.feeds.delivery_rules import Breach, Finding, Rule
from register.feeds.layout import FileForm, Layout
from register.feeds.seeds import ToldRule, known_codes, load_delivery_rules
from register.spreadsheet import safe_cell

FEEDBACK_NAME = "feedback.csv"
COLUMNS = (
    "delivery_id",
    "rule_code",
    "outcome",
    "title",
    "table_name",
    "file",
    "line",
    "element",
    "column",
    "expected_form",
    "what_to_fix",
)
# Rules about the form of a value: what was expected is told with them.
ABOUT_FORM = frozenset(
    (
        *(Rule.IMPOSSIBLE_DATE, Rule.UNREADABLE_DATES, Rule.UNMAPPED_CODE, Rule.INVALID_VALUE),
        *(Rule.SWAPPED_COLUMNS, Rule.UNREADABLE_STARTS, Rule.DAY_MONTH_SWAPPED),
        *(Rule.UNKNOWN_CODES, Rule.MISSING_REQUIRED_VALUE, "1004", "1005", "1006"),
    )
)
# The parts of a date as people write them.
DATE_PARTS = {
    **{"%d": "dd", "%m": "mm", "%b": "mmm", "%B": "month", "%Y": "yyyy", "%y": "yy"},
    **{"%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%f": "fff", "%p": "AM/PM", "%z": "zone"},
}

Line = dict[str, str]


def write_feedback(
    delivery_id: str,
    findings: Iterable[Finding],
    seeds: Path,
    layout: Layout | None,
    folder: Path,
) -> None:
    """Write one line per finding; a column is named as the supplier's layout names it."""
    rules = load_delivery_rules(seeds)
    lines = (
        feedback_line(delivery_id, rules[finding.rule.value], finding, seeds, layout)
        for finding in findings
    )
    with (folder / FEEDBACK_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(safe_cells(line) for line in lines)


def add_to_feedback(delivery_id: str, finding: Finding, seeds: Path, folder: Path) -> None:
    """Add a finding about the delivery as a whole, or one of its columns, to its feedback file."""
    rule = load_delivery_rules(seeds)[finding.rule.value]
    with (folder / FEEDBACK_NAME).open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writerow(safe_cells(feedback_line(delivery_id, rule, finding, seeds, None)))
    flush(folder / FEEDBACK_NAME)


def read_feedback(folder: Path) -> list[Line]:
    """The lines of a delivery's feedback file; a column that it lacks is empty."""
    with (folder / FEEDBACK_NAME).open(encoding="utf-8-sig", newline="") as file:
        return [{name: row.get(name) or "" for name in COLUMNS} for row in csv.DictReader(file)]


def feedback_line(
    delivery_id: str,
    rule: ToldRule,
    place: Finding | Breach,
    seeds: Path,
    layout: Layout | None,
) -> Line:
    """One line of feedback, for a finding of landing or a breach that the register found."""
    line, element = _position(rule, place)
    column = _column(place, layout)
    form = ""
    if layout is not None and column is None:
        form = _form_of_file(rule, layout.file)
    elif layout is not None and column is not None and rule.rule_code in ABOUT_FORM:
        form = form_of_values(column, layout, seeds)
    return {
        "delivery_id": delivery_id,
        "rule_code": rule.rule_code,
        "outcome": rule.outcome,
        "title": rule.title,
        "table_name": place.table or "",
        "file": place.file or "",
        "line": line,
        "element": element,
        "column": (layout.heading_of(place.column) if layout else place.column) or "",
        "expected_form": form or rule.expected_form,
        "what_to_fix": rule.what_to_fix,
    }


def safe_cells(line: Line) -> Line:
    """The cells of a line for a file that people open: none of them is a formula there."""
    return {name: safe_cell(text) for name, text in line.items()}


def _form_of_file(rule: ToldRule, form: FileForm) -> str:
    """What a rule about a file expects of one that has the layout."""
    footer = form.footer.text if form.footer else ""
    whole = _whole_form(form)
    expected: dict[str, str] = {
        **dict.fromkeys((Rule.WORKBOOK_FOR_TEXT, Rule.TEXT_FOR_WORKBOOK, Rule.UNREAD_FORM), whole),
        **dict.fromkeys((Rule.OTHER_SEPARATOR, Rule.FURTHER_SHEET), whole),
        Rule.WRONG_ENCODING: form.encoding,
        Rule.MISSING_SHEET: form.sheet_name or "",
        Rule.MISSING_FILE: form.file_pattern if form.table_name else "",
        Rule.MISSING_FOOTER: footer,
        Rule.FOOTER_MISMATCH: footer,
    }
    return expected.get(rule.rule_code, "")


def _whole_form(form: FileForm) -> str:
    """A file's form, as a person says it."""
    if form.form == "xlsx":
        return f"{form.file_pattern}, sheet {form.sheet_name}"
    separator = "a tab" if form.delimiter == "\t" else form.delimiter
    return f"{form.file_pattern}, {form.encoding}, separated by {separator}"


def form_of_values(column: Column, layout: Layout, seeds: Path) -> str:
    """What values of a column look like, for a person: a date's form, the codes, or the pattern."""
    if column.logicalType != "string":
        is_date = column.logicalType == "date"
        return _as_written(layout.date_format if is_date else layout.moment_format)
    if column.code_map:
        return ", ".join(sorted(known_codes(seeds, layout, column.code_map)))
    return column.pattern.pattern if column.pattern else ""


def _as_written(date_format: str) -> str:
    for part, letters in DATE_PARTS.items():
        date_format = date_format.replace(part, letters)
    return date_format


def _column(place: Finding | Breach, layout: Layout | None) -> Column | None:
    if layout is None or place.table is None or place.column is None:
        return None
    table = load_contracts()[layout.feed].table_by_name.get(place.table)
    return table.columns.get(place.column) if table else None


def _position(rule: ToldRule, place: Finding | Breach) -> tuple[str, str]:
    """Line and element: in an XML file records are counted by element, and XPath finds one."""
    if place.line is None:
        return "", ""
    is_xml = (place.file or "").lower().endswith(".xml")
    if not is_xml or rule.rule_code == Rule.MALFORMED_XML:
        return str(place.line), ""
    # The first element is the document itself.
    return "", f"(//*)[{place.line}]" if place.line > 1 else ""
