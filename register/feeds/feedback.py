"""Feedback files, which tell a supplier what to correct, by rule, file, place and column.

A place is a line, or an element of an XML file. A feedback file contains no value of any record, so
it can be sent by ordinary means. `register.feeds.outbox` adds findings about the built register,
and the ids of records.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from register.durable import flush
from register.feeds.contract import Column, load_contracts
from register.feeds.delivery_rules import Breach, Finding, Rule
from register.feeds.layout import Layout
from register.feeds.layout_parts import FileForm
from register.feeds.seeds import FeedbackRule, load_delivery_rules, read_known_codes
from register.spreadsheet import format_csv, read_rows

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
# The rules about the form of a value; their feedback states the expected form.
VALUE_FORM_RULES = frozenset(
    (
        *(Rule.IMPOSSIBLE_DATE, Rule.UNREADABLE_DATES, Rule.UNMAPPED_CODE, Rule.INVALID_VALUE),
        *(Rule.SWAPPED_COLUMNS, Rule.UNREADABLE_STARTS, Rule.DAY_MONTH_SWAPPED),
        *(Rule.UNKNOWN_CODES, Rule.MISSING_REQUIRED_VALUE, "1004", "1005", "1006"),
    )
)
# For each `strptime` directive, the notation that people read.
DATE_PARTS = {
    **{"%d": "dd", "%m": "mm", "%b": "mmm", "%B": "month", "%Y": "yyyy", "%y": "yy"},
    **{"%H": "hh", "%I": "hh", "%M": "mm", "%S": "ss", "%f": "fff", "%p": "AM/PM", "%z": "zone"},
}

FeedbackLine = dict[str, str]


def write_feedback(
    delivery_id: str,
    findings: Iterable[Finding],
    seeds: Path,
    layout: Layout | None,
    folder: Path,
) -> None:
    """Write a line of feedback for each finding, with column names of the supplier's layout."""
    rules = load_delivery_rules(seeds)
    lines = (
        build_feedback_line(delivery_id, rules[finding.rule.value], finding, seeds, layout)
        for finding in findings
    )
    text = format_csv([COLUMNS, *(line.values() for line in lines)])
    (folder / FEEDBACK_NAME).write_text(text, encoding="utf-8", newline="")


def add_to_feedback(delivery_id: str, finding: Finding, seeds: Path, folder: Path) -> None:
    """Append a finding about a delivery or one of its columns to the delivery's feedback file."""
    rule = load_delivery_rules(seeds)[finding.rule.value]
    line = build_feedback_line(delivery_id, rule, finding, seeds, None)
    with (folder / FEEDBACK_NAME).open("a", encoding="utf-8", newline="") as file:
        file.write(format_csv([line.values()]))
    flush(folder / FEEDBACK_NAME)


def read_feedback(folder: Path) -> list[FeedbackLine]:
    """Read a delivery's feedback file. Columns that an older file lacks are empty."""
    rows = read_rows(folder / FEEDBACK_NAME)
    return [{name: row.get(name) or "" for name in COLUMNS} for row in rows]


def build_feedback_line(
    delivery_id: str,
    rule: FeedbackRule,
    place: Finding | Breach,
    seeds: Path,
    layout: Layout | None,
) -> FeedbackLine:
    """Return the line of feedback for a finding of landing, or for a breach in the register."""
    layout = layout.select_table(place.table, place.file) if layout else None
    line, element = _describe_position(rule, place)
    column = _find_column(place, layout)
    # A rule that only flags most columns quarantines the record if the column is required.
    is_quarantined = isinstance(place, Finding) and place.is_quarantined
    form = ""
    if layout is not None and column is None:
        form = _describe_file_rule(rule, layout.file)
    elif layout is not None and column is not None and rule.rule_code in VALUE_FORM_RULES:
        form = describe_value_form(column, layout, seeds)
    return {
        "delivery_id": delivery_id,
        "rule_code": rule.rule_code,
        "outcome": "quarantined" if is_quarantined else rule.outcome,
        "title": rule.title,
        "table_name": place.table or "",
        "file": place.file or "",
        "line": line,
        "element": element,
        "column": (layout.find_heading(place.column) if layout else place.column) or "",
        "expected_form": form or rule.expected_form,
        "what_to_fix": rule.what_to_fix,
    }


def _describe_file_rule(rule: FeedbackRule, form: FileForm) -> str:
    """Return the form of file that a rule expects in this layout; empty if unknown."""
    footer = form.footer.text if form.footer else ""
    file_form = _describe_file_form(form)
    expected: dict[str, str] = {
        **dict.fromkeys(
            (Rule.WORKBOOK_FOR_TEXT, Rule.TEXT_FOR_WORKBOOK, Rule.UNREAD_FORM), file_form
        ),
        **dict.fromkeys((Rule.OTHER_SEPARATOR, Rule.FURTHER_SHEET), file_form),
        Rule.WRONG_ENCODING: form.encoding,
        Rule.MISSING_SHEET: form.sheet_name or "",
        Rule.MISSING_FILE: form.file_pattern if form.table_name else "",
        Rule.MISSING_FOOTER: footer,
        Rule.FOOTER_MISMATCH: footer,
    }
    return expected.get(rule.rule_code, "")


def _describe_file_form(form: FileForm) -> str:
    """Return a description of a file's form, for people."""
    if form.form == "xlsx":
        return f"{form.file_pattern}, sheet {form.sheet_name}"
    separator = "a tab" if form.delimiter == "\t" else form.delimiter
    return f"{form.file_pattern}, {form.encoding}, separated by {separator}"


def describe_value_form(column: Column, layout: Layout, seeds: Path) -> str:
    """Return a description of a column's allowed values: date format, codes or pattern."""
    if column.logicalType != "string":
        is_date = column.logicalType == "date"
        return _spell_date_format(layout.date_format if is_date else layout.moment_format)
    if column.custom.code_map:
        return ", ".join(sorted(read_known_codes(seeds, layout, column.custom.code_map)))
    return column.pattern.pattern if column.pattern else ""


def _spell_date_format(date_format: str) -> str:
    for part, letters in DATE_PARTS.items():
        date_format = date_format.replace(part, letters)
    return date_format


def _find_column(place: Finding | Breach, layout: Layout | None) -> Column | None:
    if layout is None or place.table is None or place.column is None:
        return None
    table = load_contracts()[layout.feed].table_by_name.get(place.table)
    return table.columns.get(place.column) if table else None


def _describe_position(rule: FeedbackRule, place: Finding | Breach) -> tuple[str, str]:
    """Return the line number in a text file, or the XPath of an element in an XML file.

    The first item of the result is the line and the second the XPath; at least one is empty.
    """
    if place.line is None:
        return "", ""
    is_xml = (place.file or "").lower().endswith(".xml")
    if not is_xml or rule.rule_code == Rule.MALFORMED_XML:
        return str(place.line), ""
    # Element 1 is the document's root, which needs no path.
    return "", f"(//*)[{place.line}]" if place.line > 1 else ""
