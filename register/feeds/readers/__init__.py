"""Readers, which convert the bytes of a delivered file to a table of texts, record by record.

Each reader handles one form: CSV, workbook, XML, archive, or the long form of statistics. The
meaning of columns belongs in `register.feeds.normalise`.
"""

from register.feeds.readers.archive import is_archive, unpack_archive
from register.feeds.readers.delimited import read_delimited
from register.feeds.readers.forms import (
    TEXTS,
    WORKBOOKS,
    refuse_other_form,
    refuse_other_forms,
)
from register.feeds.readers.headings import ExpectedHeadings
from register.feeds.readers.lines import Lines, read_delimited_record
from register.feeds.readers.long_form import merge_category_columns
from register.feeds.readers.return_xml import RECORD_TABLES, ReturnDocument, read_return_xml
from register.feeds.readers.workbook import (
    find_file_of_sheet,
    find_sheet_name,
    read_cells,
    read_sheet_row,
    read_sheets,
    read_workbook,
)

__all__ = [
    "RECORD_TABLES",
    "TEXTS",
    "WORKBOOKS",
    "ExpectedHeadings",
    "Lines",
    "ReturnDocument",
    "find_file_of_sheet",
    "find_sheet_name",
    "is_archive",
    "merge_category_columns",
    "read_cells",
    "read_delimited",
    "read_delimited_record",
    "read_return_xml",
    "read_sheet_row",
    "read_sheets",
    "read_workbook",
    "refuse_other_form",
    "refuse_other_forms",
    "unpack_archive",
]
