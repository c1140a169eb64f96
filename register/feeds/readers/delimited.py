r"""Delimited files: a fast parse where any parser would agree, a strict one line by line where not.

A record is a line, or several where a quoted field contains line breaks; it is numbered by its
first line. A line that is no part of a record is quarantined alone. So every line below the heading
belongs to one record, and the count of records is the measure. Text in another encoding than the
layout's is refused, never guessed or replaced, unless a byte order mark declares it. What fields
mean does not belong here.
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
from register.feeds.layout import FileForm
from register.feeds.readers.encodings import utf8_content
from register.feeds.readers.forms import refuse_binary
from register.feeds.readers.headings import SEARCHED, ExpectedHeadings
from register.feeds.readers.lines import Lines, long_line
from register.feeds.readers.quoted_lines import QuotedLines
from register.feeds.tables import QuarantinedRecord, RawTable
from register.feeds.texts import is_total_row, visible_text
from register.variables import DeliveryLimits

NEWLINE = 0x0A
SEPARATORS = (",", ";", "\t", "|")
# What Excel writes, and reads, above a heading to say which separator the file has.
DECLARED = re.compile(rb'"?sep=([,;|\t])"?', re.IGNORECASE)
# What the parser has in memory at once, besides the columns; a longer line is parsed strictly.
BLOCK = 16 << 20
# Of one row it cannot be told whether its last separator ends it or a field was cut in two.
ROWS_AT_LEAST = 2


class LineError(ValueError):
    """A line is not a record of the table, by `rule`."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


@dataclass(frozen=True)
class _File:
    """A file in parts: its records are in the lines below line `heading_line`.

    `footer` is its last line, if the layout has one: with the number of records put in, it must
    be `footer_form`.
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
    footer: str = ""
    footer_form: str = ""

    def text(self, place: int, after: int) -> str:
        """The lines of a record as delivered."""
        return bytes(self.records[place:after].body).decode("utf-8")


def read_delimited(  # noqa: PLR0913, PLR0917 - the last two are left out by callers of one table
    source: SourceFile,
    form: FileForm,
    table_name: str,
    null_texts: Sequence[str],
    expected: ExpectedHeadings | None = None,
    limits: DeliveryLimits | None = None,
) -> RawTable:
    """Read a delimited file. Raises `Rejection` if the file as a whole cannot be read.

    Fields equal to one of `null_texts` are null. Where the names of the columns are `expected`,
    lines above the heading and another separator than the layout's are read, and told.
    """
    limits = limits or DeliveryLimits()
    file = _divided(source, form, table_name, null_texts, (expected or ExpectedHeadings(), limits))
    table = _read_records(file)
    if not len(table.row_numbers) and table.received_row_count >= ROWS_AT_LEAST:
        table = _with_unnamed_column(file) or table
    _check_footer(file, table.received_row_count)
    return table


def _with_unnamed_column(file: _File) -> RawTable | None:
    """The table if all of its rows, or the heading alone, end with a separator; else none."""
    named = file.headings[:-1] if not file.headings[-1] else [*file.headings, ""]
    table = _read_records(replace(file, headings=named))
    is_named = bool(named[-1])
    is_empty = is_named or not pc.any(pc.not_equal(table.columns[-1], "")).as_py()
    return table if len(table.row_numbers) and is_empty else None


def _read_records(file: _File) -> RawTable:
    # A blank line among the records is one that is wrong, and not every parser minds it.
    columns = None if file.records.has_blank else _parse_fast(file)
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


def _divided(
    source: SourceFile,
    form: FileForm,
    table_name: str,
    null_texts: Sequence[str],
    bounds: tuple[ExpectedHeadings, DeliveryLimits],
) -> _File:
    """The file's heading and records, apart from what is neither."""
    expected, limits = bounds
    refuse_binary(source)
    text = utf8_content(source, form)
    if (too_long := long_line(text, limits.line_bytes)) is not None:
        raise Rejection(Rule.LONG_LINE, source.path, too_long)
    lines = Lines.of(text)
    if not lines:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    place, delimiter = _find_heading(lines, form, expected)
    # A layout that never quotes says nothing of another separator, which a field may contain.
    quote = form.quote_character if delimiter == form.delimiter else form.quote_character or '"'
    headings = _headings(source, lines[place], (delimiter, quote), place + 1)
    if len(headings) > limits.columns:
        raise Rejection(Rule.TOO_MANY_COLUMNS, source.path, place + 1)
    records = lines[place + 1 :].without_blank_rows(delimiter.encode())
    footer, footer_form = "", ""
    if form.footer:
        footer = records[-1].decode("utf-8").strip().rstrip(delimiter) if records else ""
        # The same footer, separated as the file is.
        if not footer.startswith(form.footer.starts_with.replace(form.delimiter, delimiter)):
            raise Rejection(Rule.MISSING_FOOTER, source.path, place + 1 + len(records))
        footer_form = form.footer.text.replace(form.delimiter, delimiter)
        records = records[: len(records) - 1]
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
        footer,
        footer_form,
    )


def _find_heading(lines: Lines, form: FileForm, expected: ExpectedHeadings) -> tuple[int, str]:
    """The place of the heading and the separator under which it has the expected names.

    Without a line that has them it is the first, separated as the layout says.
    """
    declared = DECLARED.fullmatch(lines[0])
    start = 1 if declared and len(lines) > 1 else 0
    usual = declared[1].decode() if declared else form.delimiter
    for place, line in zip(range(start, start + SEARCHED), lines[start:], strict=False):
        for delimiter in dict.fromkeys((usual, form.delimiter, *SEPARATORS)):
            try:
                fields = _parse_line(line.decode("utf-8"), delimiter, form.quote_character or '"')
            except LineError:
                fields = line.decode("utf-8").split(delimiter)
            if expected.are_in(fields):
                return place, delimiter
    return start, usual


