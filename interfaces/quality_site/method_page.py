"""The page of method: definitions, counting rules, tolerances and code lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expectations import all_specs, read_tolerances
from interfaces.quality_site.contents import CODE_LISTS, Contents
from interfaces.quality_site.figures import Row
from interfaces.quality_site.sections import NOTHING, Page, words
from register.yaml_file import read_yaml

TERMS = Path(__file__).with_name("terms.yaml")


def method_page(contents: Contents) -> Page:
    """Definitions, tolerances and code lists."""
    terms: list[dict[str, str]] = read_yaml(TERMS)
    tolerances = read_tolerances(contents.settings.seeds / "ref__agreement_tolerances.csv")
    code_lists = [
        {
            "table": table,
            "title": CODE_LISTS[table],
            "headings": [words(name) for name in _shown(found.rows)],
            "rows": [
                [NOTHING if row[name] is None else str(row[name]) for name in _shown(found.rows)]
                for row in found.rows
            ],
            "source": found.source,
        }
        for table, found in contents.code_lists.items()
        if found.rows
    ]
    content: dict[str, Any] = {
        "terms": terms,
        "tolerances": [tolerances[spec.name] for spec in all_specs()],
        "specs": {spec.name: spec for spec in all_specs()},
        "code_lists": code_lists,
    }
    path = "method.html"
    return Page(path, path, "Method and definitions", path, content)


def _shown(rows: list[Row]) -> list[str]:
    """The columns of a code list but for its order, in which the rows are anyway."""
    return [name for name in rows[0] if name != "sort_order"]
