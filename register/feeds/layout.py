"""The model of a layout: how one system writes its files, enough to read them and to write them.

A layout is YAML in `register/feeds/layouts`; this module validates it and finds the one that a
delivery was written in. Reading files belongs in `register.feeds.readers`.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

LAYOUT_FOLDER = Path(__file__).parent / "layouts"
ASSIGNMENTS = "assignments.yaml"


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
    """

    form: Literal["csv", "xlsx"]
    file_name: str
    file_pattern: str
    table_name: str | None = None
    encoding: Literal["utf-8", "cp1252"] = "utf-8"
    byte_order_mark: bool = False
    delimiter: str = ","
    quote_character: str | None = '"'
    quoting: Literal["minimal", "all", "none"] = "minimal"
    line_terminator: str = "\n"
    footer: Footer | None = None
    sheet_name: str | None = None


class LayoutColumn(Frozen):
    """One column as delivered: its heading and the canonical field that it fills.

    `part`: the field is split over a date column and a time column.
    """

    name: str
    field: str
    part: Literal["date", "time"] | None = None
    is_required: bool = True


class Layout(Frozen):
    """How one system writes a feed. Formats are `strptime` formats.

    Dates in ISO 8601 are read besides, as many systems store them, with a fraction of a second or
    a zone; not where `has_strict_dates`.

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
    has_strict_dates: bool = False
    alias_separator: str
    columns: tuple[LayoutColumn, ...] = Field(default=())

    @model_validator(mode="after")
    def _is_complete(self) -> Layout:
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"layout {self.layout_name} names a column twice")
        split = {column.field for column in self.columns if column.part}
        for field in split:
            parts = [column.part for column in self.columns if column.field == field]
            if sorted(part or "" for part in parts) != ["date", "time"]:
                raise ValueError(f"layout {self.layout_name}: {field} needs a date and a time")
        if split and not self.time_format:
            raise ValueError(f"layout {self.layout_name} splits moments and has no time_format")
        if not split and not self.datetime_format:
            raise ValueError(f"layout {self.layout_name} has no datetime_format")
        return self

    @property
    def null_texts(self) -> tuple[str, ...]:
        """Every text that means null, the empty one first."""
        return ("", *self.null_markers)

    def heading_of(self, field: str | None) -> str | None:
        """The supplier's own heading of a field (that of its date, where it is split)."""
        return next((column.name for column in self.columns if column.field == field), field)


def sheet_names() -> frozenset[str]:
    """The names of sheets that layouts read."""
    names = (layout.file.sheet_name for layout in load_layouts().values())
    return frozenset(name for name in names if name)


class Assignment(Frozen):
    """A force writes a layout from one day to another, both included."""

    supplier_code: str
    layout: str
    valid_from: date
    valid_to: date | None = None


class Assignments(Frozen):
    """Every force's layouts over time."""

    assignments: tuple[Assignment, ...]


@cache
def load_layouts(folder: Path = LAYOUT_FOLDER) -> dict[str, Layout]:
    """Every layout by its name, validated; raises pydantic's `ValidationError` if one is wrong."""
    layouts = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == ASSIGNMENTS:
            continue
        layout = Layout.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        if layout.layout_name != path.stem:
            raise ValueError(f"{path.name} contains a layout of another name")
        layouts[layout.layout_name] = layout
    return layouts


@cache
def load_assignments(folder: Path = LAYOUT_FOLDER) -> tuple[Assignment, ...]:
    """Which force writes which layout from when; each assignment's layout exists."""
    text = (folder / ASSIGNMENTS).read_text(encoding="utf-8")
    assignments = Assignments.model_validate(yaml.safe_load(text)).assignments
    unknown = {item.layout for item in assignments} - set(load_layouts(folder))
    if unknown:
        raise ValueError(f"{ASSIGNMENTS} names layouts that do not exist: {sorted(unknown)}")
    return assignments


def police_layout(supplier_code: str, day: date) -> Layout | None:
    """The layout that a force writes on `day`, or none if none was assigned."""
    for item in load_assignments():
        is_valid = item.valid_from <= day and (item.valid_to is None or day <= item.valid_to)
        if item.supplier_code == supplier_code and is_valid:
            return load_layouts()[item.layout]
    return None


def extract_layout(case_system: str) -> Layout | None:
    """The layout of a case system by the name in `ssd_version`, upper or lower case alike."""
    wanted = case_system.strip().casefold()
    for layout in load_layouts().values():
        if wanted in {name.casefold() for name in layout.case_systems}:
            return layout
    return None
