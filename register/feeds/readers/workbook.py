"""Excel workbooks in the formats since 2007 and the format before. One sheet is read, as texts.

Cells of Excel's date type become `YYYY-MM-DD HH:MM:SS`. Parsing dates belongs in
`register.feeds.dates`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Finding, Rejection, Rule
from register.feeds.layout_parts import FileForm
from register.feeds.readers.archive import check_unpacked_size
from register.feeds.readers.forms import COMPOUND, refuse_text
from register.feeds.readers.headings import SEARCHED_LINES, ExpectedHeadings
from register.feeds.tables import RawTable
from register.feeds.texts import clean_text
from register.variables import DeliveryLimits

# The end of a path that `name_sheet` built.
SHEET_PLACE = re.compile(r"/sheet_([0-9]+)$")


def read_workbook(
    source: SourceFile,
    form: FileForm,
    table_name: str,
    expected: ExpectedHeadings | None = None,
    limits: DeliveryLimits | None = None,
) -> RawTable:
    """Read the layout's sheet. Raises `Rejection` if the workbook or the sheet cannot be read.

    A further sheet with records of the table is a fault, because it may continue or copy the
    layout's sheet. If the layout's sheet is missing, the only sheet with such records is read to
    find its other faults. Other sheets with content get a note. If the layout reads several
    sheets, the sheet's position is part of the file's name.
    """
    limits = limits or DeliveryLimits()
    expected = expected or ExpectedHeadings()
    if not source.data:
        raise Rejection(Rule.EMPTY_FILE, source.path)
    refuse_text(source)
    path, columns, notes, faults = _read_sheet(
        source, str(form.sheet_name), table_name, (expected, limits)
    )
    height = max((_count_used_rows(column) for column in columns), default=0)
    if height == 0:
        raise Rejection(Rule.EMPTY_FILE, path)
    used = [column for column in columns if _count_used_rows(column)]
    place = expected.find_in(_list_first_rows(used)) or 0
    if len(used) > limits.columns:
        raise Rejection(Rule.TOO_MANY_COLUMNS, path, place + 1)
    headings = [clean_text(column[place].as_py() or "") for column in used]
    records = [column.slice(place + 1, height - place - 1) for column in used]
    notes += [Finding(Rule.TITLE_LINES, path, line + 1, table=table_name) for line in range(place)]

    def record_text(position: int) -> str:
        return "\t".join(column[position].as_py() or "" for column in records)

    return RawTable(
        file=path,
        table_name=table_name,
        headings=headings,
        columns=records,
        row_numbers=np.arange(place + 2, height + 1, dtype=np.int64),
        record_text=record_text,
        notes=notes,
        heading_line=place + 1,
        faults=faults,
    )


def read_sheet_row(data: bytes, sheet_names: Collection[str], number: int) -> str | None:
    """Return the delivered cells of a row of the first sheet with one of the names.

    If no sheet has one of the names, the first sheet is read. Returns None if there is no such row,
    or if the workbook cannot be read.
    """
    source = SourceFile("workbook", data)
    try:
        with _open_workbook(source, DeliveryLimits()) as workbook:
            chosen = [name for name in workbook.sheet_names if name in sheet_names]
            columns = _load_columns(workbook, (chosen or workbook.sheet_names)[0])
    except Rejection:
        return None
    if not columns or not 0 < number <= len(columns[0]):
        return None
    return " | ".join(column[number - 1].as_py() or "" for column in columns)


def find_sheet_name(data: bytes, path: str) -> str | None:
    """Return the name of the sheet in a path that `name_sheet` built; None for other paths."""
    place = SHEET_PLACE.search(path)
    if place is None:
        return None
    try:
        with _open_workbook(SourceFile(path, data), DeliveryLimits()) as workbook:
            names = workbook.sheet_names
    except Rejection:
        return None
    return str(names[int(place[1]) - 1]) if int(place[1]) <= len(names) else None


def find_file_of_sheet(path: str) -> str:
    """Return the workbook's path of a path that `name_sheet` built; other paths unchanged."""
    return SHEET_PLACE.sub("", path)


