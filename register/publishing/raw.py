"""Reading of the delivered record behind a published row, from the delivery's stored copy.

The record names a child, so it is only returned to the caller and never logged.
"""

from __future__ import annotations

import codecs
from itertools import islice
from pathlib import PurePosixPath
from xml.etree.ElementTree import tostring

from defusedxml import ElementTree

from register.feeds import (
    WORKBOOKS,
    Rejection,
    SourceFile,
    find_delivered_name,
    find_file_of_sheet,
    find_sheet_name,
    list_sheet_names,
    read_delimited_record,
    read_raw_copies,
    read_sheet_row,
    unpack_archive,
)
from register.private_files import PrivateFileError
from register.publishing.trace import SourceLine
from register.settings import PASSWORD_PREFIX, Settings


class RawLineError(RuntimeError):
    """The delivered record cannot be read; the message names delivery, file and line."""


def read_raw_line(settings: Settings, line: SourceLine) -> str:
    """Return a delivered record as text: its lines, a row of a sheet, or an XML element.

    Raises `RawLineError` if the stored copy does not have the record.
    """
    place = f"{line.delivery_id}, {line.file_name}, {line.place}"
    content = _read_file(settings, line, place)
    sheet_name = find_sheet_name(content, line.file_name)
    suffix = PurePosixPath(find_file_of_sheet(line.file_name)).suffix.lower()
    if suffix in WORKBOOKS:
        sheet_names = [sheet_name] if sheet_name else list_sheet_names()
        text = read_sheet_row(content, sheet_names, line.row_number)
    elif suffix == ".xml":
        text = _read_element(content, line.row_number)
    else:
        text = read_delimited_record(_decode_text(content), line.row_number)
    if text is None:
        raise RawLineError(f"{place}: the kept copy has no such line")
    return text


def find_delivered_file(settings: Settings, line: SourceLine) -> str:
    """Return the delivered name of the file that contains the line; it may name a child."""
    folder = settings.landing / line.feed / line.delivery_id
    try:
        return find_delivered_name(settings.data_keys, folder, find_file_of_sheet(line.file_name))
    except PrivateFileError as error:
        raise RawLineError(f"{line.delivery_id}: {error}") from None


def _read_file(settings: Settings, line: SourceLine, place: str) -> bytes:
    folder = settings.landing / line.feed / line.delivery_id
    delivered = find_delivered_file(settings, line)
    try:
        copies = {copy.path: copy.data for copy in read_raw_copies(settings.data_keys, folder)}
    except PrivateFileError as error:
        raise RawLineError(f"{place}: {error}") from None
    if delivered in copies:
        return copies[delivered]
    # If the file was in an archive, its path begins with the archive's path.
    for outer in PurePosixPath(delivered).parents:
        if outer.as_posix() in copies:
            archive = SourceFile(outer.as_posix(), copies[outer.as_posix()])
            return _read_member(settings, archive, delivered, line)
    raise RawLineError(f"{place}: the kept copy of the delivery has no such file")


def _read_member(
    settings: Settings, archive: SourceFile, delivered: str, line: SourceLine
) -> bytes:
    place = f"{line.delivery_id}, {line.file_name}, {line.place}"
    password = settings.zip_passwords.get(line.supplier_code)
    try:
        files = unpack_archive(archive, password)
    except Rejection as error:
        raise RawLineError(
            f"{place}: the archive cannot be opened ({error}); where it has a password, set"
            f" {PASSWORD_PREFIX}{line.supplier_code}"
        ) from error
    for file in files:
        if file.path == delivered:
            return file.data
    raise RawLineError(f"{place}: the kept copy of the delivery has no such file")


def _decode_text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_element(content: bytes, number: int) -> str | None:
    """Return the XML element with this number or, if it is a field, the element around it."""
    root = ElementTree.fromstring(content, forbid_dtd=True)
    element = next(islice(root.iter(), number - 1, None), None)
    if element is None:
        return None
    if len(element) == 0:
        element = next((outer for outer in root.iter() if element in list(outer)), element)
    return tostring(element, encoding="unicode").strip()
