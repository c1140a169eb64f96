"""Which force writes which layout, and from when.

A wrong line of `assignments.yaml` is an error about its supplier alone. What a layout says belongs
in `register.feeds.layout`.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from register.feeds.layout import (
    ASSIGNMENTS,
    LAYOUT_FOLDER,
    Frozen,
    Layout,
    LayoutError,
    last_change,
    layout_named,
    layout_names,
)
from register.yaml_file import read_yaml


class Assignment(Frozen):
    """A force writes a layout from one day to another, both included."""

    supplier_code: str
    layout: str
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the force writes the layout on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _lines(folder: Path) -> tuple[dict[str, Any], ...]:
    """The lines of the file as written; raises `LayoutError` if it is no list of lines."""
    path = folder / ASSIGNMENTS
    return _lines_of(path, last_change(path))


@cache
def _lines_of(path: Path, _: tuple[int, int]) -> tuple[dict[str, Any], ...]:
    try:
        found = read_yaml(path)
        lines = tuple(dict(line) for line in found["assignments"])
    except (UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise LayoutError(f"{ASSIGNMENTS} is not a list of assignments") from error
    return lines


def assignments_of(supplier_code: str, folder: Path = LAYOUT_FOLDER) -> tuple[Assignment, ...]:
    """A force's layouts over time; raises `LayoutError` for a line of its that is wrong."""
    lines = [line for line in _lines(folder) if line.get("supplier_code") == supplier_code]
    try:
        return tuple(Assignment.model_validate(line) for line in lines)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
        raise LayoutError(f"{ASSIGNMENTS}: {supplier_code}: {wrong} cannot be read") from error


def load_assignments(folder: Path = LAYOUT_FOLDER) -> tuple[Assignment, ...]:
    """Every force's layouts over time; raises `LayoutError` for the first wrong line."""
    suppliers = dict.fromkeys(str(line.get("supplier_code")) for line in _lines(folder))
    return tuple(item for code in suppliers for item in assignments_of(code, folder))


def police_layout(supplier_code: str, day: date, folder: Path = LAYOUT_FOLDER) -> Layout | None:
    """The layout that a force writes on `day`, or none if none was assigned.

    Raises `LayoutError` if the layout or the assignment cannot be used.
    """
    for item in assignments_of(supplier_code, folder):
        if item.holds_on(day):
            return layout_named(item.layout, folder)
    return None


def layout_faults(folder: Path = LAYOUT_FOLDER) -> list[str]:
    """What is wrong with layouts and assignments, one sentence for each that cannot be used."""
    faults = []
    for name in layout_names(folder):
        try:
            layout_named(name, folder)
        except LayoutError as error:
            faults.append(str(error))
    try:
        assigned = {item.layout for item in load_assignments(folder)}
    except LayoutError as error:
        return [*faults, str(error)]
    unknown = sorted(assigned - set(layout_names(folder)))
    return [*faults, *(f"{ASSIGNMENTS}: there is no layout {name}" for name in unknown)]
