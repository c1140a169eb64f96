"""The model of a layout: how one system writes its files, enough to read them and to write them.

A layout is YAML in `register/feeds/layouts`, read when a delivery needs it: a wrong one is an error
about that layout, and other suppliers load. Which layout a supplier writes is the matter of
`register.feeds.assignments`; reading files belongs in `register.feeds.readers`.
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

from register.feeds.contract import Column, load_contracts
from register.feeds.dates import DateForm, DateFormError
from register.yaml_file import read_yaml

LAYOUT_FOLDER = Path(__file__).parent / "layouts"
ASSIGNMENTS = "assignments.yaml"
# Between the parts of a code that was delivered in two columns, or that depends on a date.
CODE_JOINER = " + "


class LayoutError(ValueError):
    """A layout, or its assignment, cannot be used: which file, which line of it, and why."""


class Frozen(BaseModel):
    """A fact: unknown keys are refused and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Footer(Frozen):
    """A last line that is not a record; `{row_count}` in `text` is the number of records."""

    starts_with: str
    text: str


class FileForm(Frozen):
    """The bytes of a file: form, encoding, separators.

    `file_name` is what a writer names its file (`{period}` and `{table}` are filled in);
    `file_pattern` is what a reader accepts. `table_name` is set where a layout has one table.
    `encoding` is any text encoding of Python, such as utf-8, cp1252, iso-8859-15 or utf-16.
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
    def _is_known(cls, encoding: str) -> str:
        """Lower case, under the name that the readers compare with."""
        try:
            "é".encode(encoding)
            name = codecs.lookup(encoding).name
        except UnicodeEncodeError:
            name = codecs.lookup(encoding).name
        except LookupError as error:
            raise ValueError(f"no text encoding is called {encoding}") from error
        return name

    @model_validator(mode="after")
    def _has_its_sheet(self) -> FileForm:
        if self.form == "xlsx" and not self.sheet_name:
            raise ValueError("a workbook needs the sheet_name of its reports")
        return self


class LayoutColumn(Frozen):
    """One column as delivered: its heading and the canonical field that it fills.

    `part`: the field is split over a date column and a time column, or its code is two columns
    joined (`joined`, in the order of the layout). `before` and `after`: the field is the text
    before (after) the first occurrence of this text in the column, which may fill two fields.
    """

    name: str
    field: str
    part: Literal["date", "time", "joined"] | None = None
    before: str | None = Field(default=None, min_length=1)
    after: str | None = Field(default=None, min_length=1)
    is_required: bool = True

    @model_validator(mode="after")
    def _is_one_side(self) -> LayoutColumn:
        if self.before and self.after:
            raise ValueError(f"column {self.name} is before or after a text, not both")
        return self


class CodePeriod(Frozen):
    """From this day on a code means what the map says of it with `code`."""

    valid_from: date
    code: str = Field(min_length=1)


class DatedCode(Frozen):
    """A code that depends on the date in another field: on its own, or after a delivered code.

    `{field: category, by: reported_at, periods: [{valid_from: 2017-01-01, code: from 2017}]}` makes
    `Missing + from 2017` of a delivered `Missing`, and `from 2017` where no column is delivered.
    """

    field: str
    by: str
    periods: tuple[CodePeriod, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_in_order(self) -> DatedCode:
        days = [period.valid_from for period in self.periods]
        if days != sorted(set(days)):
            raise ValueError(f"the periods of {self.field} are not in order of valid_from")
        return self


class Layout(Frozen):
    """How one system writes a feed. Formats are `strptime` formats, `%f` and `%z` included.

    Dates in ISO 8601 are read besides, as many systems store them, with a fraction of a second or
    a zone; not where `has_strict_dates`. `last_two_digit_year` is the last year that a `%y` may
    mean (2030: 30 is 2030, and 31 is 1931). Without `has_leading_zeros` 1/2/2026 is a date too.
    `more_datetime_formats` are read besides, since systems write moments in more than one form.
    `time_zone` is what moments without a zone of their own are in.

    No columns: the headings are the contract's own column names. An empty field is null as well
    as the `null_markers`.
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
    def _is_a_feed(cls, feed: str) -> str:
        if feed not in load_contracts():
            raise ValueError(f"there is no feed {feed}: {', '.join(load_contracts())}")
        return feed

    @model_validator(mode="after")
    def _is_complete(self) -> Layout:
        faults = [*self._faults_of_columns(), *self._faults_of_fields(), *self._faults_of_forms()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults_of_columns(self) -> Iterator[str]:
        names = [column.name.casefold() for column in self.columns]
        for name in dict.fromkeys(names):
            same = [column for column in self.columns if column.name.casefold() == name]
            if len(same) > 1 and not all(column.before or column.after for column in same):
                yield f"column {same[0].name} is there twice, and is not split by before and after"
        for field in dict.fromkeys(column.field for column in self.columns):
            parts = sorted(column.part or "" for column in self.columns if column.field == field)
            is_joined = len(parts) > 1 and set(parts) == {"joined"}
            if parts not in ([""], ["date", "time"]) and not is_joined:
                yield f"{field} is filled by one column, a date and a time, or joined columns"
        if not self.columns and self.feed == "police_reports":
            yield "a police layout has columns"

    def _faults_of_fields(self) -> Iterator[str]:
        if not self.columns:
            return
        if self.file.table_name not in load_contracts()[self.feed].table_by_name:
            yield f"file.table_name is not a table of {self.feed}"
            return
        known = self._contract_columns()
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
            if name in known and not known[name].code_map
        )

    def _faults_of_forms(self) -> Iterator[str]:
        if any(column.part in ("date", "time") for column in self.columns):
            if not self.time_format:
                yield "a date and its time are in two columns, and there is no time_format"
        elif not self.datetime_format:
            yield "there is no datetime_format"
        for text in (self.date_format, self.moment_format, *self.more_datetime_formats):
            try:
                self.date_form(text)
            except DateFormError as error:
                yield str(error)

    def _contract_columns(self) -> dict[str, Column]:
        return load_contracts()[self.feed].table_by_name[str(self.file.table_name)].columns

    @property
    def moment_format(self) -> str:
        """The format of a moment, of which a date and a time column are joined by a space."""
        if self.time_format:
            return f"{self.date_format} {self.time_format}"
        return self.datetime_format or self.date_format

    def date_form(self, text_format: str) -> DateForm:
        """How texts of one of the layout's formats are read."""
        return DateForm(
            text_format, self.last_two_digit_year, self.has_leading_zeros, self.time_zone == "UTC"
        )

    @property
    def null_texts(self) -> tuple[str, ...]:
        """Every text that means null, the empty one first."""
        return ("", *self.null_markers)

    def heading_of(self, field: str | None) -> str | None:
        """The supplier's own heading of a field (the first, where it has several)."""
        return next((column.name for column in self.columns if column.field == field), field)


