"""Layouts: how each system writes its files, in enough detail to read and write them.

A layout is a YAML file in `register/feeds/layouts`, loaded when a delivery needs it. So an invalid
layout stops only deliveries of the suppliers that use it. Assigning layouts to suppliers belongs in
`register.feeds.assignments`, and reading files in `register.feeds.readers`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from register.feeds.contract import Table, load_contracts
from register.feeds.dates import DateForm, DateFormError
from register.feeds.layout_parts import (
    DatedCode,
    FileForm,
    JoinedFile,
    LayoutColumn,
    LayoutPart,
    RowSelection,
)
from register.yaml_file import read_yaml

LAYOUT_FOLDER = Path(__file__).parent / "layouts"
ASSIGNMENTS = "assignments.yaml"
# An entry of `tables` has these keys for itself. All other keys it shares with its layout.
OWN_KEYS = frozenset(("tables", "columns", "dated_codes", "rows", "joins", "case_systems"))
# The table of an extract that names the case system; a layout may name it instead.
VERSION_TABLE = "ssd_version"


class LayoutError(ValueError):
    """A layout or its assignment cannot be used; the message says where and why."""


class Layout(LayoutPart):
    """The way in which one system writes a feed. Formats of dates are those of `strptime`.

    `%f` and `%z` are allowed too. Unless the layout `has_strict_dates`, dates in ISO 8601 are also
    read, with decimals of seconds or a zone. `last_two_digit_year` is the last year that `%y` may
    mean: with 2030, 30 means 2030 and 31 means 1931. Without `has_leading_zeros`, 1/2/2026 is also
    a date.

    Date-times in `more_datetime_formats` are also read. Date-times without a zone are in
    `time_zone`. A layout without `columns` uses the contract's column names as headings. Empty
    fields and `null_markers` are read as null.

    An entry of `tables` is itself a layout, of one table; it has the keys of the whole layout that
    it does not replace. Several entries may fill one table. `rows` selects the rows of a file that
    belong to the table, and `joins` adds columns from other files.
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
    rows: RowSelection | None = None
    joins: tuple[JoinedFile, ...] = ()
    tables: tuple[Layout, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _complete_parts(cls, content: Any) -> Any:
        """Fill the keys of each entry of `tables`, and those of each joined file."""
        if not isinstance(content, dict):
            return content
        content = {**content, "joins": _share_file(content, content.get("joins"))}
        shared = {key: value for key, value in content.items() if key not in OWN_KEYS}
        tables = _share_file(content, content.get("tables"))
        if isinstance(tables, list):
            tables = [{**shared, **item} if isinstance(item, dict) else item for item in tables]
        return {**content, "tables": tables}

    @field_validator("feed")
    @classmethod
    def _check_feed(cls, feed: str) -> str:
        if feed not in load_contracts():
            raise ValueError(f"there is no feed {feed}: {', '.join(load_contracts())}")
        return feed

    @model_validator(mode="after")
    def _check_completeness(self) -> Layout:
        own = (self._find_column_faults, self._find_field_faults, self._find_file_faults)
        checks = (self._find_table_faults,) if self.tables else (*own, self._find_format_faults)
        faults = [fault for find in checks for fault in find()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _find_table_faults(self) -> Iterator[str]:
        if self.columns or self.file.table_name or self.joins or self.rows:
            yield "columns, rows, joins and table_name belong in the entries of tables"
        known = load_contracts()[self.feed].table_by_name
        filled = {str(part.file.table_name) for part in self.tables}
        yield from (
            f"there is no entry for {name}, which every delivery must fill"
            for name, table in known.items()
            if not table.custom.is_file_optional and name not in filled | {VERSION_TABLE}
        )
        if VERSION_TABLE in known and VERSION_TABLE not in filled and not self.case_systems:
            yield f"there is neither an entry for {VERSION_TABLE} nor a name in case_systems"
        yield from (
            f"two entries read the same lines of {one.file.file_pattern} as {one.file.table_name}"
            for one, other in combinations(self.tables, 2)
            if one.file.table_name == other.file.table_name and not one.is_apart_from(other)
        )

    def _find_file_faults(self) -> Iterator[str]:
        forms = (self.file, *(item.file for item in self.joins))
        if any(not form.file_pattern for form in forms):
            yield "file has no file_pattern"
        if any(form.form == "xlsx" and not form.sheet_name for form in forms):
            yield "a workbook needs the sheet_name of its reports"
        if (self.rows or self.joins) and not self.columns:
            yield "rows and joins need the columns of the file"

    def _find_column_faults(self) -> Iterator[str]:
        for columns in (self.columns, *(item.columns for item in self.joins)):
            times = Counter(heading for column in columns for heading in column.headings)
            for name in (name for name, count in times.items() if count > 1):
                same = [column for column in columns if name in column.headings]
                if not all(column.before or column.after for column in same):
                    heading = same[0].name
                    yield f"column {heading} occurs twice, and is not split by before and after"
        columns = self.all_columns
        for field in dict.fromkeys(column.field for column in columns):
            parts = sorted(column.part or "" for column in columns if column.field == field)
            is_joined = len(parts) > 1 and set(parts) == {"joined"}
            if parts not in ([""], ["date", "time"]) and not is_joined:
                yield f"{field} must be filled by one column, a date and a time, or joined columns"
        if not self.columns and self.feed == "police_reports":
            yield "a police layout needs columns"

    def _find_field_faults(self) -> Iterator[str]:
        tables = load_contracts()[self.feed].table_by_name
        if self.file.table_name not in tables and (self.columns or self.file.table_name):
            yield f"file.table_name is not a table of {self.feed}"
        if not self.columns or self.file.table_name not in tables:
            return
        known = tables[str(self.file.table_name)].columns
        dated = {code.field for code in self.dated_codes}
        fields = {column.field for column in self.all_columns} | dated
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
            for name in {
                *dated,
                *(item.field for item in self.all_columns if item.part == "joined"),
            }
            if name in known and not known[name].custom.code_map
        )

    def _find_format_faults(self) -> Iterator[str]:
        if any(column.part in ("date", "time") for column in self.all_columns):
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

    @property
    def all_columns(self) -> tuple[LayoutColumn, ...]:
        """The columns of the table's file, then those of the joined files."""
        return (*self.columns, *(column for item in self.joins for column in item.columns))

    @property
    def parts(self) -> tuple[Layout, ...]:
        """The layouts of single tables of which this one consists."""
        if self.tables or self.file.table_name:
            return self.tables or (self,)
        names = load_contracts()[self.feed].table_by_name
        forms = (self.file.model_copy(update={"table_name": name}) for name in names)
        return tuple(self.model_copy(update={"file": form}) for form in forms)

    @property
    def forms(self) -> tuple[FileForm, ...]:
        """The forms of all files that the layout reads."""
        return tuple(
            form
            for part in self.tables or (self,)
            for form in (part.file, *(item.file for item in part.joins))
        )

    @property
    def sheet_names(self) -> frozenset[str]:
        """The names of all sheets that the layout reads."""
        return frozenset(form.sheet_name for form in self.forms if form.sheet_name)

    @property
    def has_rows_in_several_places(self) -> bool:
        """Whether a row may come from several files, or a workbook have several sheets."""
        return len(self.sheet_names) > 1 or any(part.joins for part in self.parts)

    def is_apart_from(self, other: Layout) -> bool:
        """Return whether no line can belong both to this table's layout and to another's."""
        if (self.file.file_pattern, self.file.sheet_name) != (
            other.file.file_pattern,
            other.file.sheet_name,
        ):
            return True
        if not self.rows or not other.rows or self.rows.column != other.rows.column:
            return False
        values = [{text.casefold() for text in rows.values} for rows in (self.rows, other.rows)]
        return all(values) and values[0].isdisjoint(values[1])

    def select_table(self, table_name: str | None, file: str | None = None) -> Layout:
        """Return the layout of one table.

        Of several entries for the table, it is the first whose pattern fits the file's name, or
        else the first.
        """
        same = [part for part in self.tables if part.file.table_name == table_name]
        name = (file or "").rpartition("/")[2].lower()
        fitting = (part for part in same if fnmatch(name, part.file.file_pattern.lower()))
        return next((part for part in (*fitting, *same)), self)

    def find_heading(self, field: str | None) -> str | None:
        """Return the supplier's heading of a field, or the first heading if there are several.

        A field without a heading in this layout keeps its own name.
        """
        same = (column for column in self.all_columns if column.field == field and column.name)
        return next((column.name for column in same), field)


def _share_file(content: dict[str, Any], items: Any) -> Any:
    """Return items in which the key `file` has all keys of the layout's `file`, unless replaced."""
    form = content.get("file")
    if not isinstance(items, list) or not isinstance(form, dict):
        return items or ()
    shared = {key: value for key, value in form.items() if key not in {"table_name", "file_name"}}
    return [
        {**item, "file": {**shared, **(item.get("file") or {})}} if isinstance(item, dict) else item
        for item in items
    ]


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
        if system in _read_case_systems(path):
            return load_named_layout(name, folder)
    return None


def _read_case_systems(path: Path) -> frozenset[str]:
    """Return, in lower case, the case systems that a layout's file lists, even if it is invalid."""
    systems = _read_keys(path, read_file_state(path)).get("case_systems")
    return frozenset(str(name).casefold() for name in systems or ())


@cache
def _read_keys(path: Path, _: tuple[int, int]) -> dict[str, Any]:
    """Return the keys of a layout's file, even if the layout is invalid; none if it is no YAML."""
    try:
        content = read_yaml(path)
    except (UnicodeDecodeError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def read_layout_feed(name: str, folder: Path = LAYOUT_FOLDER) -> str | None:
    """Return the feed of a layout; None if the layout is too invalid to have one.

    Raises `LayoutError` if there is no such layout.
    """
    path = folder / f"{name}.yaml"
    feed = _read_keys(path, read_file_state(path)).get("feed")
    return feed if isinstance(feed, str) else None


def load_usable_layouts(folder: Path = LAYOUT_FOLDER) -> list[Layout]:
    """Load all layouts except the invalid ones."""
    layouts = []
    for name in list_layout_names(folder):
        with suppress(LayoutError):
            layouts.append(load_named_layout(name, folder))
    return layouts


def load_sample_layouts(folder: Path = LAYOUT_FOLDER) -> list[Layout]:
    """Load the usable layouts in which samples are written: those without `tables`."""
    return [layout for layout in load_usable_layouts(folder) if not layout.tables]


def list_sheet_names() -> frozenset[str]:
    """Return the names of the workbook sheets that the layouts read."""
    return frozenset(name for layout in load_usable_layouts() for name in layout.sheet_names)
