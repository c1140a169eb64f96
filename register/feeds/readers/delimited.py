"""Delimited files: a fast parse where any parser would agree, a strict one line by line where not.

A physical line is a record: a quotation mark never reaches past its own line, a line that is not a
record is quarantined alone, and the count of physical lines is the measure. Text in another
encoding than the layout's is refused, never guessed or replaced. What fields mean does not belong
here.
"""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from register.feeds.delivery import SourceFile
from register.feeds.layout import FileForm, Footer
from register.feeds.rules import Finding, Rejection, Rule
from register.feeds.tables import QuarantinedRecord, RawTable

NEWLINE = 0x0A
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class LineError(ValueError):
    """A line is not a record of the table, by `rule`."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


def read_delimited(
    source: SourceFile, form: FileForm, table_name: str, null_texts: Sequence[str]
) -> RawTable:
    """Read a delimited file. Raises `Rejection` if the file as a whole cannot be read.

    Fields equal to one of `null_texts` are null.
    """
    lines = physical_lines(_as_utf8(source, form))
    if not lines:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    headings = _headings(source, lines[0], form)
    records = lines[1:]
    if form.footer:
        _check_footer(source, records, form.footer)
        records = records[:-1]
    body = b"\n".join(records)
    # A blank line among the records is one that is wrong, and not every parser minds it.
    has_blank = b"" in records
    columns = None
    if not has_blank:
        columns = _parse_fast(body, len(headings), form, len(records), null_texts)
    if columns is None:
        return _parse_strictly(source, form, table_name, headings, records)
    return RawTable(
        file=source.path,
        table_name=table_name,
        headings=headings,
        columns=columns,
        row_numbers=np.arange(2, len(records) + 2, dtype=np.int64),
        record_text=lambda position: records[position].decode("utf-8"),
    )


def _headings(source: SourceFile, line: bytes, form: FileForm) -> list[str]:
    if b"\0" in line:
        raise Rejection(Rule.WRONG_ENCODING, source.path, 1)
    try:
        fields = _parse_line(line.decode("utf-8"), form.delimiter, form.quote_character)
    except LineError as error:
        raise Rejection(Rule.MISSING_REQUIRED_COLUMN, source.path, 1) from error
    return [field.strip() for field in fields]


def _check_footer(source: SourceFile, records: list[bytes], footer: Footer) -> None:
    last = records[-1].decode("utf-8") if records else ""
    if not last.startswith(footer.starts_with):
        raise Rejection(Rule.MISSING_FOOTER, source.path, len(records) + 1)
    if last.strip() != footer.text.format(row_count=len(records) - 1):
        raise Rejection(Rule.FOOTER_MISMATCH, source.path, len(records) + 1)


def _parse_fast(
    body: bytes, width: int, form: FileForm, count: int, null_texts: Sequence[str]
) -> list[pa.Array] | None:
    """The columns, or none unless every line is one well-formed record of `width` fields."""
    quote = form.quote_character
    if not body or b"\0" in body:
        return None
    has_quotes = quote is not None and quote.encode() in body
    if has_quotes and not _quotes_are_well_formed(body, form.delimiter, str(quote)):
        return None
    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(body),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(body) + 1, column_names=names),
            arrow_csv.ParseOptions(
                delimiter=form.delimiter,
                quote_char=quote if has_quotes else False,
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(null_texts),
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != count:
        return None
    return [column.combine_chunks() for column in table.columns]


def _parse_strictly(
    source: SourceFile,
    form: FileForm,
    table_name: str,
    headings: list[str],
    records: list[bytes],
) -> RawTable:
    rows: list[list[str]] = []
    kept: list[int] = []
    quarantined: list[QuarantinedRecord] = []
    for position, line in enumerate(records):
        try:
            rows.append(_parse_record(line, form.delimiter, form.quote_character, len(headings)))
            kept.append(position)
        except LineError as error:
            finding = Finding(error.rule, source.path, position + 2, table=table_name)
            text = line.decode("utf-8").replace("\0", "\N{SYMBOL FOR NULL}")
            quarantined.append(QuarantinedRecord(finding, text))
    return RawTable(
        file=source.path,
        table_name=table_name,
        headings=headings,
        columns=[
            pa.array([row[index] for row in rows], pa.string()) for index in range(len(headings))
        ],
        row_numbers=np.asarray(kept, dtype=np.int64) + 2,
        record_text=lambda position: records[kept[position]].decode("utf-8"),
        quarantined=quarantined,
    )


def _as_utf8(source: SourceFile, form: FileForm) -> bytes:
    """The file's text as UTF-8 without a byte order mark.

    Raises `Rejection` (wrong_encoding) with the line that is not in the layout's encoding.
    """
    data = source.data
    # In text of two bytes a character nearly every character has a NUL byte.
    if data.startswith(WIDE_MARKS) or data.count(b"\0") * 4 > len(data):
        raise Rejection(Rule.WRONG_ENCODING, source.path, 1)
    if form.encoding == "utf-8":
        _require(source, "utf-8", data)
        return data.removeprefix(codecs.BOM_UTF8)
    if data.isascii():
        return data
    if _is_utf8(data):
        first = next(index for index, byte in enumerate(data) if byte > 0x7F)
        raise Rejection(Rule.WRONG_ENCODING, source.path, _line_of(data, first))
    return _require(source, form.encoding, data).encode("utf-8")


def _require(source: SourceFile, encoding: str, data: bytes) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_of(data, error.start)
    raise Rejection(Rule.WRONG_ENCODING, source.path, line)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_of(data: bytes, position: int) -> int:
    return len((data[:position] + b".").splitlines())


def physical_lines(data: bytes) -> list[bytes]:
    r"""Split at \n, \r\n and \r alike, and drop the blank lines that trail."""
    lines = data.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _parse_line(line: str, delimiter: str, quote: str | None) -> list[str]:
    """The fields of one physical line; raises `LineError` if its quotation marks do not fit."""
    if quote is None or quote not in line:
        return line.split(delimiter)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True)
    try:
        return next(reader)
    except csv.Error as error:
        raise LineError(Rule.UNCLOSED_QUOTE) from error


def _parse_record(line: bytes, delimiter: str, quote: str | None, width: int) -> list[str]:
    """The `width` fields of one record; raises `LineError` if the line is not such a record."""
    if b"\0" in line:
        raise LineError(Rule.NUL_BYTES)
    fields = _parse_line(line.decode("utf-8"), delimiter, quote)
    if len(fields) != width:
        raise LineError(Rule.WRONG_FIELD_COUNT)
    return fields


def _quotes_are_well_formed(records: bytes, delimiter: str, quote: str) -> bool:
    r"""Whether every quotation mark in \n-separated lines opens, closes or doubles as it should.

    True only if each field is quoted whole, on one line: then any CSV parser reads the same
    fields. Anything else is left to the strict parse, line by line.
    """
    padded = np.frombuffer(b"\n" + records + b"\n", dtype=np.uint8)
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
