"""The HTML pages of a release: what each is rendered from, and the links that all pages share.

A page is part of the public folder, so people sign its bytes. `register statistics export` copies
it unchanged. All links within a release start with `root`, which leads to the public folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from official_statistics.documents.facts import (
    Confidentiality,
    QualityFacts,
    ReleaseFacts,
    list_notes,
)
from official_statistics.documents.public_files import PublicFile, format_count, parse_number
from register.appearance import build_style_sheet

TEMPLATES = Path(__file__).with_name("templates")
# The exported site has each version in a folder of its year, below the page that lists them all.
ALL_RELEASES = "../../index.html"
# The pages in the navigation, in order: path in the public folder, and title.
NAVIGATION = (
    ("index.html", "Release"),
    ("areas/index.html", "Local areas"),
    ("guidance.html", "Guidance"),
    ("quality.html", "Quality"),
    ("methodology.html", "Methodology"),
    ("confidentiality.html", "Confidentiality"),
    ("policies/index.html", "Policies"),
)
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


@dataclass(frozen=True)
class Inputs:
    """Everything that the pages of a version are made from.

    Figures come from `files`, the data files in `public`.
    """

    facts: ReleaseFacts
    quality: QualityFacts
    confidentiality: Confidentiality
    files: Mapping[str, PublicFile]
    public: Path


@dataclass(frozen=True)
class Page:
    """One page: its path in the public folder, its template, and the values that it alone needs."""

    path: str
    template: str
    values: Mapping[str, object]


# A function that returns pages. Pages are rendered and written in order, one after the other.
Builder = Callable[[Inputs], Iterable[Page]]


def render_page(page: Page, values: Mapping[str, object]) -> str:
    """Return the HTML of a page. `values` are those that all pages share."""
    root = "../" * page.path.count("/")
    return render_template(
        page.template, {**values, **page.values, "path": page.path, "root": root}
    )


def render_template(name: str, values: Mapping[str, object]) -> str:
    """Return the text of one of the templates of releases."""
    return create_environment().get_template(name).render(values)


@cache
def create_environment() -> Environment:
    """Return the templates of releases with their filters."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "style": build_style_sheet("official_statistics.documents", "templates/release.css"),
        "navigation": NAVIGATION,
        "all_releases": ALL_RELEASES,
        "licence": LICENCE,
    }
    environment.filters |= {
        "whole": format_count,
        "format_plain": _format_plain,
        "list_notes": list_notes,
    }
    return environment


def _format_plain(text: str) -> str:
    number = parse_number(text)
    return text if number is None else format_count(number)
