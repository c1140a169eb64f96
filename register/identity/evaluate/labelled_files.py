"""Files of a labelled set: their rows with a key, and their texts as lists, dates and times.

A fault is named by file, line (CSV) or record (Parquet) and column, never by a value. What the rows
mean is decided in `labelled_set`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from register.identity.clean import ColumnsMap, PersonsError, parse_birth_date, read_person_table

# In a text, this separates the values of a list.
LIST_SEPARATOR = ";"
# So many faulty lines are named.
NAMED_LINES = 3
# Stands for a day that the calendar lacks, such as 31 February. Cleaning ignores it, and it counts.
IMPOSSIBLE_DATE = date.min
DATE_FORMS = "yyyy-mm-dd, yyyymmdd or dd/mm/yyyy"
NO_FORMAT = ColumnsMap(key="mention_key")


class _UnreadableError(ValueError):
    """A text has no known form."""


@dataclass(frozen=True)
class FileTable:
    """The rows of a file that have a key; each has its line or record number in `numbers`.

    `unit` is *line* or *record*. `keyless_count` is the number of rows without a key.
    """

    path: Path
    table: pa.Table
    unit: str
    numbers: list[int]
    keyless_count: int = 0

    def filter_rows(self, is_wanted: list[bool]) -> FileTable:
        """Return the table with only some of its rows."""
        numbers = [number for number, stays in zip(self.numbers, is_wanted, strict=True) if stays]
        rows = self.table.filter(pa.array(is_wanted, pa.bool_()))
        return replace(self, table=rows, numbers=numbers)

    def list_texts(self, name: str) -> list[str | None]:
        """Return a column as texts; an empty cell is None."""
        values = self.table[name].to_pylist()
        return [None if value is None or value == "" else str(value) for value in values]

    def refuse_rows(self, is_faulty: Iterable[bool], fault: str) -> None:
        """Raise `PersonsError` if a row is faulty; name the number of such rows and the first."""
        faulty = [number for number, wrong in zip(self.numbers, is_faulty, strict=True) if wrong]
        if not faulty:
            return
        first = ", ".join(f"{number}" for number in faulty[:NAMED_LINES])
        more = ", …" if len(faulty) > NAMED_LINES else ""
        units = self.unit if len(faulty) == 1 else f"{len(faulty):,} {self.unit}s:"
        raise PersonsError(f"{self.path.name}, {units} {first}{more}: {fault}")

    def require_columns(self, names: Iterable[str]) -> None:
        """Raise `PersonsError` if a column is missing."""
        missing = sorted(set(names) - set(self.table.column_names))
        if missing:
            raise PersonsError(f"{self.path.name}: no such column: {', '.join(missing)}")

    def require_unique(self, name: str) -> None:
        """Refuse a key that an earlier row has, since figures would confuse the two rows."""
        texts = self.list_texts(name)
        self.refuse_rows(
            find_repeats(texts), f"{name} is that of an earlier {self.unit}. Each needs its own"
        )

    def require_values(self, name: str, allowed: Iterable[str]) -> None:
        """Refuse a value that is not one of those allowed."""
        known = set(allowed)
        words = " and ".join(sorted(known))
        self.refuse_rows(
            (value not in known for value in self.table[name].to_pylist()),
            f"{name} is neither of {words}, in lower case",
        )


def read_labelled_file(path: Path, keys: Iterable[str]) -> FileTable:
    """Read a file of the register's form: Parquet, or CSV with commas in UTF-8.

    Rows without one of the `keys` are counted and left out.
    """
    if path.suffix == ".parquet":
        table = read_person_table(path)
        file_rows = FileTable(path, table, "record", list(range(1, table.num_rows + 1)))
    else:
        header, file_rows = read_csv_rows(path)
        if len(set(header)) < len(header):
            raise PersonsError(f"{path.name}, line 1: two columns have one name")
        file_rows = replace(file_rows, table=file_rows.table.rename_columns(header))
    return keep_keyed(file_rows, keys)


def keep_keyed(file_rows: FileTable, keys: Iterable[str]) -> FileTable:
    """Return a table without the rows that lack one of the keys; count them."""
    names = list(keys)
    file_rows.require_columns(names)
    columns = [file_rows.list_texts(name) for name in names]
    is_keyed = [None not in row for row in zip(*columns, strict=True)]
    return replace(file_rows.filter_rows(is_keyed), keyless_count=is_keyed.count(False))


def find_repeats(keys: Iterable[Any]) -> list[bool]:
    """Say of each key whether an earlier one equals it."""
    earlier: set[Any] = set()
    repeats = []
    for key in keys:
        repeats.append(key in earlier)
        earlier.add(key)
    return repeats


def convert_table(rows: FileTable, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, with nulls for columns that the file lacks.

    A text becomes a list (values separated by `LIST_SEPARATOR`), a date or a time. In a list of
    dates, a day that the calendar lacks becomes `IMPOSSIBLE_DATE`.
    """
    columns = [
        _convert_column(rows, field)
        if field.name in rows.table.column_names
        else pa.nulls(rows.table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def read_csv_rows(path: Path) -> tuple[list[str], FileTable]:
    """Read the header of a CSV file, and its rows as columns named 0, 1, 2 and so on."""
    numbers, rows = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            last = reader.line_num
            for row in reader:
                # A quoted cell may go over several lines; a record is named by its first.
                number, last = last + 1, reader.line_num
                if row:
                    numbers.append(number)
                    rows.append(row)
    except (csv.Error, UnicodeDecodeError):
        raise PersonsError(f"{path.name}: not a CSV file in UTF-8") from None
    FileTable(path, pa.table({}), "line", numbers).refuse_rows(
        (len(row) != len(header) for row in rows),
        f"the header has {len(header)} columns, and each line needs as many",
    )
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in columns]
    table = pa.table(arrays, names=[str(place) for place in range(len(header))])
    return header, FileTable(path, table, "line", numbers)


def _convert_column(rows: FileTable, field: pa.Field) -> pa.Array:
    values = rows.table[field.name].combine_chunks()
    kind = field.type
    if pa.types.is_list(kind) and _is_text(values.type):
        values = _split_texts(rows, field.name)
    try:
        if pa.types.is_list(kind) and pa.types.is_date(kind.value_type):
            return _convert_dates(rows, field.name, values)
        if pa.types.is_temporal(kind) and _is_text(values.type):
            parse = _parse_date if pa.types.is_date(kind) else _parse_time
            return pa.array(_parse_texts(rows, field.name, parse), kind)
        return values.cast(kind)
    except pa.ArrowException:
        # The message of Arrow may contain a person's value.
        raise PersonsError(
            f"{rows.path.name}: {field.name} is {values.type} and cannot be read as {kind}"
        ) from None


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _split_texts(rows: FileTable, name: str) -> pa.Array:
    """Split texts into lists; an empty cell is an empty list."""
    texts = [text or "" for text in rows.list_texts(name)]
    rows.refuse_rows(
        (text.lstrip().startswith("[") for text in texts),
        f"{name} begins with a bracket. Separate the values of a list by {LIST_SEPARATOR}",
    )
    lists = [[item.strip() for item in text.split(LIST_SEPARATOR)] for text in texts]
    return pa.array([[item for item in items if item] for items in lists], pa.list_(pa.string()))


def _convert_dates(rows: FileTable, name: str, values: pa.Array) -> pa.Array:
    """Convert lists of dates, or of texts."""
    kind = pa.list_(pa.date32())
    if not pa.types.is_list(values.type) or not _is_text(values.type.value_type):
        return values.cast(kind)
    lists, is_faulty = [], []
    for texts in values.to_pylist():
        dates = [_read_day(text) for text in texts or () if text]
        is_faulty.append(None in dates)
        lists.append([day for day in dates if day is not None])
    rows.refuse_rows(is_faulty, f"{name} has a date of another form than {DATE_FORMS}")
    return pa.array(lists, kind)


def _read_day(text: str) -> date | None:
    """Return a date, `IMPOSSIBLE_DATE`, or None if the text has no known form."""
    digits = parse_birth_date(text.strip(), NO_FORMAT)
    if digits is None:
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return IMPOSSIBLE_DATE


def _parse_date(text: str) -> date:
    day = _read_day(text)
    if day is None or day == IMPOSSIBLE_DATE:
        raise _UnreadableError
    return day


def _parse_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        day = _parse_date(text)
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - UTC, as in the warehouse


def _parse_texts(rows: FileTable, name: str, parse: Callable[[str], date]) -> list[date | None]:
    parsed, is_faulty = [], []
    for text in rows.list_texts(name):
        try:
            parsed.append(None if text is None else parse(text))
            is_faulty.append(False)
        except _UnreadableError:
            parsed.append(None)
            is_faulty.append(True)
    rows.refuse_rows(is_faulty, f"{name} is no date of the form {DATE_FORMS}")
    return parsed