def _headings(
    source: SourceFile, line: bytes, separation: tuple[str, str | None], number: int
) -> list[str]:
    if b"\0" in line:
        raise Rejection(Rule.WRONG_ENCODING, source.path, number)
    try:
        fields = _parse_line(line.decode("utf-8"), *separation)
    except LineError as error:
        raise Rejection(Rule.MISSING_REQUIRED_COLUMN, source.path, number) from error
    return [visible_text(field) for field in fields]


def _check_footer(file: _File, count: int) -> None:
    if file.footer != file.footer_form.format(row_count=count):
        line = file.heading_line + len(file.records) + 1
        raise Rejection(Rule.FOOTER_MISMATCH, file.source.path, line)


def _parse_fast(file: _File) -> list[pa.Array] | None:
    """The columns, or none unless every line is one well-formed record of the heading's width."""
    body, quote = file.records.body, file.quote
    if not len(body) or file.records.has(b"\0"):
        return None
    has_quotes = quote is not None and file.records.has(quote.encode())
    if has_quotes and not _quotes_are_well_formed(body, file.delimiter, str(quote)):
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
    # One after the other, so that no more than one column is in memory twice.
    return [columns.pop().combine_chunks() for _ in names]


def _parse_strictly(file: _File) -> RawTable:
    rows: list[list[str]] = []
    # The places of the first line of each record that is read, and of the line after its last.
    kept: list[tuple[int, int]] = []
    quarantined: list[QuarantinedRecord] = []
    first = file.heading_line + 1
    width = len(file.headings)
    place = 0
    while place < len(file.records):
        after = place + 1
        try:
            fields, after = _read_record(file, place)
            rows.append(fields)
            kept.append((place, after))
        except LineError as error:
            finding = Finding(error.rule, file.source.path, place + first, table=file.table_name)
            text = file.text(place, after).replace("\0", "\N{SYMBOL FOR NULL}")
            quarantined.append(QuarantinedRecord(finding, text))
        place = after
    return RawTable(
        file=file.source.path,
        table_name=file.table_name,
        headings=file.headings,
        columns=[pa.array([row[index] for row in rows], pa.string()) for index in range(width)],
        row_numbers=np.array([place for place, _ in kept], dtype=np.int64) + first,
        record_text=lambda position: file.text(*kept[position]),
        quarantined=quarantined,
        notes=file.notes,
        heading_line=file.heading_line,
    )


def _parse_line(line: str, delimiter: str, quote: str | None) -> list[str]:
    """The fields of one record; raises `LineError` if its quotation marks do not fit."""
    if quote is None or quote not in line:
        return line.split(delimiter)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True)
    try:
        return next(reader)
    except csv.Error as error:
        raise LineError(Rule.UNCLOSED_QUOTE) from error


def _read_record(file: _File, place: int) -> tuple[list[str], int]:
    """The fields of the record that begins at a place among the lines, and the place after it.

    Raises `LineError` if the line begins no record.
    """
    separation = (file.delimiter, file.quote, len(file.headings))
    try:
        return _parse_record(file.text(place, place + 1), *separation), place + 1
    except LineError as error:
        if error.rule is not Rule.UNCLOSED_QUOTE or file.quote is None:
            raise
        quoted = QuotedLines(file.delimiter, file.quote, len(file.headings))
        after = place + quoted.count_lines(file.records, place)
        try:
            return _parse_record(file.text(place, after), *separation), after
        except LineError:
            raise error from None


def _parse_record(text: str, delimiter: str, quote: str | None, width: int) -> list[str]:
    """The `width` fields of one record; raises `LineError` if the text is not such a record."""
    if "\0" in text:
        raise LineError(Rule.NUL_BYTES)
    fields = _parse_line(text, delimiter, quote)
    if len(fields) != width:
        is_total = is_total_row(fields)
        raise LineError(Rule.TOTAL_ROW if is_total else Rule.WRONG_FIELD_COUNT)
    return fields


def _quotes_are_well_formed(records: memoryview, delimiter: str, quote: str) -> bool:
    r"""Whether every quotation mark in \n-separated lines opens, closes or doubles as it should.

    True only if each field is quoted whole, on one line: then any CSV parser reads the same
    fields. Anything else is left to the strict parse, line by line.
    """
    padded = np.frombuffer(b"".join([b"\n", records, b"\n"]), dtype=np.uint8)
    marks = np.flatnonzero(padded == ord(quote))
    if len(marks) % 2:
        return False
    opening, closing = marks[0::2], marks[1::2]
    ends = (ord(delimiter), NEWLINE)
    # A doubled mark inside a field shows as a closing mark with an opening one right behind it.
    is_doubled = np.zeros(len(opening) + 1, dtype=bool)
    is_doubled[1:-1] = closing[:-1] + 1 == opening[1:]
    opens = np.isin(padded[opening - 1], ends) | is_doubled[:-1]
    closes = np.isin(padded[closing + 1], ends) | is_doubled[1:]
    if not (opens.all() and closes.all()):
        return False
    line_ends = np.flatnonzero(padded == NEWLINE)
    same_line = np.searchsorted(line_ends, opening) == np.searchsorted(line_ends, closing)
    return bool(same_line.all())
