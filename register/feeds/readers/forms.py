"""Recognition of a file's form and encoding, and rejection of unexpected ones.

Reading a file of a known form belongs in the readers.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.layout_parts import FileForm

TEXTS = (".csv", ".txt", ".tsv")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")
# Formats that some systems export and that are not supported.
UNSUPPORTED = (
    *(".pdf", ".doc", ".docx", ".rtf", ".odt", ".ods", ".html", ".htm", ".msg", ".eml"),
    *(".json", ".jsonl", ".parquet", ".accdb", ".mdb", ".db", ".sqlite"),
)
# First bytes of a workbook: the format since 2007, and the older format. Workbooks with a password
# also begin like the older format.
PACKED = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNSUPPORTED_MARKS = (b"%PDF", b"{\\rtf", b"PAR1", b"SQLite format 3")
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PIECE = 1 << 20


def refuse_binary(source: SourceFile) -> None:
    """Raise `Rejection` if a file with a text's name is a workbook or has another binary form."""
    if source.data.startswith((PACKED, COMPOUND)):
        raise Rejection(Rule.WORKBOOK_FOR_TEXT, source.path)
    if source.data.startswith(UNSUPPORTED_MARKS):
        raise Rejection(Rule.UNREAD_FORM, source.path)


def refuse_text(source: SourceFile) -> None:
    """Raise `Rejection` if a file with a workbook's name is a web page or a text."""
    if not source.data.startswith((b"PK", COMPOUND)):
        raise Rejection(Rule.TEXT_FOR_WORKBOOK, source.path)


def refuse_other_forms(files: Iterable[SourceFile], *, is_text_expected: bool) -> None:
    """Raise `Rejection` for the first file that does not have the expected form."""
    for file in files:
        refuse_other_form(file, is_text_expected=is_text_expected)


def refuse_other_form(file: SourceFile, *, is_text_expected: bool) -> None:
    """Raise `Rejection` if a file does not have the expected form."""
    if is_text_expected and file.suffix in WORKBOOKS:
        raise Rejection(Rule.WORKBOOK_FOR_TEXT, file.path)
    if not is_text_expected and file.suffix in TEXTS:
        raise Rejection(Rule.TEXT_FOR_WORKBOOK, file.path)
    if file.suffix in UNSUPPORTED or file.data.startswith(UNSUPPORTED_MARKS):
        raise Rejection(Rule.UNREAD_FORM, file.path)


def decode_loosely(source: SourceFile, form: FileForm) -> tuple[bytes, Rejection | None]:
    """Return the file's text in UTF-8, and the fault if it is not in the agreed encoding.

    The text of such a file serves only to find its other faults. Raises `Rejection` if the file
    cannot be read in any way.
    """
    try:
        return decode_to_utf8(source, form), None
    except Rejection as rejection:
        is_wide = form.encoding.startswith(("utf-16", "utf-32"))
        if is_wide or source.data.startswith(WIDE_MARKS) or b"\0" in source.data:
            raise
        data = source.data.removeprefix(codecs.BOM_UTF8)
        encoding = "utf-8" if _is_utf8(data) else "cp1252"
        return data.decode(encoding, errors="replace").encode("utf-8"), rejection


def decode_to_utf8(source: SourceFile, form: FileForm) -> bytes:
    """Return the file's text in UTF-8, without a byte order mark.

    The encoding is given by a byte order mark or, without one, by the layout; it is never guessed.
    If a line is not in this encoding, raises `Rejection` (wrong_encoding) with the line's number.
    """
    data = source.data
    if data.startswith(WIDE_MARKS):
        return _decode(source, "utf-16").encode("utf-8")
    if form.encoding.startswith(("utf-16", "utf-32")):
        return _decode(source, form.encoding).removeprefix("\ufeff").encode("utf-8")
    # In UTF-16, nearly every character contains a NUL byte.
    if data.count(b"\0") * 4 > len(data):
        raise Rejection(Rule.WRONG_ENCODING, source.path, 1)
    if form.encoding == "utf-8" or data.startswith(codecs.BOM_UTF8):
        if not _is_utf8(data):
            _decode(source, "utf-8")
        return data.removeprefix(codecs.BOM_UTF8)
    if data.isascii():
        return data
    if _is_utf8(data):
        first = next(index for index, byte in enumerate(data) if byte > 0x7F)
        raise Rejection(Rule.WRONG_ENCODING, source.path, _find_line(data, first))
    return _decode(source, form.encoding).encode("utf-8")


def _decode(source: SourceFile, encoding: str) -> str:
    """Decode a file. If a line is not in the encoding, raise `Rejection` with its number."""
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        is_wide = encoding.startswith(("utf-16", "utf-32"))
        line = 1 if is_wide else _find_line(source.data, error.start)
    raise Rejection(Rule.WRONG_ENCODING, source.path, line)


def _is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8. To save memory, they are decoded in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), PIECE):
            decoder.decode(view[start : start + PIECE], final=start + PIECE >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _find_line(data: bytes, position: int) -> int:
    return len((data[:position] + b".").splitlines())
