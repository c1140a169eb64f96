"""Columns of sample files whose form is not known: encoding, separator, heading and values.

The values may be about persons, so they are only compared and counted. Matching columns to fields
belongs in `register.feeds.heading_matches`.
"""

from __future__ import annotations

import calendar
import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from register.feeds.dates import DateForm
from register.feeds.delivery import SourceFile
from register.feeds.delivery_rules import Rejection
from register.feeds.inbox_storage import is_ignored
from register.feeds.readers import TEXTS, WORKBOOKS, is_archive, read_sheets, unpack_archive
from register.feeds.texts import clean_text, is_total_row
from register.variables import DeliveryLimits

ASCII = "ascii"
SEPARATORS = (",", ";", "|", "\t")
MAX_ROWS = 5000
# So many different values show the form of a column.
MAX_EXAMPLES = 400
HEADING_ROWS = 20
# So large a share of the words of a heading differ; merged cells above it repeat some.
MIN_DIFFERENT = 0.7
# Texts that systems write in place of a value.
NULL_WORDS = frozenset(
    (
        *(
            "null",
            "n/a",
            "na",
            "n/k",
            "nk",
            "not known",
            "not recorded",
            "none",
            "(none)",
            "-",
            "--",
        ),
        *("?", "\\n", "unknown/not recorded", "not applicable", "nil", "(blank)", "<null>"),
    )
)
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)
TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?|([01]\d|2[0-3])[0-5]\d")
NUMBER = re.compile(r"[\d.,£%-]+")
WITHOUT_ZERO = re.compile(r"(?<!\d)\d[/.-]|[/.-]\d[/.-]")
LAST_TWO_DIGIT_YEAR = 2030
DATES = (
    *("%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y"),
    *("%Y%m%d", "%d/%m/%y", "%d-%b-%y", "%d.%m.%y", "%m/%d/%Y", "%d%b%Y", "%d%b%y"),
)
TIMES = (" %H:%M", " %H%M", " %H:%M:%S", "T%H:%M:%S", "T%H:%M", " %I:%M %p", " %I:%M:%S %p")
# The parts of a file's name that are another in each period: numbers, and months.
MONTHS = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in calendar.month_name[1:])
VARYING = re.compile(rf"(?<![A-Za-z])(?:{MONTHS})(?![A-Za-z])|\d[\dQ _-]*\d|\d", re.IGNORECASE)
# A column has a form if so large a share of its values has it.
FORM_SHARE = 0.9


@dataclass(frozen=True)
class SampleColumn:
    """A column of a sample: its heading, and its values without empty ones."""

    heading: str
    values: tuple[str, ...]

    @cached_property
    def null_words(self) -> frozenset[str]:
        """The values that systems write in place of a missing value."""
        return frozenset(text for text in self.values if text.casefold() in NULL_WORDS)

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """The first different values that are no null words."""
        different = dict.fromkeys(text for text in self.values if text not in self.null_words)
        return tuple(different)[:MAX_EXAMPLES]

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value occurs twice."""
        return len(set(self.values)) == len(self.values)

    @cached_property
    def date_format(self) -> str | None:
        """The format of the column's dates or times; None if it has none."""
        if not self.examples or not self._has_share(re.compile(r"(?=.*\d.*\d).{6,30}")):
            return None
        texts = pa.array(self.examples)
        forms = (day + time for time in ("", *TIMES) for day in DATES)
        shares = {form: self._share_of_dates(texts, form) for form in forms}
        best = max(shares, key=shares.__getitem__)
        return best if shares[best] >= FORM_SHARE else None

    @property
    def has_dates_without_zeros(self) -> bool:
        """Whether days or months below 10 are written without a zero."""
        return bool(self.date_format) and any(WITHOUT_ZERO.search(text) for text in self.examples)

    @cached_property
    def has_times(self) -> bool:
        """Whether the values are times of day."""
        return self._has_share(TIME) and not self.date_format

    @cached_property
    def has_postcodes(self) -> bool:
        """Whether the values are postcodes."""
        return self._has_share(POSTCODE)

    @cached_property
    def has_numbers(self) -> bool:
        """Whether the values are numbers."""
        return self._has_share(NUMBER)

    def fitting_share(self, codes: frozenset[str]) -> float:
        """Return the share of values that are among codes, in lower case (0 if there are none)."""
        return sum(text.casefold() in codes for text in self.examples) / max(1, len(self.examples))

    def _has_share(self, pattern: re.Pattern[str]) -> bool:
        fitting = sum(pattern.fullmatch(text) is not None for text in self.examples)
        return fitting > 0 and fitting >= FORM_SHARE * len(self.examples)

    @staticmethod
    def _share_of_dates(texts: pa.Array, text_format: str) -> float:
        parsed = DateForm(text_format, LAST_TWO_DIGIT_YEAR, has_leading_zeros=False).parse(texts)
        return 1 - parsed.null_count / len(texts)


