"""Who asks, and whether they may: read from every request before a view runs.

Behind a reverse proxy the proxy's header names the user, and only the shared secret makes it
believed. Otherwise a session cookie does. Forms need the token of the session and the same origin.
"""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from interfaces.web.access_log import View, log_view
from interfaces.web.accounts import read_accounts
from interfaces.web.pages import Visitor, settings_of
from interfaces.web.sessions import Session, Sessions, new_session

USER_HEADER, SECRET_HEADER = "X-Register-User", "X-Register-Proxy-Secret"


class NotSignedInError(RuntimeError):
    """Nobody is signed in: the browser is sent to the page that asks."""


class PurposeMissingError(RuntimeError):
    """The visitor has not said why they look: the browser is sent to the page that asks."""


class ForbiddenError(RuntimeError):
    """The visitor may not do this; the message says why."""


def visitor_of(request: Request) -> Visitor:
    """The visitor of a request, signed in or not. Raises `ForbiddenError` past a proxy."""
    sessions: Sessions = request.app.state.sessions
    session = sessions.read(request.cookies.get(sessions.cookie)) or new_session()
    settings = settings_of(request)
    if settings.web.is_proxied:
        user = _user_of_proxy(request, settings.web.proxy_secret)
        if session.user != user:
            session = new_session(user)
    account = read_accounts(settings).get(session.user)
    if account is None and settings.web.is_proxied:
        raise ForbiddenError(
            "You are signed in, and have no account here. Ask the operator to add one:"
            " register web account add"
        )
    if account is not None and not settings.web.is_proxied and account.epoch != session.epoch:
        account, session = None, new_session()
    visitor = Visitor(session, account, sessions.form_token(session))
    request.state.session = session
    request.state.visitor = visitor
    return visitor


def _user_of_proxy(request: Request, secret: str) -> str:
    given = request.headers.get(SECRET_HEADER, "")
    user = request.headers.get(USER_HEADER, "").strip()
    if not hmac.compare_digest(given.encode(), secret.encode()) or not user:
        raise ForbiddenError("This address is reached through its proxy only, which signs you in.")
    return user


def keep_session(request: Request, session: Session) -> None:
    """Let the answer to this request set another session cookie."""
    request.state.session = session


Anybody = Annotated[Visitor, Depends(visitor_of)]


def signed_in(visitor: Anybody) -> Visitor:
    """A visitor who is signed in."""
    if visitor.account is None:
        raise NotSignedInError
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]


def staff(visitor: SignedIn) -> Visitor:
    """A visitor who may see what names children, and decide."""
    if not visitor.is_staff:
        raise ForbiddenError("Your account may read the quality site and rows of figures only.")
    return visitor


Staff = Annotated[Visitor, Depends(staff)]


def with_purpose(visitor: Staff) -> Visitor:
    """A visitor who may see what names children and has said why they look."""
    if not visitor.session.purpose:
        raise PurposeMissingError
    return visitor


Looking = Annotated[Visitor, Depends(with_purpose)]


async def checked_form(request: Request, visitor: Anybody) -> FormData:
    """The form that was sent, if it is one that this session was given, from this origin."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != host:
        raise ForbiddenError("The form came from another site, and was not read.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError("The form came from another site, and was not read.")
    form = await request.form(max_files=0, max_fields=100)
    sessions: Sessions = request.app.state.sessions
    if not sessions.is_form_token(visitor.session, str(form.get("form_token", ""))):
        raise ForbiddenError("The form is not of this session. Open the page again.")
    return form


Form = Annotated[FormData, Depends(checked_form)]


def text_of(form: FormData, name: str) -> str:
    """The text of a field; empty where there is none."""
    return str(form.get(name) or "").strip()


def note_view(
    request: Request, visitor: Visitor, what: str, generation_id: str, keys: tuple[str, ...]
) -> None:
    """Write into the access log what is about to be shown; raises where that fails."""
    view = View(visitor.name, visitor.session.purpose, what, generation_id, keys)
    log_view(settings_of(request), view)
