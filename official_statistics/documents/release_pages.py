"""The pages of a release for people: `index.html`, and the reconciliation with other tables.

They load nothing from outside, need no script, and are read by screen readers in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from official_statistics.documents.department_counts import ROUNDING, compared_figures
from official_statistics.documents.facts import QualityFacts, ReleaseFacts
from official_statistics.documents.guidance import SYMBOLS, notes
from official_statistics.documents.headlines import headlines, whole, year_words
from official_statistics.documents.public_files import PublicFile
from official_statistics.documents.quality_page import strengths
from official_statistics.documents.release_charts import charts

TEMPLATES = Path(__file__).with_name("templates")
# Documents of a release beside its data files, and what each is for.
DOCUMENTS = (
    ("guidance.md", "Data guidance", "what each file holds, and what adds up"),
    ("quality.md", "Quality and methods", "coverage, agreement, linkage, breaks in recording"),
    ("confidentiality.md", "Confidentiality", "how children are protected, and what is hidden"),
    ("reconciliation.html", "Reconciliation", "these figures beside the department's own tables"),
    ("revisions.csv", "Revisions", "what changed since the version before"),
    ("pre_release_access.csv", "Pre-release access", "which roles saw the figures before release"),
    ("ties.yaml", "Ties", "how counts add up, for anybody who tests their protection"),
)
Files = Mapping[str, PublicFile]


@dataclass(frozen=True)
class FileLink:
    """A data file as the page lists it."""

    number: int
    name: str
    title: str
    row_count: str


def index_html(facts: ReleaseFacts, files: Files, public: Path) -> str:
    """Return the publication page. Links are to what is in `public`, or written with it."""
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            facts=facts,
            year_words=year_words(facts.year),
            headlines=headlines(facts, files),
            charts=charts(facts, files),
            strengths=strengths(facts, files),
            scope=notes()["scope"],
            symbols=SYMBOLS,
            files=[
                FileLink(one.data_set.number, name, one.data_set.title, whole(len(one.rows)))
                for name, one in files.items()
            ],
            documents=[
                (name, title, words)
                for name, title, words in DOCUMENTS
                if name.endswith((".md", ".html")) or (public / name).exists()
            ],
        )
    )


def reconciliation_html(facts: ReleaseFacts, quality: QualityFacts, files: Files) -> str:
    """Return the page that holds the department's counts beside those that the files show."""
    figures = compared_figures(quality.department, files)
    return (
        _environment()
        .get_template("reconciliation.html.j2")
        .render(
            facts=facts,
            year_words=year_words(facts.year),
            figures=figures,
            rounding=ROUNDING,
            equal_count=sum(1 for one in figures if one.is_equal),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["whole"] = whole
    return environment
