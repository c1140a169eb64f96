"""Layouts: how each system writes its files, in enough detail to read and write them.

A layout is a YAML file in `register/feeds/layouts`, loaded when a delivery needs it. So an invalid
layout stops only deliveries of the suppliers that use it. Assigning layouts to suppliers belongs in
`register.feeds.assignments`, and reading files in `register.feeds.readers`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from register.feeds.contract import Table, load_contracts
from register.feeds.dates import DateForm, DateFormError
from register.yaml_file import read_yaml

LAYOUT_FOLDER = Path(__file__).parent / "layouts"
ASSIGNMENTS = "assignments.yaml"
# This text joins two parts of a code: two columns, or a code and the period to which it belongs.
CODE_JOINER = " + "


class LayoutError(ValueError):
    """A layout or its assignment cannot be used; the message says where and why."""


class LayoutPart(BaseModel):
    """A part of a layout. It is immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Footer(LayoutPart):
    """A last line that is no record. `{row_count}` in `text` stands for the number of records."""

    starts_with: str
    text: str


class FileForm(LayoutPart):
    """The form of a file: kind, name, encoding and separators.

    `file_name` is the name for written files, where `{period}` and `{table}` are filled in. Files
    whose names match `file_pattern` are read. If a layout has only one table, `table_name` is its
    name. `encoding` is any text encoding of Python, such as utf-8, cp1252, iso-8859-15 or utf-16.
    """

    form: Literal["csv", "xlsx"]
    file_name: str
    file_pattern: str
    table_name: str | None = None
    encoding: str = "utf-8"
    byte_order_mark: bool = False
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote_character: str | None = Field(default='"', min_length=1, max_length=1)
    quoting: Literal["minimal", "all", "none"] = "minimal"
    line_terminator: str = "\n"
    footer: Footer | None = None
    sheet_name: str | None = None

    @field_validator("encoding")
    @classmethod
    def _normalise_encoding(cls, encoding: str) -> str:
        """Return Python's own name of the encoding, which the readers compare with."""
        try:
            "é".encode(encoding)
            name = codecs.lookup(encoding).name
        except UnicodeEncodeError:
            name = codecs.lookup(encoding).name
        except LookupError as error:
            raise ValueError(f"no text encoding is called {encoding}") from error
        return name

    @model_validator(mode="after")
    def _check_sheet_name(self) -> FileForm:
        if self.form == "xlsx" and not self.sheet_name:
            raise ValueError("a workbook needs the sheet_name of its reports")
        return self


class LayoutColumn(LayoutPart):
    """A delivered column: its heading, and the field of the contract that it fills.

    If `part` is set, the column contains only part of a field: the date, the time, or one of
    several texts. These texts are `joined` to a code in the order of the layout. If `before` or
    `after` is set, the field gets only the text before or after the first occurrence of this mark.
    So one column may fill two fields.
    """

    name: str
    field: str
    part: Literal["date", "time", "joined"] | None = None
    before: str | None = Field(default=None, min_length=1)
    after: str | None = Field(default=None, min_length=1)
    is_required: bool = True

    @model_validator(mode="after")
    def _check_sides(self) -> LayoutColumn:
        if self.before and self.after:
            raise ValueError(f"column {self.name} has both before and after: keep one")
        return self


class CodePeriod(LayoutPart):
    """A period of a dated code: from `valid_from` on, `code` is added to the delivered code."""

    valid_from: date
    code: str = Field(min_length=1)


