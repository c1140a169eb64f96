r"""Delimited files: parsed fast if all CSV parsers would agree, otherwise strictly line by line.

A record is one line, or several if a quoted field contains line breaks. The number of a record is
that of its first line. A line that belongs to no record is quarantined by itself, so every line
below the heading is accounted for.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Finding, Rejection, Rule
from register.feeds.layout_parts import FileForm
from register.feeds.readers.forms import decode_loosely, refuse_binary
from register.feeds.readers.headings import SEARCHED_LINES, ExpectedHeadings
from register.feeds.readers.lines import NEWLINE, SEPARATORS, Lines, QuotedLines, find_long_line
from register.feeds.tables import QuarantinedRecord, RawTable
from register.feeds.texts import clean_text, is_total_row
from register.variables import DeliveryLimits

# Above the heading, Excel may write this line to declare the separator.
DECLARED = re.compile(rb'"?sep=([,;|\t])"?', re.IGNORECASE)
# The number of bytes parsed together. A file with a longer line goes to the strict parser.
BLOCK = 16 << 20
# If all rows, or only the heading, end with a separator, this separator is ignored. A table of
# fewer rows proves nothing: its last separator may be part of a field's text.
MIN_ROWS = 2


class LineError(ValueError):
    """A line is not a record of the table; `rule` says which rule it breaks."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


@dataclass(frozen=True)
class _File:
    """The parts of a file; the records are in the lines after `heading_line`.

    If the layout has a footer, `footer` is the file's last line. It must equal `footer_form`, with
    the number of records filled in.
    """

    source: SourceFile
    table_name: str
    delimiter: str
    quote: str | None
    heading_line: int
    headings: list[str]
    records: Lines
    null_texts: Sequence[str]
    notes: list[Finding]
    faults: list[Finding]
    footer: str = ""
    footer_form: str = ""

    def read_text(self, place: int, after: int) -> str:
        """Return the text of a record's lines as delivered."""
        return bytes(self.records[place:after].body).decode("utf-8")


def read_delimited(  # noqa: PLR0913, PLR0917 - some callers omit the last two
    source: SourceFile,
    form: FileForm,
    table_name: str,
    null_texts: Sequence[str],
    expected: ExpectedHeadings | None = None,
    limits: DeliveryLimits | None = None,
) -> RawTable:
    """Read a delimited file. Raises `Rejection` if the file as a whole cannot be read.

    A file in another encoding, or without its footer, is read to find its other faults.

    Fields that equal one of `null_texts` are null. If `expected` headings are given, two deviations
    are accepted with a note: lines above the heading, and a separator other than the layout's.
    """
    limits = limits or DeliveryLimits()
    file = _divide_file(
        source, form, table_name, null_texts, (expected or ExpectedHeadings(), limits)
    )
    table = _read_records(file)
    if not len(table.row_numbers) and table.received_row_count >= MIN_ROWS:
        table = _read_with_unnamed_column(file) or table
    return replace(table, faults=[*file.faults, *_check_footer(file, table.received_row_count)])


def _read_with_unnamed_column(file: _File) -> RawTable | None:
    """Return the table if all rows, or only the heading, end with a separator; otherwise None."""
    named = file.headings[:-1] if not file.headings[-1] else [*file.headings, ""]
    table = _read_records(replace(file, headings=named))
    is_named = bool(named[-1])
    is_empty = is_named or not pc.any(pc.not_equal(table.columns[-1], "")).as_py()
    return table if len(table.row_numbers) and is_empty else None


def _read_records(file: _File) -> RawTable:
    # The fast parser does not report a blank line among the records, so the strict parser reads
    # such a file.
    columns = None if file.records.has_blank_line else _parse_fast(file)
    if columns is None:
        return _parse_strictly(file)
    first = file.heading_line + 1
    return RawTable(
        file=file.source.path,
        table_name=file.table_name,
        headings=file.headings,
        columns=columns,
        row_numbers=np.arange(first, first + len(file.records), dtype=np.int64),
        record_text=lambda position: file.records[position].decode("utf-8"),
        notes=file.notes,
        heading_line=file.heading_line,
    )


