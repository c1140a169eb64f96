"""Delimited files: a fast parse where any parser would agree, a strict one line by line where not.

A line that is not a record is quarantined alone; the count of physical lines is the measure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from register.feeds.landed_files import QuarantinedRecord
from register.feeds.layout import FileForm, Footer
from register.feeds.readers.decoding import as_utf8
from register.feeds.readers.lines import (
    LineError,
    parse_line,
    parse_record,
    physical_lines,
    quotes_are_well_formed,
)
from register.feeds.readers.raw_table import RawTable, SourceFile
from register.feeds.rules import Finding, Rejection, Rule


def read_delimited(
    source: SourceFile, form: FileForm, table_name: str, null_texts: Sequence[str]
) -> RawTable:
    """Read a delimited file. Raises `Rejection` if the file as a whole cannot be read.

    Fields that are one of `null_texts` as they stand are null.
    """
    lines = physical_lines(as_utf8(source, form))
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
        fields = parse_line(line.decode("utf-8"), form.delimiter, form.quote_character)
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
    if has_quotes and not quotes_are_well_formed(body, form.delimiter, str(quote)):
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
            rows.append(parse_record(line, form.delimiter, form.quote_character, len(headings)))
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
