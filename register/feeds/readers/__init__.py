"""Readers: a delivered file's bytes to a table of texts, record by physical record.

A reader depends on the form (CSV, workbook, XML, statistics, archive) and not on what columns mean;
that is `register.feeds.normalise`.
"""

from register.feeds.readers.archive import unpack
from register.feeds.readers.delimited import physical_lines, read_delimited
from register.feeds.readers.return_xml import ReturnDocument, read_return_xml
from register.feeds.readers.statistics import with_measure_and_value
from register.feeds.readers.workbook import read_workbook

__all__ = [
    "ReturnDocument",
    "physical_lines",
    "read_delimited",
    "read_return_xml",
    "read_workbook",
    "unpack",
    "with_measure_and_value",
]