def _divide_file(
    source: SourceFile,
    form: FileForm,
    table_name: str,
    null_texts: Sequence[str],
    bounds: tuple[ExpectedHeadings, DeliveryLimits],
) -> _File:
    """Divide a file into its heading, its records, and the lines before and after them."""
    expected, limits = bounds
    refuse_binary(source)
    text, wrong_encoding = decode_loosely(source, form)
    faults = [wrong_encoding.finding] if wrong_encoding else []
    if (too_long := find_long_line(text, limits.line_bytes)) is not None:
        raise Rejection(Rule.LONG_LINE, source.path, too_long)
    lines = Lines.from_bytes(text)
    if not lines:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    place, delimiter = _find_heading(lines, form, expected)
    if wrong_encoding and not expected.matches(_split_line(lines[place], delimiter, form)):
        raise wrong_encoding
    # A layout without quoting relies on its separator never occurring in a field. If the file has
    # another separator, its fields may be quoted.
    quote = form.quote_character if delimiter == form.delimiter else form.quote_character or '"'
    headings = _read_headings(source, lines[place], (delimiter, quote), place + 1)
    if len(headings) > limits.columns:
        raise Rejection(Rule.TOO_MANY_COLUMNS, source.path, place + 1)
    records = lines[place + 1 :].drop_trailing_blank_rows(delimiter.encode())
    footer, footer_form = "", ""
    if form.footer:
        footer = records[-1].decode("utf-8").strip().rstrip(delimiter) if records else ""
        # Expect the file's own separator in the footer; it may differ from the layout's.
        if footer.startswith(form.footer.starts_with.replace(form.delimiter, delimiter)):
            footer_form = form.footer.text.replace(form.delimiter, delimiter)
            records = records[: len(records) - 1].drop_trailing_blank_rows(delimiter.encode())
        else:
            faults.append(Finding(Rule.MISSING_FOOTER, source.path, place + 1 + len(records)))
            # A file that was cut short ends within a record, which is no fault of its own.
            if len(_split_line(records[-1], delimiter, form) if records else headings) != len(
                headings
            ):
                records = records[: len(records) - 1]
            footer = ""
    notes = [
        Finding(Rule.TITLE_LINES, source.path, line + 1, table=table_name)
        for line in range(place)
        if not (line == 0 and DECLARED.fullmatch(lines[0]))
    ]
    if delimiter != form.delimiter:
        notes.append(Finding(Rule.OTHER_SEPARATOR, source.path, place + 1, table=table_name))
    return _File(
        source,
        table_name,
        delimiter,
        quote,
        place + 1,
        headings,
        records,
        null_texts,
        notes,
        faults,
        footer,
        footer_form,
    )


def _find_heading(lines: Lines, form: FileForm, expected: ExpectedHeadings) -> tuple[int, str]:
    """Return the position of the heading line, and the separator that gives the expected names.

    If no line has these names, the first line is the heading. The separator is then the declared
    one or, without a declaration, the layout's.
    """
    declared = DECLARED.fullmatch(lines[0])
    start = 1 if declared and len(lines) > 1 else 0
    usual = declared[1].decode() if declared else form.delimiter
    for place, line in zip(range(start, start + SEARCHED_LINES), lines[start:], strict=False):
        for delimiter in dict.fromkeys((usual, form.delimiter, *SEPARATORS)):
            if expected.matches(_split_line(line, delimiter, form)):
                return place, delimiter
    return start, usual


def _split_line(line: bytes, delimiter: str, form: FileForm) -> list[str]:
    """Return the fields of a line; if its quotation marks are unbalanced, they are ignored."""
    try:
        return _parse_line(line.decode("utf-8"), delimiter, form.quote_character or '"')
    except LineError:
        return line.decode("utf-8").split(delimiter)


def _read_headings(
    source: SourceFile, line: bytes, separation: tuple[str, str | None], number: int
) -> list[str]:
    if b"\0" in line:
        raise Rejection(Rule.WRONG_ENCODING, source.path, number)
    try:
        fields = _parse_line(line.decode("utf-8"), *separation)
    except LineError as error:
        raise Rejection(Rule.MISSING_REQUIRED_COLUMN, source.path, number) from error
    return [clean_text(field) for field in fields]


def _check_footer(file: _File, count: int) -> list[Finding]:
    if file.footer == file.footer_form.format(row_count=count):
        return []
    line = file.heading_line + len(file.records) + 1
    return [Finding(Rule.FOOTER_MISMATCH, file.source.path, line)]


