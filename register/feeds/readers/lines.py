"""Physical lines of a delimited file, and the strict parse of one of them.

A physical line is a record: a quotation mark never reaches past its own line. What the fields
mean does not belong here.
"""

from __future__ import annotations

import csv
import sys

import numpy as np

from register.feeds.rules import Rule

NEWLINE = 0x0A


class LineError(ValueError):
    """A line is not a record of the table, by `rule`."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


def physical_lines(data: bytes) -> list[bytes]:
    r"""Split at \n, \r\n and \r alike, and drop the blank lines that trail."""
    lines = data.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def parse_line(line: str, delimiter: str, quote: str | None) -> list[str]:
    """The fields of one physical line; raises `LineError` if its quotation marks do not fit."""
    if quote is None or quote not in line:
        return line.split(delimiter)
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True)
    try:
        return next(reader)
    except csv.Error as error:
        raise LineError(Rule.UNCLOSED_QUOTE) from error


def parse_record(line: bytes, delimiter: str, quote: str | None, width: int) -> list[str]:
    """The `width` fields of one record; raises `LineError` if the line is not such a record."""
    if b"\0" in line:
        raise LineError(Rule.NUL_BYTES)
    fields = parse_line(line.decode("utf-8"), delimiter, quote)
    if len(fields) != width:
        raise LineError(Rule.WRONG_FIELD_COUNT)
    return fields


def quotes_are_well_formed(records: bytes, delimiter: str, quote: str) -> bool:
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
