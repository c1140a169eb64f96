"""Editing of raw copies: erased records are overwritten, and all other records keep their place.

A record in a text file or a workbook becomes a row of empty cells whose first one is a marker. In
XML, the texts of the child's element are emptied. Archives are packed again, without a password. A
file that cannot be edited and proved to have no more than the marker is reported, so that the
caller removes the copy.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from xml.etree.ElementTree import Element, tostring

import openpyxl
from defusedxml import ElementTree

from register.erased_persons import MARKER
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection
from register.feeds.erased_rows import ErasureRule
from register.feeds.layout import list_sheet_names
from register.feeds.raw_search import mentions_erased
from register.feeds.readers import TEXTS, WORKBOOKS, read_sheet_row, unpack_archive
from register.feeds.readers.headings import SEARCHED_LINES
from register.feeds.readers.lines import SEPARATORS, QuotedLines
from register.feeds.readers.return_xml import CHILD, UASC
from register.variables import DeliveryLimits

LINE_ENDS = re.compile(r"\r\n|\n|\r")
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Excel keeps copies of cells in these parts of a workbook.
CACHED_CELLS = re.compile(r"pivotCache|externalLinks|customXml|comments")


class UneditableError(RuntimeError):
    """A raw copy cannot be edited, so it must be removed as a whole."""


@dataclass(frozen=True)
class RawEditor:
    """The erased records of a delivery, by the delivered path of their file, and its password.

    Of files outside `read_paths`, no record was read. Their lines are searched for references of
    erased persons. If a record `is_in_several_places`, in joined files or in sheets of one
    workbook, no copy with erased records can be edited.
    """

    rule: ErasureRule
    lines_by_path: Mapping[str, frozenset[int]]
    read_paths: frozenset[str]
    password: str | None
    limits: DeliveryLimits
    is_in_several_places: bool = False

    def edit_files(self, files: Sequence[SourceFile]) -> list[SourceFile]:
        """Return the files without the erased records. Raises `UneditableError`."""
        if self.is_in_several_places and self.lines_by_path:
            raise UneditableError("a record is in several places of the delivery")
        return [self._edit_file(file) for file in files]

    def _edit_file(self, file: SourceFile) -> SourceFile:
        if file.suffix in {".zip", ".gz"}:
            return self._edit_archive(file)
        path = file.delivered_path
        lines = self.lines_by_path.get(path, frozenset())
        if path not in self.read_paths:
            lines |= self._search_unread(file)
        return replace(file, data=edit_content(file, lines)) if lines else file

    def _search_unread(self, file: SourceFile) -> frozenset[int]:
        """Return the lines of a file that hold an erased person's reference."""
        if file.suffix in TEXTS and b"\0" not in file.data:
            texts = LINE_ENDS.split(file.data.decode("latin-1"))
            return frozenset(self.rule.find_texts(texts))
        if mentions_erased(self.rule, [file], self.password, self.limits):
            raise UneditableError(file.path)
        return frozenset()

    def _edit_archive(self, file: SourceFile) -> SourceFile:
        try:
            members = unpack_archive(file, self.password, self.limits)
        except Rejection as error:
            if not self.rule.suspects_unopened:
                return file
            raise UneditableError(file.path) from error
        edited = [self._edit_file(member) for member in members]
        if edited == members:
            return file
        if file.suffix == ".gz":
            return replace(file, data=gzip.compress(edited[0].data, mtime=0))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in edited:
                name = member.delivered_path.removeprefix(f"{file.delivered_path}/")
                archive.writestr(zipfile.ZipInfo(name), member.data, zipfile.ZIP_DEFLATED)
        return replace(file, data=stream.getvalue())


def edit_content(file: SourceFile, lines: frozenset[int]) -> bytes:
    """Return the bytes of a file without these records. Raises `UneditableError`."""
    if file.suffix == ".xml":
        return _edit_xml(file.data, lines)
    if file.suffix in WORKBOOKS:
        return _edit_workbook(file, lines)
    if file.suffix in TEXTS:
        return _edit_text(file, lines)
    raise UneditableError(file.path)


