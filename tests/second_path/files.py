"""Delivered files of absences as plain records: police reports, extracts and returns."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zoneinfo import ZoneInfo

import openpyxl
import yaml

from register.settings import PROJECT_ROOT

LONDON = ZoneInfo("Europe/London")
LAYOUTS = PROJECT_ROOT / "register" / "feeds" / "layouts"
Text = dict[str, str | None]


@dataclass(frozen=True)
class Line:
    """One delivered line: where it lies, and its fields by contract name, blank ones left out."""

    file_name: str
    row_number: int
    fields: Text


@dataclass(frozen=True)
class Moment:
    """A moment as somebody wrote it: from `lower` to `upper` in UTC, the same if to the minute."""

    lower: datetime
    upper: datetime

    @property
    def is_date(self) -> bool:
        """Whether only the day is known."""
        return self.lower != self.upper


@cache
def layout(name: str) -> dict[str, Any]:
    """The contract of a supplier's files: column names, and how dates and blanks are written."""
    found: dict[str, Any] = yaml.safe_load((LAYOUTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def read_folder(folder: Path, name: str, table: str) -> Iterator[Line]:
    """Every line of one table in a delivered folder, out of archives too."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    content = archive.read(member)
                    yield from _read(f"{path.name}/{member}", content, name, table)
        else:
            yield from _read(path.name, path.read_bytes(), name, table)


def _read(file_name: str, content: bytes, name: str, table: str) -> Iterator[Line]:
    form = layout(name)
    stem, _, ending = file_name.rpartition("/")[2].lower().partition(".")
    if ending == "xml":
        rows: Iterator[tuple[int, dict[str, Any]]] = _xml_rows(content, table)
    elif ending == "xlsx":
        rows = _sheet_rows(content, form["file"]["sheet_name"])
    elif form["columns"] or stem == table:
        rows = _text_rows(content, form["file"])
    else:
        return
    names = {
        column["name"]: ".".join([column["field"], *([column["part"]] if "part" in column else [])])
        for column in form["columns"]
    }
    blanks = {"", *form["null_markers"]}
    for number, row in rows:
        fields: Text = {}
        for column, value in row.items():
            text = _text(value, form)
            if text is None or text in blanks:
                continue
            fields[names.get(column, column.lower())] = text
        yield Line(file_name, number, fields)


def _text(value: Any, form: dict[str, Any]) -> str | None:
    if isinstance(value, datetime):
        return value.strftime(form["datetime_format"])
    return None if value is None else str(value).strip()


def _text_rows(content: bytes, form: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    encoding = "utf-8-sig" if form["encoding"] == "utf-8" else form["encoding"]
    text = content.decode(encoding)
    if form["quote_character"]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=form["delimiter"])
    else:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=form["delimiter"], quoting=csv.QUOTE_NONE
        )
    header = next(reader)
    footer = form.get("footer", {}).get("starts_with", "\0")
    began = reader.line_num + 1
    for row in reader:
        whole = form["delimiter"].join(row)
        # A line with a null byte, or other than the header's columns, was damaged on its way.
        is_damaged = "\0" in whole or len(row) != len(header)
        if row and not whole.startswith(footer) and not is_damaged:
            yield began, dict(zip(header, row, strict=False))
        began = reader.line_num + 1


def _sheet_rows(content: bytes, sheet: str) -> Iterator[tuple[int, dict[str, Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    rows = book[sheet].iter_rows(values_only=True)
    header = next(rows)
    for number, row in enumerate(rows, start=2):
        if any(value is not None for value in row):
            yield number, {str(k): v for k, v in zip(header, row, strict=True) if k}


def _xml_rows(content: bytes, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Sets of a return's XML (`<AMISSING>` for missing), with what the child's header says.

    The number of a row is that of its element in the document.
    """
    rows: list[tuple[int, dict[str, Any]]] = []
    path: list[str] = []
    header: dict[str, str] = {}
    fields: dict[str, str] = {}
    text: list[str] = []
    parser = expat.ParserCreate()
    wrapper = f"A{table.upper()}"
    numbers = itertools.count(1)

    def begin(tag: str, _: dict[str, str]) -> None:
        path.append(tag)
        number = next(numbers)
        text.clear()
        if tag == "CHILD":
            header.clear()
        if tag == wrapper:
            fields.clear()
            rows.append((number, {}))

    def end(tag: str) -> None:
        inside = path[-2] if len(path) > 1 else ""
        if inside == "HEADER":
            header["child" if tag == "CHILDID" else tag] = "".join(text)
        if inside == wrapper:
            fields[tag] = "".join(text)
        if tag == wrapper:
            rows[-1][1].update(header | fields)
        path.pop()
        text.clear()

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text.append
    parser.Parse(content, True)
    yield from rows


def moment(fields: Text, field: str, form: dict[str, Any]) -> Moment | None:
    """A field as a moment; None where it is blank or cannot be read."""
    day_text, time_text = fields.get(f"{field}.date"), fields.get(f"{field}.time")
    if day_text is not None:
        day = _parsed(day_text, form["date_format"])
        if day is None:
            return None
        clock = None if time_text is None else _parsed(time_text, form["time_format"])
        return whole_day(day.date()) if clock is None else _minute(day.date(), clock.time())
    text = fields.get(field)
    if text is None:
        return None
    written = _parsed(text, form["datetime_format"]) if "datetime_format" in form else None
    if written is not None and form["datetime_format"] != form["date_format"]:
        return _minute(written.date(), written.time())
    day = _parsed(text, form["date_format"])
    return None if day is None else whole_day(day.date())


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return None


def _minute(day: date, clock: time) -> Moment:
    at = utc(datetime.combine(day, clock))
    return Moment(at, at)


def whole_day(day: date) -> Moment:
    """A day of London, from its first moment to that of the next."""
    return Moment(
        utc(datetime.combine(day, time())), utc(datetime.combine(day + timedelta(1), time()))
    )


def utc(local: datetime) -> datetime:
    """A wall clock's time in London, in UTC without a zone."""
    return local.replace(tzinfo=LONDON).astimezone(UTC).replace(tzinfo=None)


def london(moment_utc: datetime) -> datetime:
    """The wall clock in London at a moment."""
    return moment_utc.replace(tzinfo=UTC).astimezone(LONDON)


def london_day(moment_utc: datetime) -> date:
    """The day in London on which a moment falls."""
    return london(moment_utc).date()
