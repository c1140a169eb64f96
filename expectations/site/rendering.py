"""Our own views: templates and the way figures are written. No stock view is used.

The views that Great Expectations ships load assets from elsewhere; these load nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

TEMPLATES = Path(__file__).with_name("templates")
STYLE = TEMPLATES / "style.css"
CAPITALS = {"dfe": "DfE", "dob": "date of birth", "duc": "DUC", "upn": "UPN"}
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Link:
    """One entry of the site's navigation."""

    name: str
    path: str


@dataclass(frozen=True)
class Site:
    """What every page knows: the generation, the suppliers that have a page, the navigation.

    `scope_kinds` says of each expectation that is judged scope by scope what its scopes are.
    """

    generation: str
    published_at: str
    suppliers: dict[str, str]
    links: tuple[Link, ...]
    scope_kinds: dict[str, str]


@dataclass(frozen=True)
class Page:
    """One page: where it lies below the site, its template, its title and what it shows."""

    path: str
    template: str
    title: str
    section: str
    content: dict[str, Any]


def counted(value: float | None) -> str:
    """A count with separators; a dash where there is none."""
    return NOTHING if value is None else f"{value:,.0f}"


def percent(value: float | None) -> str:
    """A share (0-1) as a percentage to 1 decimal; a dash where there is none."""
    return NOTHING if value is None else f"{value:.1%}"


def share_both(row: dict[str, Any]) -> str:
    """The share of both in a row of agreement."""
    return percent(row["both_count"] / row["total_count"] if row["total_count"] else None)


def words(code: str | None) -> str:
    """A code as words: `police_reports` is "Police reports"."""
    if not code:
        return NOTHING
    parts = [CAPITALS.get(part, part) for part in str(code).split("_")]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def moment(generation: str) -> str:
    """A generation's moment, short enough for an axis: its id begins with it."""
    found = MOMENT.match(generation)
    return "{}-{}-{} {}:{}:{}".format(*found.groups()) if found else generation


def code_marked(text: str) -> Markup:
    """Words in which `commands` stand between backticks, as HTML."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _scope_link(site: Site) -> Callable[[str, str], str]:
    """A filter that names a supplier's scope and links it to the supplier's page."""

    def scope_link(scope: str, root: str) -> str:
        *feed, code = scope.split(" ")
        if code not in site.suppliers:
            return words(scope) if "_" in scope else scope
        feed_words = f" ({words(feed[0])})" if feed else ""
        return Markup('<a href="{}suppliers/{}.html">{}</a> {}{}').format(
            root, code, site.suppliers[code], escape(code), feed_words
        )

    return scope_link


class Renderer:
    """Renders pages of one site into HTML."""

    def __init__(self, site: Site) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            counted=counted,
            percent=percent,
            share_both=share_both,
            words=words,
            scope_link=_scope_link(site),
            code_marked=code_marked,
        )
        self._site = site

    def render(self, page: Page) -> str:
        """The page as HTML."""
        return self._environment.get_template(page.template).render(
            site=self._site,
            root="../" * page.path.count("/"),
            title=page.title,
            section=page.section,
            **page.content,
        )