@dataclass(frozen=True)
class SampleTable:
    """A file or sheet of a sample with its columns. It has none if no heading was found.

    `form` has the keys of a layout's `file` that describe the file.
    """

    file_name: str
    form: dict[str, str | bool | None]
    columns: tuple[SampleColumn, ...] = ()
    has_footer: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def sheet_name(self) -> str | None:
        """The name of the sheet, if the file is a workbook."""
        name = self.form.get("sheet_name")
        return str(name) if name else None

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the columns."""
        return tuple(column.heading for column in self.columns)

    @property
    def file_pattern(self) -> str:
        """The file's name, in which numbers and months may be any."""
        return re.sub(r"\*[ _-]*\*", "*", VARYING.sub("*", self.file_name))


def read_samples(folder: Path) -> list[SampleTable]:
    """Read each file of a folder, or each sheet of a workbook, in the order of their names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    tables = [
        table
        for path in paths
        if not any(is_ignored(part) for part in path.relative_to(folder).parts)
        for table in _read_file(SourceFile(path.name, path.read_bytes()))
    ]
    # A file with ASCII letters alone has the encoding of the other files.
    encodings = Counter(str(table.form.get("encoding", ASCII)) for table in tables)
    encodings.pop(ASCII, None)
    usual = encodings.most_common(1)[0][0] if encodings else "utf-8"
    return [
        replace(table, form={**table.form, "encoding": usual})
        if table.form.get("encoding") == ASCII
        else table
        for table in tables
    ]


def _read_file(file: SourceFile) -> Iterator[SampleTable]:
    """Yield the tables of a file; of an archive, those of each file in it."""
    try:
        if is_archive(file):
            for member in unpack_archive(file, None):
                yield from _read_file(member)
        elif file.suffix in TEXTS:
            yield _read_text(file.name, file.data)
        elif file.suffix in WORKBOOKS:
            for name, columns in read_sheets(file, DeliveryLimits()):
                rows = zip(*(column.to_pylist() for column in columns), strict=True)
                texts = [[clean_text(cell or "") for cell in row] for row in rows]
                yield _build_table(file.name, {"form": "xlsx", "sheet_name": name}, texts)
        else:
            yield SampleTable(file.name, {})
    except Rejection:
        yield SampleTable(file.name, {})


def _read_text(name: str, data: bytes) -> SampleTable:
    form: dict[str, str | bool | None] = {"form": "csv", "encoding": _find_encoding(data)}
    text = data.decode(str(form["encoding"]), errors="replace").removeprefix("\ufeff")
    form["delimiter"] = delimiter = _find_separator(text)
    if data.startswith(codecs.BOM_UTF8):
        form["byte_order_mark"] = True
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows = [[clean_text(cell) for cell in row] for row, _ in zip(reader, range(MAX_ROWS))]  # noqa: B905
    return _build_table(name, form, rows)


def _find_encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.isascii():
        return ASCII
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _find_separator(text: str) -> str:
    """Return the separator that gives the first lines the most fields in common."""
    lines = [line for line in text.splitlines()[:HEADING_ROWS] if line.strip()]

    def count_common(separator: str) -> int:
        counts = Counter(line.count(separator) for line in lines if separator in line)
        return max((count * times for count, times in counts.items()), default=0)

    return max(SEPARATORS, key=count_common)


def _build_table(
    name: str, form: dict[str, str | bool | None], rows: Sequence[Sequence[str]]
) -> SampleTable:
    place = _find_heading(rows)
    if place is None:
        return SampleTable(name, form)
    heading = rows[place]
    records = [row for row in rows[place + 1 :] if any(row)]
    has_footer = bool(records) and is_total_row(records[-1])
    records = records[:-1] if has_footer else records
    counts = Counter[str]()
    columns = []
    for at, text in enumerate(heading):
        if not text:
            continue
        counts[text.casefold()] += 1
        number = counts[text.casefold()]
        # As a layout names a heading that occurs several times.
        numbered = text if number == 1 else f"{text} ({number})"
        values = tuple(row[at] for row in records if at < len(row) and row[at])
        columns.append(SampleColumn(numbered, values))
    return SampleTable(name, form, tuple(columns), has_footer)


def _find_heading(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the position of the first row that can be a heading, or None.

    A heading has different words in most columns, and no dates, numbers or postcodes. Below it, at
    least one column has these. Otherwise the row may be a record, which is about a person.
    """
    width = max((len(row) for row in rows[:HEADING_ROWS]), default=0)
    for place, row in enumerate(rows[:HEADING_ROWS]):
        filled = [text for text in row if text]
        if len(filled) < max(2, 0.6 * width) or len(set(filled)) < MIN_DIFFERENT * len(filled):
            continue
        columns = [SampleColumn("", (text,)) for text in filled]
        if any(_has_values(column) for column in columns):
            return None
        below = (
            SampleColumn("", tuple(each[at] for each in rows[place + 1 :] if at < len(each)))
            for at in range(len(row))
        )
        is_heading = any(
            _has_values(SampleColumn("", tuple(filter(None, column.values)))) for column in below
        )
        return place if is_heading or place + 1 == len(rows) else None
    return None


def _has_values(column: SampleColumn) -> bool:
    return bool(
        column.date_format
        or column.has_postcodes
        or column.has_numbers
        or column.has_times
        or column._has_share(re.compile(r"(?=.*\d).*\d{2,}.*"))
    )
