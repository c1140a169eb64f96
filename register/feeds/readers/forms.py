"""What form a file has, by its name and its first bytes, where it is not the one that was expected.

How a form is read belongs in the other readers.
"""

from __future__ import annotations

from collections.abc import Iterable

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule

TEXTS = (".csv", ".txt", ".tsv")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")
# Forms that some systems export and no reader here reads.
UNREAD = (
    *(".pdf", ".doc", ".docx", ".rtf", ".odt", ".ods", ".html", ".htm", ".msg", ".eml"),
    *(".json", ".jsonl", ".parquet", ".accdb", ".mdb", ".db", ".sqlite"),
)
# The container of a workbook since 2007, and of one before or under a password.
PACKED = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNREAD_MARKS = (b"%PDF", b"{\\rtf", b"PAR1", b"SQLite format 3")


def refuse_binary(source: SourceFile) -> None:
    """Raise `Rejection` for a file named as text that is a workbook or another form of bytes."""
    if source.data.startswith((PACKED, COMPOUND)):
        raise Rejection(Rule.WORKBOOK_FOR_TEXT, source.path)
    if source.data.startswith(UNREAD_MARKS):
        raise Rejection(Rule.UNREAD_FORM, source.path)


def refuse_text(source: SourceFile) -> None:
    """Raise `Rejection` for a file named as a workbook that is none: a page or a table of text."""
    if not source.data.startswith((b"PK", COMPOUND)):
        raise Rejection(Rule.TEXT_FOR_WORKBOOK, source.path)


def refuse_other_forms(files: Iterable[SourceFile], *, is_text_expected: bool) -> None:
    """Raise `Rejection` for the first file that shows what came in place of the expected form."""
    for file in files:
        if is_text_expected and file.suffix in WORKBOOKS:
            raise Rejection(Rule.WORKBOOK_FOR_TEXT, file.path)
        if not is_text_expected and file.suffix in TEXTS:
            raise Rejection(Rule.TEXT_FOR_WORKBOOK, file.path)
        if file.suffix in UNREAD or file.data.startswith(UNREAD_MARKS):
            raise Rejection(Rule.UNREAD_FORM, file.path)
