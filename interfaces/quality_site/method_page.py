"""The page of method: definitions, counting rules, tolerances and code lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expectations import all_specs, read_tolerances
from interfaces.quality_site.contents import CODE_LISTS, Contents
from interfaces.quality_site.figures import Row
from interfaces.quality_site.sections import EMPTY_CELL, Page, Table, code_to_label
from register.yaml_file import read_yaml

TERMS = Path(__file__).with_name("terms.yaml")


def build_method_page(contents: Contents) -> Page:
    """Build the page of definitions, tolerances and code lists."""
    tolerances = read_tolerances(contents.settings.seeds / "ref__agreement_tolerances.csv")
    content: dict[str, Any] = {
        "terms": read_yaml(TERMS),
        "tolerances": [tolerances[spec.name] for spec in all_specs()],
        "specs": {spec.name: spec for spec in all_specs()},
        "code_lists": [
            {
                "anchor": name,
                "title": CODE_LISTS[name],
                "table": _build_code_table(f"{CODE_LISTS[name]} as published", figures.rows),
                "source": figures.source,
            }
            for name, figures in contents.code_lists.items()
            if figures.rows
        ],
    }
    path = "method.html"
    return Page(path, path, "Method and definitions", path, content)


def _build_code_table(caption: str, rows: list[Row]) -> Table:
    """Build the table of a code list, without the column by which it is sorted."""
    names = [name for name in rows[0] if name != "sort_order"]
    cells = [
        [EMPTY_CELL if row[name] is None else str(row[name]) for name in names] for row in rows
    ]
    return Table(caption, [code_to_label(name) for name in names], cells)
