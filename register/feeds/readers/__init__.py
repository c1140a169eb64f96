"""Readers: a delivered file's bytes to a table of texts, record by record.

A reader depends on the form (CSV, workbook, XML, statistics, archive) and not on what columns mean;
that is `register.feeds.normalise`.
"""

from register.feeds.readers.archive import is_archive, unpack
from register.feeds.readers.delimited import read_delimited
from register.feeds.readers.forms import TEXTS, WORKBOOKS, refuse_other_forms
from register.feeds.readers.headings import ExpectedHeadings
from register.feeds.readers.lines import Lines
from register.feeds.readers.long_form import with_measure_and_value
from register.feeds.readers.quoted_lines import delimited_record
from register.feeds.readers.return_xml import ReturnDocument, read_return_xml
from register.feeds.readers.workbook import read_workbook, sheet_row

__all__ = [
    "TEXTS",
    "WORKBOOKS",
    "ExpectedHeadings",
    "Lines",
    "ReturnDocument",
    "delimited_record",
    "is_archive",
    "read_delimited",
    "read_return_xml",
    "read_workbook",
    "refuse_other_forms",
    "sheet_row",
    "unpack",
    "with_measure_and_value",
]
