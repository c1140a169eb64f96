"""The delivered record behind a published row, read from the kept copy of the delivery.

For operations only: the line names a child. It is returned to the caller and never logged.
"""

from __future__ import annotations

import codecs
from itertools import islice
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import tostring

from defusedxml import ElementTree

from register.feeds import (
    WORKBOOKS,
    Rejection,
    SourceFile,
    find_delivered_name,
    list_sheet_names,
    read_delimited_record,
    read_sheet_row,
    unpack_archive,
)
from register.publishing.trace import SourceLine
from register.settings import PASSWORD_PREFIX, Settings


class RawLineError(RuntimeError):
    """The delivered line cannot be shown; the message names delivery, file and line."""


def read_raw_line(settings: Settings, line: SourceLine) -> str:
    """The text of one delivered record as it arrived: its lines, a sheet's row, or an element.

    Raises `RawLineError` if the kept copy does not hold it.
    """
    where = f"{line.delivery_id}, {line.file_name}, {line.place}"
    content = _file(settings, line, where)
    suffix = PurePosixPath(line.file_name).suffix.lower()
    if suffix in WORKBOOKS:
        text = read_sheet_row(content, list_sheet_names(), line.row_number)
    elif suffix == ".xml":
        text = _element(content, line.row_number)
    else:
        text = read_delimited_record(_decoded(content), line.row_number)
    if text is None:
        raise RawLineError(f"{where}: the kept copy has no such line")
    return text


def delivered_file(settings: Settings, line: SourceLine) -> str:
    """The name under which the line's file was delivered: it may name a child."""
    return find_delivered_name(settings.landing / line.feed / line.delivery_id, line.file_name)


def _file(settings: Settings, line: SourceLine, where: str) -> bytes:
    folder = settings.landing / line.feed / line.delivery_id
    raw = (folder / "raw").resolve()
    delivered = delivered_file(settings, line)
    path = (raw / delivered).resolve()
    if path.is_relative_to(raw) and path.is_file():
        return path.read_bytes()
    # A file of an archive is named by the archive's path and its own.
    for archive in path.parents:
        if archive.is_relative_to(raw) and archive.is_file():
            password = settings.zip_passwords.get(line.supplier_code)
            return _member(archive, delivered, (line.supplier_code, password), where)
    raise RawLineError(f"{where}: the kept copy of the delivery has no such file")


def _member(archive: Path, delivered: str, opened: tuple[str, str | None], where: str) -> bytes:
    supplier_code, password = opened
    inner = delivered.removesuffix(delivered.partition(f"{archive.name}/")[2])
    try:
        files = unpack_archive(SourceFile(inner.rstrip("/"), archive.read_bytes()), password)
    except Rejection as error:
        raise RawLineError(
            f"{where}: the archive cannot be opened ({error}); where it has a password, set"
            f" {PASSWORD_PREFIX}{supplier_code}"
        ) from error
    for file in files:
        if file.path == delivered:
            return file.data
    raise RawLineError(f"{where}: the kept copy of the delivery has no such file")


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _element(content: bytes, number: int) -> str | None:
    """The element of this number in the document; for a field, the element around it."""
    root = ElementTree.fromstring(content, forbid_dtd=True)
    found = next(islice(root.iter(), number - 1, None), None)
    if found is None:
        return None
    if len(found) == 0:
        found = next((outer for outer in root.iter() if found in list(outer)), found)
    return tostring(found, encoding="unicode").strip()
