"""Rendering of pages from the templates here, with the visitor's name and the navigation.

The content of a page belongs in its view.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from interfaces.web.accounts import Account
from interfaces.web.sessions import Session
from register.publishing import Generation, current_generation
from register.settings import Settings

# Entries of the navigation: name, path, and whether only staff see the entry.
NAVIGATION = (
    ("Home", "/", False),
    ("Review", "/review", True),
    ("Case lists", "/cases", True),
    ("Deliveries", "/deliveries", True),
    ("Audit", "/audit", True),
    ("Outbox", "/outbox", True),
    ("Rows", "/rows", False),
    ("Quality site", "/quality/index.html", False),
    ("Documents", "/documents/index.html", False),
    ("Approvals", "/approvals", True),
    ("Access record", "/log", True),
)


@dataclass(frozen=True)
class Visitor:
    """The person who makes a request: the session, and the account if the person is signed in."""

    session: Session
    account: Account | None
    form_token: str

    @property
    def name(self) -> str:
        """The account's name; empty if nobody is signed in."""
        return self.account.name if self.account else ""

    @property
    def is_staff(self) -> bool:
        """Whether the visitor may view pages that name children, and make decisions."""
        return self.account is not None and self.account.is_staff


class NothingPublishedError(RuntimeError):
    """No generation is published yet."""


class NotFoundError(LookupError):
    """The requested page or item does not exist; the message says what to do."""


def get_settings(request: Request) -> Settings:
    """Return the settings of the application."""
    settings: Settings = request.app.state.settings
    return settings


def find_generation(request: Request) -> Generation:
    """Return the generation that is current at the time of the request.

    Raises `NothingPublishedError` if there is none.
    """
    generation = current_generation(get_settings(request))
    if generation is None:
        raise NothingPublishedError
    return generation


def render_page(
    request: Request, template: str, visitor: Visitor | None, status: int = 200, **content: Any
) -> HTMLResponse:
    """Render a page of the application."""
    path = request.url.path
    settings = get_settings(request)
    text = (
        _load_environment()
        .get_template(template)
        .render(
            visitor=visitor,
            navigation=[
                (name, place, path == place or (place != "/" and path.startswith(f"{place}/")))
                for name, place, is_for_staff in NAVIGATION
                if visitor and visitor.account and (visitor.is_staff or not is_for_staff)
            ],
            is_proxied=settings.web.is_proxied,
            token=lambda: _build_token_field(visitor),
            supplier_name=lambda code: _read_supplier_names(settings.seeds).get(code, code),
            **content,
        )
    )
    return HTMLResponse(text, status)


@cache
def _read_supplier_names(seeds: Path) -> dict[str, str]:
    """Return the name of every local authority and police force by its code."""
    with (seeds / "ref__suppliers.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {row["supplier_code"]: row["supplier_name"] for row in csv.DictReader(lines)}


def _build_token_field(visitor: Visitor | None) -> Markup:
    """Build the hidden field with the form token that every form needs."""
    field = Markup('<input type="hidden" name="form_token" value="{}">')
    return field.format(visitor.form_token if visitor else "")


def code_to_words(code: str | None) -> str:
    """Return a code as words."""
    return (code or "").replace("_", " ")


def _format_moment(value: datetime | str | None) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment:%-d %B %Y, %H:%M}"


def _format_count(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@cache
def _load_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("interfaces.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        words=code_to_words, moment=_format_moment, counted=_format_count, quoted=quote
    )
    return environment
