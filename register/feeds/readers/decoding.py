"""Bytes in the layout's encoding to UTF-8, or a rejection that says where it broke.

Nothing is guessed and nothing is replaced: a file in another encoding is refused.
"""

from __future__ import annotations

import codecs

from register.feeds.layout import FileForm
from register.feeds.readers.raw_table import SourceFile
from register.feeds.rules import Rejection, Rule

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf8(source: SourceFile, form: FileForm) -> bytes:
    """The file's text as UTF-8 without a byte order mark.

    Raises `Rejection` (wrong_encoding) with the line that is not in the layout's encoding.
    """
    data = source.data
    # Text of two bytes a character holds a NUL in nearly every one of them.
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
