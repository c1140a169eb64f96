"""Pages as HTML, from templates of our own, with who is signed in and where to go.

What a page shows belongs to its view.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
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

# Name, path, and whether only staff see it.
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
    ("Access log", "/log", True),
)


@dataclass(frozen=True)
class Visitor:
    """Who asks: the session, and the account where somebody is signed in."""

    session: Session
    account: Account | None
    form_token: str

    @property
    def name(self) -> str:
        """The account's name; empty where nobody is signed in."""
        return self.account.name if self.account else ""

    @property
    def is_staff(self) -> bool:
        """Whether the visitor may see what names children, and decide."""
        return self.account is not None and self.account.is_staff


class NothingPublishedError(RuntimeError):
    """No generation is published yet."""


class NotHereError(LookupError):
    """What was asked for is not there; the message says what to do."""


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    found: Settings = request.app.state.settings
    return found


def generation_of(request: Request) -> Generation:
    """The generation that is published now: found anew for each request, and opened for reading.

    Raises `NothingPublishedError` before the first.
    """
    found = current_generation(settings_of(request))
    if found is None:
        raise NothingPublishedError
    return found


def show(
    request: Request, template: str, visitor: Visitor | None, status: int = 200, **content: Any
) -> HTMLResponse:
    """A page of the application."""
    path = request.url.path
    is_proxied = settings_of(request).web.is_proxied
    text = (
        _environment()
        .get_template(template)
        .render(
            visitor=visitor,
            navigation=[
                (name, place, path == place or (place != "/" and path.startswith(f"{place}/")))
                for name, place, is_for_staff in NAVIGATION
                if visitor and visitor.account and (visitor.is_staff or not is_for_staff)
            ],
            is_proxied=is_proxied,
            token=lambda: _token(visitor),
            **content,
        )
    )
    return HTMLResponse(text, status)


def _token(visitor: Visitor | None) -> Markup:
    """The field that every form has."""
    field = Markup('<input type="hidden" name="form_token" value="{}">')
    return field.format(visitor.form_token if visitor else "")


def words(code: str | None) -> str:
    """A code as words."""
    return (code or "").replace("_", " ")


def _moment(value: datetime | str | None) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{found:%-d %B %Y, %H:%M}"


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("interfaces.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(words=words, moment=_moment, counted=_counted, quoted=quote)
    return found