def name_sheet(path: str, place: int) -> str:
    """Return the safe name of a sheet: the workbook's path, and the sheet's position from 1."""
    return f"{path}/sheet_{place}"


def read_cells(source: SourceFile, limits: DeliveryLimits) -> Iterator[str]:
    """Yield the text of every filled cell of every sheet. Raises `Rejection`."""
    with _open_workbook(source, limits) as workbook:
        for name in workbook.sheet_names:
            for column in _load_columns(workbook, name):
                yield from (text for text in column.to_pylist() if text)


def read_sheets(source: SourceFile, limits: DeliveryLimits) -> Iterator[tuple[str, list[pa.Array]]]:
    """Yield the name and the used columns of every sheet with content. Raises `Rejection`."""
    with _open_workbook(source, limits) as workbook:
        for name in workbook.sheet_names:
            columns = [item for item in _load_columns(workbook, name) if _count_used_rows(item)]
            if columns:
                yield name, columns


@contextmanager
def _open_workbook(source: SourceFile, limits: DeliveryLimits) -> Iterator[Any]:
    """Open a workbook. Raises `Rejection` if the library that reads it fails."""
    import fastexcel

    try:
        if not source.data.startswith(COMPOUND):
            with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
                check_unpacked_size(source.path, archive, limits)
        yield fastexcel.read_excel(source.data)
    except (
        fastexcel.FastExcelError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise Rejection(Rule.UNREADABLE_WORKBOOK, source.path) from error
    except BaseException as error:
        # The library is written in Rust: a panic is no `Exception`, and its class cannot be
        # imported.
        if type(error).__name__ != "PanicException":
            raise
        raise Rejection(Rule.UNREADABLE_WORKBOOK, source.path) from None


def _read_sheet(
    source: SourceFile,
    sheet_name: str,
    table_name: str,
    bounds: tuple[ExpectedHeadings, DeliveryLimits],
) -> tuple[str, list[pa.Array], list[Finding], list[Finding]]:
    """Return the path and columns of the layout's sheet, notes about other sheets, and faults."""
    expected, limits = bounds
    notes, further = [], []
    with _open_workbook(source, limits) as workbook:
        names = workbook.sheet_names
        for place, name in enumerate(names, start=1):
            if name == sheet_name or name in expected.other_sheets:
                continue
            other = [column for column in _load_columns(workbook, name) if _count_used_rows(column)]
            safe_name = name_sheet(source.path, place)
            if expected.find_in(_list_first_rows(other)) is not None:
                further.append((name, Finding(Rule.FURTHER_SHEET, safe_name)))
            elif other:
                notes.append(Finding(Rule.UNKNOWN_SHEET, safe_name, table=table_name))
        read_name = sheet_name
        faults = [fault for _, fault in further]
        if sheet_name not in names:
            missing = Rejection(Rule.MISSING_SHEET, source.path)
            if len(further) != 1:
                raise missing
            read_name, faults = further[0][0], [missing.finding]
        path = source.path
        if expected.other_sheets:
            path = name_sheet(path, names.index(read_name) + 1)
        return path, _load_columns(workbook, read_name), notes, faults


def _load_columns(workbook: Any, sheet_name: str) -> list[pa.Array]:
    sheet = workbook.load_sheet(sheet_name, header_row=None, skip_rows=0, dtypes="string")
    return [column.cast(pa.string()) for column in sheet.to_arrow().columns]


def _list_first_rows(columns: list[pa.Array]) -> list[list[str]]:
    first = [column.slice(0, SEARCHED_LINES).to_pylist() for column in columns]
    return [[cell or "" for cell in row] for row in zip(*first, strict=True)]


def _count_used_rows(column: pa.Array) -> int:
    filled = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    return int(filled[-1]) + 1 if len(filled) else 0