def _parse_fast(file: _File) -> list[pa.Array] | None:
    """Return the columns if every line is a well-formed record of the right width, or else None."""
    body, quote = file.records.body, file.quote
    if not len(body) or file.records.contains(b"\0"):
        return None
    has_quotes = quote is not None and file.records.contains(quote.encode())
    if has_quotes and not _has_well_formed_quotes(body, file.delimiter, str(quote)):
        return None
    names = [str(position) for position in range(len(file.headings))]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(body),
            arrow_csv.ReadOptions(
                use_threads=False, block_size=min(len(body) + 1, BLOCK), column_names=names
            ),
            arrow_csv.ParseOptions(
                delimiter=file.delimiter,
                quote_char=quote if has_quotes else False,
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(file.null_texts),
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(file.records):
        return None
    columns = table.columns[::-1]
    del table
    # Convert column by column, so that only one column is in memory twice.
    return [columns.pop().combine_chunks() for _ in names]


def _parse_strictly(file: _File) -> RawTable:
    rows: list[list[str]] = []
    # For each record: its first line, and the line after its last.
    places: list[tuple[int, int]] = []
    quarantined: list[QuarantinedRecord] = []
    first = file.heading_line + 1
    width = len(file.headings)
    place = 0
    while place < len(file.records):
        after = place + 1
        try:
            fields, after = _read_record(file, place)
            rows.append(fields)
            places.append((place, after))
        except LineError as error:
            finding = Finding(error.rule, file.source.path, place + first, table=file.table_name)
            text = file.read_text(place, after).replace("\0", "\N{SYMBOL FOR NULL}")
            quarantined.append(QuarantinedRecord(finding, text))
        place = after
    return RawTable(
        file=file.source.path,
        table_name=file.table_name,
        headings=file.headings,
        columns=[pa.array([row[index] for row in rows], pa.string()) for index in range(width)],
        row_numbers=np.array([place for place, _ in places], dtype=np.int64) + first,
        record_text=lambda position: file.read_text(*places[position]),
        quarantined=quarantined,
        notes=file.notes,
        heading_line=file.heading_line,
    )


def _parse_line(line: str, delimiter: str, quote: str | None) -> list[str]:
    """Return the fields of a line. Raises `LineError` for unbalanced quotation marks."""
    if quote is None or quote not in line:
        return line.split(delimiter)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True)
    try:
        return next(reader)
    except csv.Error as error:
        raise LineError(Rule.UNCLOSED_QUOTE) from error


def _read_record(file: _File, place: int) -> tuple[list[str], int]:
    """Return the fields of the record that begins on a line, and the line after the record.

    Raises `LineError` if no record begins there.
    """
    separation = (file.delimiter, file.quote, len(file.headings))
    try:
        return _parse_record(file.read_text(place, place + 1), *separation), place + 1
    except LineError as error:
        if error.rule is not Rule.UNCLOSED_QUOTE or file.quote is None:
            raise
        quoted = QuotedLines(file.delimiter, file.quote, len(file.headings))
        after = place + quoted.count_lines(file.records, place)
        try:
            return _parse_record(file.read_text(place, after), *separation), after
        except LineError:
            raise error from None


def _parse_record(text: str, delimiter: str, quote: str | None, width: int) -> list[str]:
    """Return the `width` fields of a record. Raises `LineError` if the text is no such record."""
    if "\0" in text:
        raise LineError(Rule.NUL_BYTES)
    fields = _parse_line(text, delimiter, quote)
    if len(fields) != width:
        is_total = is_total_row(fields)
        raise LineError(Rule.TOTAL_ROW if is_total else Rule.WRONG_FIELD_COUNT)
    return fields


def _has_well_formed_quotes(records: memoryview, delimiter: str, quote: str) -> bool:
    r"""Return whether quotation marks are well formed in every line (lines end with a newline).

    In each line, a quoted field must be quoted as a whole and end on the line. Then any CSV parser
    reads the same fields. Other files are parsed strictly, line by line.
    """
    padded = np.frombuffer(b"".join([b"\n", records, b"\n"]), dtype=np.uint8)
    marks = np.flatnonzero(padded == ord(quote))
    if len(marks) % 2:
        return False
    opening, closing = marks[0::2], marks[1::2]
    ends = (ord(delimiter), NEWLINE)
    # A doubled quotation mark inside a field looks like a closing mark followed by an opening one.
    is_doubled = np.zeros(len(opening) + 1, dtype=bool)
    is_doubled[1:-1] = closing[:-1] + 1 == opening[1:]
    opens = np.isin(padded[opening - 1], ends) | is_doubled[:-1]
    closes = np.isin(padded[closing + 1], ends) | is_doubled[1:]
    if not (opens.all() and closes.all()):
        return False
    line_ends = np.flatnonzero(padded == NEWLINE)
    same_line = np.searchsorted(line_ends, opening) == np.searchsorted(line_ends, closing)
    return bool(same_line.all())
