"""The encoding of a delimited file: the layout's, or the one that a byte order mark declares.

Text in another encoding is refused, never guessed or replaced.
"""

from __future__ import annotations

import codecs

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection, Rule
from register.feeds.layout import FileForm

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PIECE = 1 << 20


def utf8_content(source: SourceFile, form: FileForm) -> bytes:
    """The file's text as UTF-8 without a byte order mark.

    Raises `Rejection` (wrong_encoding) with the line that is not in the layout's encoding, or not
    in the one that a byte order mark declares.
    """
    data = source.data
    if data.startswith(WIDE_MARKS):
        return _decoded(source, "utf-16").encode("utf-8")
    if form.encoding.startswith(("utf-16", "utf-32")):
        return _decoded(source, form.encoding).removeprefix("\ufeff").encode("utf-8")
    # In text of two bytes a character nearly every character has a NUL byte.
    if data.count(b"\0") * 4 > len(data):
        raise Rejection(Rule.WRONG_ENCODING, source.path, 1)
    if form.encoding == "utf-8" or data.startswith(codecs.BOM_UTF8):
        _require_utf8(source)
        return data.removeprefix(codecs.BOM_UTF8)
    if data.isascii():
        return data
    if _is_utf8(data):
        first = next(index for index, byte in enumerate(data) if byte > 0x7F)
        raise Rejection(Rule.WRONG_ENCODING, source.path, _line_of(data, first))
    return _decoded(source, form.encoding).encode("utf-8")


def _decoded(source: SourceFile, encoding: str) -> str:
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        is_wide = encoding.startswith(("utf-16", "utf-32"))
        line = 1 if is_wide else _line_of(source.data, error.start)
    raise Rejection(Rule.WRONG_ENCODING, source.path, line)


def _require_utf8(source: SourceFile) -> None:
    """Raise `Rejection` if the bytes are not UTF-8; they are read in pieces, none is kept."""
    if _is_utf8(source.data):
        return
    _decoded(source, "utf-8")


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(data), PIECE):
            decoder.decode(view[start : start + PIECE], final=start + PIECE >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _line_of(data: bytes, position: int) -> int:
    return len((data[:position] + b".").splitlines())
