"""Writes pages as HTML with templates of our own. No stock view is used.

The views that Great Expectations ships load assets from elsewhere; these load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from interfaces.quality_site.sections import Page, counted, percent, words

TEMPLATES = Path(__file__).with_name("templates")
STYLE = TEMPLATES / "style.css"
# The one script of the site, in every page as it is here: the policy lets no other run.
SCRIPT = TEMPLATES / "tables.js"


@dataclass(frozen=True)
class Link:
    """One entry of the site's navigation."""

    name: str
    path: str


@dataclass(frozen=True)
class Site:
    """What every page shows: the generation, suppliers and deliveries with a page, the navigation.

    `scope_kinds` gives, for each expectation that is judged scope by scope, what its scopes are.
    """

    generation: str
    published_at: str
    suppliers: dict[str, str]
    deliveries: set[str]
    links: tuple[Link, ...]
    scope_kinds: dict[str, str]


def share_both(row: dict[str, Any]) -> str:
    """The share of both in a row of agreement."""
    return percent(row["both_count"] / row["total_count"] if row["total_count"] else None)


def code_marked(text: str) -> Markup:
    """Text in which `commands` are between backticks, as HTML."""
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


def content_policy(script: str) -> str:
    """What a page may load and run: its style sheet, pictures within it, and this script alone."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


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
        script = SCRIPT.read_text(encoding="utf-8")
        self._environment.globals.update(script=script, policy=content_policy(script))

    def render(self, page: Page) -> str:
        """The page as HTML."""
        return self._environment.get_template(page.template).render(
            site=self._site,
            root="../" * page.path.count("/"),
            title=page.title,
            section=page.section,
            **page.content,
        )