def load_layout(path: Path) -> Layout:
    """The layout in a file as it is now; raises `LayoutError` with what is wrong with it."""
    return _layout(path, last_change(path))


def last_change(path: Path) -> tuple[int, int]:
    """When a file was changed, and its size; what is kept of a file is of one such state.

    Raises `LayoutError` if there is no such file.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise LayoutError(f"{path.name}: there is no such layout") from error
    return status.st_mtime_ns, status.st_size


@cache
def _layout(path: Path, _: tuple[int, int]) -> Layout:
    try:
        found = read_yaml(path)
        return Layout.model_validate(found)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise LayoutError(f"{path.name} is not YAML: {_place(error)}") from error
    except ValidationError as error:
        raise LayoutError(f"{path.name}: {_faults(error)}") from error


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is not UTF-8 text"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _faults(error: ValidationError) -> str:
    """What pydantic found, a fault after the other: where in the file, and what."""
    said = []
    for item in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in item["loc"])
        text = item["msg"].removeprefix("Value error, ")
        said.append(f"{place}: {text}" if place else text)
    return "; ".join(said)


def layout_named(name: str, folder: Path = LAYOUT_FOLDER) -> Layout:
    """One layout of the folder by its name; raises `LayoutError` if it cannot be used."""
    layout = load_layout(folder / f"{name}.yaml")
    if layout.layout_name != name:
        raise LayoutError(f"{name}.yaml: layout_name is not {name}")
    return layout


def layout_names(folder: Path = LAYOUT_FOLDER) -> list[str]:
    """The names of the layouts in the folder, wrong ones included."""
    return sorted(path.stem for path in folder.glob("*.yaml") if path.name != ASSIGNMENTS)


def load_layouts(folder: Path = LAYOUT_FOLDER) -> dict[str, Layout]:
    """Every layout by its name; raises `LayoutError` for the first that cannot be used."""
    return {name: layout_named(name, folder) for name in layout_names(folder)}


def extract_layout(case_system: str, folder: Path = LAYOUT_FOLDER) -> Layout | None:
    """The layout of a case system by the name in `ssd_version`, upper or lower case alike.

    Raises `LayoutError` if it is a wrong one that names this system; other wrong ones are passed.
    """
    wanted = case_system.strip().casefold()
    for name in layout_names(folder):
        path = folder / f"{name}.yaml"
        if wanted in _case_systems(path, last_change(path)):
            return layout_named(name, folder)
    return None


@cache
def _case_systems(path: Path, _: tuple[int, int]) -> frozenset[str]:
    """The case systems that a layout's file names, in lower case, whatever else is in it."""
    try:
        found: Any = read_yaml(path)
    except (UnicodeDecodeError, yaml.YAMLError):
        return frozenset()
    systems = found.get("case_systems") if isinstance(found, dict) else None
    return frozenset(str(name).casefold() for name in systems or ())


def usable_layouts(folder: Path = LAYOUT_FOLDER) -> list[Layout]:
    """Every layout that can be used: for what is about all of them, wrong ones are passed."""
    found = []
    for name in layout_names(folder):
        with suppress(LayoutError):
            found.append(layout_named(name, folder))
    return found


def sheet_names() -> frozenset[str]:
    """The names of sheets that layouts read."""
    names = (layout.file.sheet_name for layout in usable_layouts())
    return frozenset(name for name in names if name)