class DatedCode(LayoutPart):
    """A code whose meaning depends on the date in another field.

    For example, take `{field: category, by: reported_at, periods: [{valid_from: 2017-01-01, code:
    from 2017}]}`. It turns a delivered `Missing` into `Missing + from 2017`. If no column is
    delivered, the code is `from 2017` alone.
    """

    field: str
    by: str
    periods: tuple[CodePeriod, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_order(self) -> DatedCode:
        days = [period.valid_from for period in self.periods]
        if days != sorted(set(days)):
            raise ValueError(f"the periods of {self.field} must be in order of valid_from")
        return self


class Layout(LayoutPart):
    """The way in which one system writes a feed. Formats of dates are those of `strptime`.

    `%f` and `%z` are allowed too. Unless the layout `has_strict_dates`, dates in ISO 8601 are also
    read, with decimals of seconds or a zone. `last_two_digit_year` is the last year that `%y` may
    mean: with 2030, 30 means 2030 and 31 means 1931. Without `has_leading_zeros`, 1/2/2026 is also
    a date.

    Date-times in `more_datetime_formats` are also read. Date-times without a zone are in
    `time_zone`. A layout without `columns` uses the contract's column names as headings. Empty
    fields and `null_markers` are read as null.
    """

    layout_name: str
    feed: str
    description: str
    case_systems: tuple[str, ...] = ()
    file: FileForm
    null_markers: tuple[str, ...]
    date_format: str
    datetime_format: str | None = None
    time_format: str | None = None
    more_datetime_formats: tuple[str, ...] = ()
    has_strict_dates: bool = False
    last_two_digit_year: int | None = Field(default=None, ge=1999, le=2099)
    has_leading_zeros: bool = True
    time_zone: Literal["Europe/London", "UTC"] = "Europe/London"
    alias_separator: str = Field(min_length=1)
    columns: tuple[LayoutColumn, ...] = Field(default=())
    dated_codes: tuple[DatedCode, ...] = ()

    @field_validator("feed")
    @classmethod
    def _check_feed(cls, feed: str) -> str:
        if feed not in load_contracts():
            raise ValueError(f"there is no feed {feed}: {', '.join(load_contracts())}")
        return feed

    @model_validator(mode="after")
    def _check_completeness(self) -> Layout:
        faults = [
            *self._find_column_faults(),
            *self._find_field_faults(),
            *self._find_format_faults(),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _find_column_faults(self) -> Iterator[str]:
        names = [column.name.casefold() for column in self.columns]
        for name in dict.fromkeys(names):
            same = [column for column in self.columns if column.name.casefold() == name]
            if len(same) > 1 and not all(column.before or column.after for column in same):
                yield f"column {same[0].name} occurs twice, and is not split by before and after"
        for field in dict.fromkeys(column.field for column in self.columns):
            parts = sorted(column.part or "" for column in self.columns if column.field == field)
            is_joined = len(parts) > 1 and set(parts) == {"joined"}
            if parts not in ([""], ["date", "time"]) and not is_joined:
                yield f"{field} must be filled by one column, a date and a time, or joined columns"
        if not self.columns and self.feed == "police_reports":
            yield "a police layout needs columns"

    def _find_field_faults(self) -> Iterator[str]:
        if not self.columns:
            return
        if self.file.table_name not in load_contracts()[self.feed].table_by_name:
            yield f"file.table_name is not a table of {self.feed}"
            return
        table = load_contracts()[self.feed].table_by_name[str(self.file.table_name)]
        known = table.columns
        dated = {code.field for code in self.dated_codes}
        fields = {column.field for column in self.columns} | dated
        yield from (
            f"there is no field {field} in {self.feed}" for field in sorted(fields - set(known))
        )
        yield from (
            f"{name} is required of every record, and no column fills it"
            for name, column in known.items()
            if column.required and name not in fields
        )
        yield from (
            f"{code.field} depends on {code.by}, which is no date that the layout fills"
            for code in self.dated_codes
            if code.by not in fields or known[code.by].logicalType == "string"
        )
        yield from (
            f"{name} has no codes, so it cannot be joined or depend on a date"
            for name in {*dated, *(item.field for item in self.columns if item.part == "joined")}
            if name in known and not known[name].custom.code_map
        )

    def _find_format_faults(self) -> Iterator[str]:
        if any(column.part in ("date", "time") for column in self.columns):
            if not self.time_format:
                yield "a date and its time are in two columns: add a time_format"
        elif not self.datetime_format:
            yield "there is no datetime_format: add one"
        for text in (self.date_format, self.moment_format, *self.more_datetime_formats):
            try:
                self.build_date_form(text)
            except DateFormError as error:
                yield str(error)

    @property
    def moment_format(self) -> str:
        """The format of a date-time. If date and time are in two columns, a space joins them."""
        if self.time_format:
            return f"{self.date_format} {self.time_format}"
        return self.datetime_format or self.date_format

    def build_date_form(self, text_format: str) -> DateForm:
        """Return the form of a date format, with the layout's options for reading dates."""
        return DateForm(
            text_format, self.last_two_digit_year, self.has_leading_zeros, self.time_zone == "UTC"
        )

    @property
    def null_texts(self) -> tuple[str, ...]:
        """The texts that stand for null; the first is the empty text."""
        return ("", *self.null_markers)

    def find_heading(self, field: str | None) -> str | None:
        """Return the supplier's heading of a field, or the first heading if there are several.

        A field without a heading in this layout keeps its own name.
        """
        return next((column.name for column in self.columns if column.field == field), field)


def list_layout_columns(layout: Layout, table: Table, period: str) -> list[LayoutColumn]:
    """Return a layout's columns of a table. A column that fills two fields appears twice."""
    if layout.columns:
        return list(layout.columns)
    return [
        LayoutColumn(name=name, field=name, is_required=column.is_required_in(period))
        for name, column in table.columns.items()
    ]


def load_layout(path: Path) -> Layout:
    """Load the layout from a file. Raises `LayoutError`, which says what is wrong in the file."""
    return _load_layout_of_state(path, read_file_state(path))


def read_file_state(path: Path) -> tuple[int, int]:
    """Return a file's modification time and size, by which a cache notices a change.

    Raises `LayoutError` if the file does not exist.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise LayoutError(f"{path.name}: there is no such layout") from error
    return status.st_mtime_ns, status.st_size


@cache
def _load_layout_of_state(path: Path, _: tuple[int, int]) -> Layout:
    try:
        return Layout.model_validate(read_yaml(path))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise LayoutError(f"{path.name} is not YAML: {_describe_yaml_error(error)}") from error
    except ValidationError as error:
        raise LayoutError(f"{path.name}: {_describe_faults(error)}") from error


def _describe_yaml_error(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is not UTF-8 text"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _describe_faults(error: ValidationError) -> str:
    """Return the faults that pydantic found, each with its place in the file."""
    faults = []
    for item in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in item["loc"])
        text = item["msg"].removeprefix("Value error, ")
        faults.append(f"{place}: {text}" if place else text)
    return "; ".join(faults)


def load_named_layout(name: str, folder: Path = LAYOUT_FOLDER) -> Layout:
    """Load the layout of this name. Raises `LayoutError` if it cannot be used."""
    layout = load_layout(folder / f"{name}.yaml")
    if layout.layout_name != name:
        raise LayoutError(f"{name}.yaml: layout_name is not {name}")
    return layout


def list_layout_names(folder: Path = LAYOUT_FOLDER) -> list[str]:
    """Return the names of all layouts in a folder, including invalid ones."""
    return sorted(path.stem for path in folder.glob("*.yaml") if path.name != ASSIGNMENTS)


def load_layouts(folder: Path = LAYOUT_FOLDER) -> dict[str, Layout]:
    """Load all layouts by name. Raises `LayoutError` for the first invalid one."""
    return {name: load_named_layout(name, folder) for name in list_layout_names(folder)}


def find_extract_layout(case_system: str, folder: Path = LAYOUT_FOLDER) -> Layout | None:
    """Return the layout of the case system that an extract names in `ssd_version`, or None.

    Upper and lower case do not matter. Raises `LayoutError` if this system's layout is invalid.
    Other invalid layouts are ignored.
    """
    system = case_system.strip().casefold()
    for name in list_layout_names(folder):
        path = folder / f"{name}.yaml"
        if system in _read_case_systems(path, read_file_state(path)):
            return load_named_layout(name, folder)
    return None


@cache
def _read_case_systems(path: Path, _: tuple[int, int]) -> frozenset[str]:
    """Return, in lower case, the case systems that a layout's file lists, even if it is invalid."""
    try:
        content: Any = read_yaml(path)
    except (UnicodeDecodeError, yaml.YAMLError):
        return frozenset()
    systems = content.get("case_systems") if isinstance(content, dict) else None
    return frozenset(str(name).casefold() for name in systems or ())


def load_usable_layouts(folder: Path = LAYOUT_FOLDER) -> list[Layout]:
    """Load all layouts except the invalid ones."""
    layouts = []
    for name in list_layout_names(folder):
        with suppress(LayoutError):
            layouts.append(load_named_layout(name, folder))
    return layouts


def list_sheet_names() -> frozenset[str]:
    """Return the names of the workbook sheets that the layouts read."""
    names = (layout.file.sheet_name for layout in load_usable_layouts())
    return frozenset(name for name in names if name)
