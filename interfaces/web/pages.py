"""Rendering of pages from the templates here, with the visitor's name and the navigation.

The content of a page belongs in its view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from interfaces.web.accounts import Account
from interfaces.web.sessions import Session
from register.access_grants import Access
from register.appearance import WRITTEN_PAGES
from register.choices import Level
from register.labels import code_to_words
from register.publishing import Generation, current_generation
from register.settings import Settings
from register.supplier_names import name_supplier

LONDON = ZoneInfo("Europe/London")
Row = TypeVar("Row")
RELEASES = "/releases"
# Entries of the navigation: name, path, and the level of detail that the page needs.
NAVIGATION: tuple[tuple[str, str, Level | None], ...] = (
    ("Home", "/", None),
    ("Who needs help", "/help", "identity"),
    ("Review", "/review", "identity"),
    ("Deliveries", "/deliveries", "exact"),
    ("Silent suppliers", "/suppliers", "exact"),
    ("Status", "/status", "identity"),
    ("Audit", "/audit", "identity"),
    ("Outbox", "/outbox", "identity"),
    ("Rows", "/rows", "exact"),
    ("Quality site", "/quality/index.html", None),
    ("Documents", "/documents/index.html", None),
    ("Approvals", "/approvals", "identity"),
    ("Releases", RELEASES, None),
    ("Access record", "/log", "identity"),
)
# The navigation of people of suppliers.
SUPPLIER_NAVIGATION: tuple[tuple[str, str, Level | None], ...] = (
    ("Deliver", "/deliver", None),
    ("Earlier deliveries", "/delivered", None),
)
# Pages that only holders of a grant for the whole nation may open.
NATIONAL_PAGES = ("/status", "/approvals", "/log")


@dataclass(frozen=True)
class Visitor:
    """The person who makes a request: the session, and the account if the person is signed in."""

    session: Session
    account: Account | None
    form_token: str
    access: Access = field(default_factory=lambda: Access(""))

    @property
    def name(self) -> str:
        """The account's name; empty if nobody is signed in."""
        return self.account.name if self.account else ""

    @property
    def is_supplier(self) -> bool:
        """Whether the person works for a supplier, and sees only its deliveries."""
        return self.account is not None and self.account.is_supplier

    @property
    def supplier_codes(self) -> tuple[str, ...]:
        """The codes of the suppliers for which the person delivers; empty for all others."""
        return self.account.supplier_codes if self.account and self.account.is_supplier else ()

    def may_open(self, path: str, level: Level | None) -> bool:
        """Return whether the navigation shows a page that needs this level."""
        if self.account is None or level is None:
            return self.account is not None
        if path in NATIONAL_PAGES:
            return self.access.sees_everything(level)
        return self.access.sees_any_area(level)


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
                for name, place, level in (
                    SUPPLIER_NAVIGATION if visitor and visitor.is_supplier else NAVIGATION
                )
                if visitor and visitor.may_open(place, level)
                if place != RELEASES or visitor.name in settings.signatories
            ],
            is_proxied=settings.web.is_proxied,
            has_oidc=settings.oidc.is_configured,
            token=lambda: _build_token_field(visitor),
            supplier_name=partial(name_supplier, settings.seeds),
            **content,
        )
    )
    return HTMLResponse(text, status)


def slice_page(rows: list[Row], page: int, page_size: int) -> tuple[list[Row], dict[str, int]]:
    """Return the rows of one page of a list, and what a template says about all its pages."""
    number = max(page, 1)
    page_count = max(1, -(-len(rows) // page_size))
    pages = {"count": len(rows), "page": number, "page_count": page_count}
    return rows[(number - 1) * page_size : number * page_size], pages


def get_template(name: str) -> jinja2.Template:
    """Return a template of the application."""
    return _load_environment().get_template(name)


@cache
def read_template_text(name: str) -> str:
    """Return a file beside the templates as it is."""
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _build_token_field(visitor: Visitor | None) -> Markup:
    """Build the hidden field with the form token that every form needs."""
    field = Markup('<input type="hidden" name="form_token" value="{}">')
    return field.format(visitor.form_token if visitor else "")


def _format_moment(value: datetime | str | None) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment:%-d %B %Y, %H:%M}"


def _format_london_moment(value: datetime | None) -> str:
    """Format a moment that the register has in UTC as people's clocks show it."""
    return _format_moment(value and value.replace(tzinfo=UTC).astimezone(LONDON))


def _format_count(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@cache
def _load_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader("interfaces.web"), WRITTEN_PAGES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        words=code_to_words,
        moment=_format_moment,
        london=_format_london_moment,
        counted=_format_count,
        quoted=quote,
    )
    return environment
