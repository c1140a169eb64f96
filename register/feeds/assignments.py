"""Assignments of layouts to suppliers, by date.

An invalid entry of `assignments.yaml` affects only the supplier that it names. The layouts
themselves belong in `register.feeds.layout`.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from register.feeds.dates import parse_period
from register.feeds.layout import (
    ASSIGNMENTS,
    LAYOUT_FOLDER,
    Layout,
    LayoutError,
    list_layout_names,
    load_named_layout,
    read_file_state,
    read_layout_feed,
)
from register.feeds.layout_parts import LayoutPart
from register.feeds.seeds import load_suppliers
from register.yaml_file import read_yaml


class Assignment(LayoutPart):
    """An assignment: a layout, and the first and last day on which the supplier uses it."""

    supplier_code: str
    layout: str
    valid_from: date
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Return whether the supplier uses the layout on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _read_lines(folder: Path) -> tuple[dict[str, Any], ...]:
    """Return the entries of the assignments file.

    Raises `LayoutError` if the file is not a list.
    """
    path = folder / ASSIGNMENTS
    return _read_lines_of_state(path, read_file_state(path))


@cache
def _read_lines_of_state(path: Path, _: tuple[int, int]) -> tuple[dict[str, Any], ...]:
    try:
        # YAML reads an authority's code as a number.
        return tuple(
            {**line, "supplier_code": str(line.get("supplier_code"))}
            for line in map(dict, read_yaml(path)["assignments"])
        )
    except (UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise LayoutError(f"{ASSIGNMENTS} is not a list of assignments") from error


def read_assignments(supplier_code: str, folder: Path = LAYOUT_FOLDER) -> tuple[Assignment, ...]:
    """Return the assignments of layouts to a supplier, over time.

    Raises `LayoutError` if an entry about the supplier is invalid.
    """
    lines = [line for line in _read_lines(folder) if line["supplier_code"] == supplier_code]
    try:
        return tuple(Assignment.model_validate(line) for line in lines)
    except ValidationError as error:
        keys = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
        raise LayoutError(f"{ASSIGNMENTS}: {supplier_code}: {keys} cannot be read") from error


def load_assignments(folder: Path = LAYOUT_FOLDER) -> tuple[Assignment, ...]:
    """Return the assignments of all suppliers. Raises `LayoutError` for the first invalid entry."""
    suppliers = dict.fromkeys(str(line["supplier_code"]) for line in _read_lines(folder))
    return tuple(item for code in suppliers for item in read_assignments(code, folder))


def find_assigned_layout(
    feed: str, supplier_code: str, day: date, folder: Path = LAYOUT_FOLDER
) -> Layout | None:
    """Return the layout of a feed that a supplier uses on a day, or None if none is assigned.

    An assignment is for the feed of its layout. Raises `LayoutError` if the layout or the
    assignment cannot be used.
    """
    for item in read_assignments(supplier_code, folder):
        if item.is_valid_on(day) and read_layout_feed(item.layout, folder) in {feed, None}:
            return load_named_layout(item.layout, folder)
    return None


def find_layout_supplier(
    layout: Layout, period: str, seeds: Path, folder: Path = LAYOUT_FOLDER
) -> str | None:
    """Return the first supplier that may deliver in this layout for a period; None without one."""
    term = parse_period(layout.feed, period)
    for supplier in load_suppliers(seeds):
        if term is None or supplier.feed != layout.feed:
            continue
        if not supplier.valid_from <= term.start <= supplier.valid_to:
            continue
        code = supplier.supplier_code
        assigned = find_assigned_layout(layout.feed, code, term.start, folder)
        is_usual = layout.feed != "police_reports" and not layout.tables
        if assigned == layout or (assigned is None and is_usual):
            return code
    return None


def find_layout_faults(folder: Path = LAYOUT_FOLDER) -> list[str]:
    """Return a sentence about each layout or assignment that cannot be used."""
    faults = []
    for name in list_layout_names(folder):
        try:
            load_named_layout(name, folder)
        except LayoutError as error:
            faults.append(str(error))
    try:
        assigned = {item.layout for item in load_assignments(folder)}
    except LayoutError as error:
        return [*faults, str(error)]
    unknown = sorted(assigned - set(list_layout_names(folder)))
    return [*faults, *(f"{ASSIGNMENTS}: there is no layout {name}" for name in unknown)]