def _edit_text(file: SourceFile, lines: frozenset[int]) -> bytes:
    mark = file.data[:2] if file.data.startswith(BYTE_ORDER_MARKS) else b""
    if not mark and b"\0" in file.data:
        raise UneditableError(file.path)
    # Latin-1 maps every byte to one character, so bytes of any other encoding stay as they are.
    encoding = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(
        mark, "latin-1"
    )
    text = file.data[len(mark) :].decode(encoding)
    ends = [match[0] for match in LINE_ENDS.finditer(text)]
    parts = LINE_ENDS.split(text)
    encoded = [part.encode("utf-8") for part in parts]
    counts = {
        separator: max(part.count(separator) for part in parts[:SEARCHED_LINES])
        for separator in SEPARATORS
    }
    delimiter = max(SEPARATORS, key=counts.__getitem__)
    width = counts[delimiter] + 1
    quoted = QuotedLines(delimiter, '"', width)
    for number in lines:
        if not 0 < number <= len(parts):
            raise UneditableError(file.path)
        first = number - 1
        count = quoted.count_lines(encoded, first)
        cells = delimiter * (width - 1)
        # A record of several lines keeps them, as line breaks inside its first cell.
        parts[first] = f"{MARKER}{cells}" if count == 1 else f'"{MARKER}'
        for place in range(first + 1, first + count):
            parts[place] = f'"{cells}' if place == first + count - 1 else ""
    edited = "".join(part + end for part, end in zip(parts, [*ends, ""], strict=True))
    return mark + edited.encode(encoding)


def _edit_xml(data: bytes, numbers: frozenset[int]) -> bytes:
    root = ElementTree.fromstring(data, forbid_dtd=True)
    for number in sorted(numbers):
        element = next(islice(root.iter(), number - 1, None), None)
        if element is None:
            raise UneditableError("the XML file has no such element")
        _empty_element(_find_child(root, element))
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _find_child(root: Element, element: Element) -> Element:
    """Return the CHILD around an element, or the element itself if there is none."""
    for child in _iterate_children(root):
        if any(inner is element for inner in child.iter()):
            return child
    return element


def _iterate_children(root: Element) -> Iterator[Element]:
    return (each for each in root.iter() if _local_name(each) == CHILD and len(each))


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].upper()


def _empty_element(element: Element) -> None:
    leaves = [each for each in element.iter() if len(each) == 0]
    for each in element.iter():
        # The text of UASC decides how many records a header has.
        if _local_name(each) != UASC or len(each):
            each.text = None
        if each is not element:
            each.tail = None
        each.attrib.clear()
    numbered = [leaf for leaf in leaves if _local_name(leaf) == "CHILDID"] or leaves[:1]
    for leaf in numbered:
        leaf.text = MARKER


def _has_markers(data: bytes, sheet_names: Collection[str], lines: frozenset[int]) -> bool:
    """Return whether each of these rows has the marker and nothing else."""
    texts = [read_sheet_row(data, sheet_names, number) or "" for number in lines]
    return all(text.replace("|", " ").split() == [MARKER] for text in texts)


def _edit_workbook(file: SourceFile, lines: frozenset[int]) -> bytes:
    sheet_names = list_sheet_names()
    if _has_markers(file.data, sheet_names, lines):
        return file.data
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            if any(CACHED_CELLS.search(name) for name in archive.namelist()):
                raise UneditableError(file.path)
        workbook = openpyxl.load_workbook(io.BytesIO(file.data))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UneditableError(file.path) from error
    names = [name for name in workbook.sheetnames if name in sheet_names] or workbook.sheetnames
    sheet = workbook[names[0]]
    for number in lines:
        for cell in sheet[number]:
            cell.value = None
            cell.hyperlink = None
        sheet.cell(number, sheet.min_column).value = MARKER
    stream = io.BytesIO()
    workbook.save(stream)
    # The reader may count rows otherwise, for example without empty rows at the top.
    if not _has_markers(stream.getvalue(), sheet_names, lines):
        raise UneditableError(file.path)
    return stream.getvalue()
