"""Rendering of pages as HTML, with the templates here.

The views that Great Expectations ships are not used: they load assets from other hosts.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from interfaces.quality_site.sections import (
    Page,
    PageLink,
    code_to_label,
    format_count,
    format_percent,
)

TEMPLATES = Path(__file__).with_name("templates")
# The site's only script. It is copied into every page, and the content policy allows no other.
SCRIPT = TEMPLATES / "tables.js"


@dataclass(frozen=True)
class Site:
    """The data that every page needs: generation, navigation, suppliers, deliveries with a page.

    For each expectation that is judged scope by scope, `scope_kinds` has the kind of its scopes. If
    the sources cannot be compared, `missing` says what is not delivered.
    """

    generation: str
    published_at: str
    suppliers: dict[str, str]
    deliveries: set[str]
    links: tuple[PageLink, ...]
    scope_kinds: dict[str, str]
    missing: str


def mark_code(text: str) -> Markup:
    """Return text as HTML in which words between backticks are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _build_scope_filter(site: Site) -> Callable[[str, str], str]:
    """Build a template filter that names a supplier's scope and links to the supplier's page."""

    def link_scope(scope: str, root: str) -> str:
        *feed, code = scope.split(" ")
        if code not in site.suppliers:
            return code_to_label(scope) if "_" in scope else scope
        feed_name = f" ({code_to_label(feed[0])})" if feed else ""
        return Markup('<a href="{}suppliers/{}.html">{}</a>{}').format(
            root, code, site.suppliers[code], feed_name
        )

    return link_scope


def build_content_policy(script: str) -> str:
    """Build the policy of a page: it may load its style sheet and pictures, and run this script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


class Renderer:
    """Renderer of one site's pages as HTML."""

    def __init__(self, site: Site) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            format_count=format_count,
            format_percent=format_percent,
            code_to_label=code_to_label,
            link_scope=_build_scope_filter(site),
            mark_code=mark_code,
        )
        self._site = site
        script = SCRIPT.read_text(encoding="utf-8")
        self._environment.globals.update(script=script, policy=build_content_policy(script))

    def render(self, page: Page) -> str:
        """Return a page as HTML."""
        return self._environment.get_template(page.template).render(
            site=self._site,
            root="../" * page.path.count("/"),
            title=page.title,
            section=page.section,
            **page.content,
        )
