"""The pages and texts of a release: guidance, confidentiality, reconciliation and `index.html`.

The words are in `templates/`; figures come from the public files. Pages load nothing from outside,
need no script, and can be followed with a screen reader. `sheets` defines the spreadsheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from official_statistics.data_sets import TOTAL, Filter
from official_statistics.documents.facts import (
    Confidentiality,
    DepartmentFigure,
    QualityFacts,
    ReleaseFacts,
    list_notes,
    read_notes,
)
from official_statistics.documents.headlines import write_headlines
from official_statistics.documents.public_files import (
    PublicFile,
    format_count,
    parse_number,
    read_place,
)
from official_statistics.documents.quality_page import (
    count_hidden_cells,
    describe_quality,
    summarise_quality,
)
from official_statistics.documents.release_charts import draw_charts
from official_statistics.public_figures import SYMBOLS
from register.appearance import build_style_sheet

TEMPLATES = Path(__file__).with_name("templates")
# The documents linked from the page: file, title and content.
DOCUMENTS = (
    ("guidance.md", "Data guidance", "what each file has in it, and what adds up"),
    ("quality.md", "Quality and methods", "coverage, agreement, linkage, changes in recording"),
    ("confidentiality.md", "Confidentiality", "how children are protected, and what is hidden"),
    ("reconciliation.html", "Reconciliation", "these figures beside the department's own tables"),
    ("revisions.csv", "Revisions", "what changed since the version before"),
    ("pre_release_access.csv", "Pre-release access", "which roles saw the figures before release"),
    ("statistical_neighbours.csv", "Statistical neighbours", "which authorities are most alike"),
    ("ties.yaml", "Ties", "how counts add up, for anyone who tests their protection"),
)
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


def render_texts(
    facts: ReleaseFacts,
    quality: QualityFacts,
    confidentiality: Confidentiality,
    files: Files,
    public: Path,
) -> dict[str, str]:
    """Return each text of a release by its file name.

    The page links to the documents in `public` and to the texts themselves.
    """
    compared = compare_figures(quality.department, files)
    equal_count = sum(figure.is_equal for figure in compared)
    values = {
        "facts": facts,
        "year_words": facts.year_in_words,
        "scope": read_notes()["scope"],
        "symbols": SYMBOLS,
        "strengths": summarise_quality(facts, files),
        "files": list(files.values()),
        "confidentiality": confidentiality,
        "equal_count": equal_count,
        "rounding": ROUNDING,
    }
    own_values: dict[str, dict[str, object]] = {
        "guidance.md": {},
        "quality.md": {
            **describe_quality(facts, quality, files),
            **count_hidden_cells(confidentiality),
            "compared": compared,
        },
        "confidentiality.md": {
            # Do not show how many cells each rule hides. If all hidden cells of a file were hidden
            # by disclosure rule D1 (few children), readers would know that each hidden count is at
            # most 7.
            "hidden_cells": {
                name: cells for name, cells in confidentiality.files.items() if name in files
            }
        },
        "reconciliation.html": {"figures": compared},
        "index.html": {
            "headlines": write_headlines(facts, files),
            "charts": draw_charts(facts, files),
            "documents": [
                document
                for document in DOCUMENTS
                if document[0].endswith((".md", ".html")) or (public / document[0]).exists()
            ],
        },
    }
    return {
        name: _create_environment().get_template(f"{name}.j2").render(**values, **own)
        for name, own in own_values.items()
    }


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


def _format_plain(text: str) -> str:
    number = parse_number(text)
    return text if number is None else format_count(number)


@cache
def _create_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["style"] = build_style_sheet()
    environment.filters |= {
        "whole": format_count,
        "format_plain": _format_plain,
        "list_notes": list_notes,
        "describe_sums": describe_sums,
    }
    return environment
