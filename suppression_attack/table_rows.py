"""Rows of published tables as texts: from CSV files, sheets of spreadsheets and data frames."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from suppression_attack.description import DescriptionError
from suppression_attack.optional_libraries import require_library

SPREADSHEETS = {".xlsx", ".ods"}
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
Line = dict[str, str]


def read_csv_rows(path: Path) -> Iterator[Line]:
    """Yield the rows of a CSV file by column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptionError(f"{path.name} cannot be read") from error


def list_sheets(path: Path) -> list[str]:
    """Return the names of the sheets of a spreadsheet."""
    return list(_open_spreadsheet(path).sheet_names)


def _open_spreadsheet(path: Path) -> Any:
    with require_library("fastexcel", "spreadsheets", path.name):
        import fastexcel
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise DescriptionError(f"{path.name} cannot be read") from error


def read_sheet_texts(path: Path, sheet: str | None) -> list[tuple[str, ...]]:
    """Return all rows of a sheet, or of the first sheet, as texts."""
    workbook = _open_spreadsheet(path)
    if sheet is not None and sheet not in workbook.sheet_names:
        raise DescriptionError(f"{path.name} has no sheet {sheet}")
    table = workbook.load_sheet(sheet or 0, header_row=None, dtypes="string").to_arrow()
    columns = [column.to_pylist() for column in table.columns]
    return [tuple((text or "").strip() for text in row) for row in zip(*columns, strict=True)]


def read_sheet_rows(path: Path, sheet: str | None, columns: Sequence[str]) -> Iterator[Line]:
    """Yield the rows of the table in a sheet: below the first row that has all the columns.

    The table ends before the first row without any figure or item in these columns.
    """
    texts = read_sheet_texts(path, sheet)
    start = next((at for at, row in enumerate(texts) if set(columns) <= set(row)), None)
    if start is None:
        raise DescriptionError(f"{path.name}: no row of the sheet has all of {', '.join(columns)}")
    for row in texts[start + 1 :]:
        line = dict(zip(texts[start], row, strict=True))
        if not any(line[column] for column in columns):
            break
        line.pop("", None)
        yield line


def read_frame_rows(frame: Any) -> Iterator[Line]:
    """Yield the rows of a data frame (pandas or Arrow) by column."""
    columns = [str(name) for name in getattr(frame, "column_names", frame.columns)]
    values = (_list_values(frame[name]) for name in columns)
    for row in zip(*values, strict=True):
        yield dict(zip(columns, map(format_value, row), strict=True))


def _list_values(column: Any) -> Iterable[Any]:
    return column.to_pylist() if hasattr(column, "to_pylist") else column


def format_value(value: Any) -> str:
    """Return a value as a publisher would print it; a missing value is an empty text."""
    if value is None or value != value or str(value) == "<NA>":  # noqa: PLR0124 - NaN alone differs
        return ""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)


def remove_thousands(text: str) -> str:
    """Return a printed number without its thousands separators."""
    return text.replace(",", "") if THOUSANDS.fullmatch(text) else text
