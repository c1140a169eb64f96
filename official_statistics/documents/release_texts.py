"""The pages of a release that are made from its figures: guidance, quality, index and others.

The words are in `templates/`; figures come from the public files. Pages load nothing from outside,
need no script, and can be followed with a screen reader. `sheets` defines the spreadsheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from official_statistics.data_sets import TOTAL, Filter
from official_statistics.documents.area_pages import build_area_pages
from official_statistics.documents.facts import DepartmentFigure, read_scope
from official_statistics.documents.file_list import PRE_RELEASE_LIST, format_size, list_files
from official_statistics.documents.headlines import write_headlines
from official_statistics.documents.policies import build_policy_pages, read_policies
from official_statistics.documents.public_files import PublicFile, parse_number, read_place
from official_statistics.documents.quality_page import (
    count_hidden_cells,
    describe_quality,
    summarise_quality,
)
from official_statistics.documents.release_charts import draw_charts
from official_statistics.documents.release_pages import Builder, Inputs, Page, render_page
from official_statistics.public_figures import SYMBOLS

FILE = "missing_children_by_area"
# Counts of England and its regions are rounded to the nearest 10. So a count that differs from the
# department's by at most this much may be nearly equal to it.
ROUNDING = 10
# Measures of the department that a release also counts, with their category (None: all categories)
# and unit.
MEASURES = {
    "looked_after_children": (None, "looked_after_children"),
    "missing_children": ("missing", "children"),
    "missing_incidents": ("missing", "episodes"),
    "missing_repeatedly_children": ("missing", "repeat_children"),
    "away_children": ("away", "children"),
    "away_incidents": ("away", "episodes"),
    "away_repeatedly_children": ("away", "repeat_children"),
}
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class ComparedFigure:
    """A count that both the department and the release publish, as rounded by each of them."""

    area: str
    year: str
    measure: str
    published: float
    release_count: float

    @property
    def difference(self) -> float:
        """The release's count minus the department's count."""
        return self.release_count - self.published

    @property
    def is_equal(self) -> bool:
        """Whether the two counts may be equal before rounding."""
        return abs(self.difference) <= ROUNDING


def render_pages(inputs: Inputs) -> Iterator[tuple[str, str]]:
    """Yield the path and the HTML of each page of a release.

    Write each page before asking for the next, because the last page lists the size of all files.
    """
    shared = {
        "facts": inputs.facts,
        "year_words": inputs.facts.year_in_words,
        "scope": read_scope(),
        "symbols": SYMBOLS,
        "strengths": summarise_quality(inputs.facts, inputs.files),
        "files": list(inputs.files.values()),
        "confidentiality": inputs.confidentiality,
    }
    for build_pages in BUILDERS:
        for page in build_pages(inputs):
            yield page.path, render_page(page, shared)


def _build_text_pages(inputs: Inputs) -> Iterator[Page]:
    """Yield the pages about all files: guidance, quality, methods, confidentiality, comparison."""
    compared = compare_figures(inputs.quality.department, inputs.files)
    comparison = {
        "compared": compared,
        "equal_count": sum(figure.is_equal for figure in compared),
        "rounding": ROUNDING,
    }
    yield Page("guidance.html", "guidance.html.j2", {"describe_sums": describe_sums})
    quality = describe_quality(inputs.facts, inputs.quality, inputs.files)
    hidden = count_hidden_cells(inputs.confidentiality)
    yield Page("quality.html", "quality.html.j2", {**quality, **hidden, **comparison})
    yield Page("methodology.html", "methodology.html.j2", {})
    # Do not show how many cells each rule hides. If all hidden cells of a file were hidden by
    # disclosure rule D1 (few children), readers would know that each hidden count is at most 7.
    hidden_cells = {
        name: cells for name, cells in inputs.confidentiality.files.items() if name in inputs.files
    }
    yield Page("confidentiality.html", "confidentiality.html.j2", {"hidden_cells": hidden_cells})
    yield Page("reconciliation.html", "reconciliation.html.j2", comparison)


def _build_index(inputs: Inputs) -> Iterator[Page]:
    """Yield the page of the release, which lists all its files."""
    sizes = {
        path.name: format_size(path.stat().st_size)
        for path in sorted((inputs.public / "data").glob("*.csv"))
    }
    yield Page(
        "index.html",
        "index.html.j2",
        {
            "headlines": write_headlines(inputs.facts, inputs.files),
            "charts": draw_charts(inputs.facts, inputs.files),
            "listed_files": list_files(inputs.public),
            "sizes": sizes,
            "policies": read_policies(),
            "early_access_list": PRE_RELEASE_LIST,
        },
    )


# Functions that return the pages of a release. The index comes last, because it lists the others.
BUILDERS: tuple[Builder, ...] = (
    _build_text_pages,
    build_policy_pages,
    build_area_pages,
    _build_index,
)


def compare_figures(
    department: Iterable[DepartmentFigure], files: Files
) -> tuple[ComparedFigure, ...]:
    """Return each of the department's counts beside the release's count, in the same order.

    Counts that the release hides or lacks are left out.
    """
    return tuple(
        ComparedFigure(figure.area, figure.year, figure.measure, float(figure.published), count)
        for figure in department
        if (count := parse_number(_find_shown(figure, files[FILE]))) is not None
    )


def _find_shown(figure: DepartmentFigure, file: PublicFile) -> str:
    """Return what the file shows for a count of the department; empty if it lacks the count."""
    category, unit = MEASURES.get(figure.measure_code, (None, None))
    indicators = [each.name for each in file.data_set.counts if each.of == unit and not each.where]
    codes = {"care_status": "looked_after"} | ({"absence_category": category} if category else {})
    items = {
        part: item.name
        for part, code in codes.items()
        for item in file.data_set.get_filter(part).items
        if item.codes == (code,)
    }
    if not indicators or items.keys() != codes.keys():
        return ""
    # The collection year 2025-26 is 2026 in the files.
    year = int(figure.year[:4]) + 1
    for row in file.select_rows(year, figure.level, items):
        if read_place(row)[0] == figure.area_code:
            return row[indicators[0]]
    return ""


def describe_sums(part: Filter) -> str:
    """Describe whether the items of a filter add up to its Total."""
    topics = dict.fromkeys(item.topic for item in part.items if item.one_a_child and item.topic)
    divides = part.divides or any(item.divides for item in part.items)
    cases = (
        (part.groups is not None, "a topic groups items, and has no counts of its own"),
        (part.nests, "each item is part of the one before it"),
        (TOTAL not in part.item_names, "not to be added"),
        (part.in_cell, "add up within one row's area and care status"),
        (not divides, "do not add up to the Total"),
        (part.one_a_child, "add up to the Total"),
        (bool(topics), f"episodes add up within a topic; children only of {', '.join(topics)}"),
        (True, "episodes add up to the Total; a child may be in several"),
    )
    return next(words for applies, words in cases if applies)
