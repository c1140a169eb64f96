"""FastAPI dependencies that identify who makes a request and check what they may do.

Behind a reverse proxy, the proxy's header names the user; it is trusted only with the shared
secret. Otherwise a session cookie names the user. Forms need the token of the session and the same
origin.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from interfaces.web.accounts import find_account_access, find_granted_account, read_accounts
from interfaces.web.pages import Visitor, get_settings
from interfaces.web.sessions import Session, Sessions, create_session
from register.access_grants import Access
from register.access_record import Actor, Entry, record_access, set_actor
from register.choices import Level
from register.settings import Settings

USER_HEADER, SECRET_HEADER = "X-Register-User", "X-Register-Proxy-Secret"


class NotSignedInError(RuntimeError):
    """Nobody is signed in, so the browser is redirected to the sign-in page."""


class PurposeMissingError(RuntimeError):
    """The visitor has stated no purpose yet, so the browser is redirected to the form for it."""


class ForbiddenError(RuntimeError):
    """The visitor may not do this; the message says why."""


async def identify_visitor(request: Request) -> Visitor:
    """Return the visitor of a request, signed in or not. The access record names them from now on.

    Raises `ForbiddenError` for a request that bypasses the proxy or has no account.
    """
    visitor = await run_in_threadpool(_read_visitor, request)
    # This function is a coroutine, so that the rest of the request sees the actor.
    set_actor(build_actor(get_settings(request), visitor.name))
    return visitor


def build_actor(settings: Settings, name: str) -> Actor:
    """Return the person of this name, who has signed in; an empty name is nobody."""
    if not name:
        return Actor("", "none")
    if settings.oidc.is_configured:
        return Actor(name, "oidc")
    return Actor(name, "proxy" if settings.web.is_proxied else "password")


def _read_visitor(request: Request) -> Visitor:
    sessions: Sessions = request.app.state.sessions
    session = sessions.read(request.cookies.get(sessions.cookie)) or create_session()
    settings = get_settings(request)
    if settings.web.is_proxied:
        user = _read_proxy_user(request, settings.web.proxy_secret)
        is_new = session.user != user
        session = create_session(user) if is_new else session
        _record_proxy_sign_in(settings, user, is_new)
    account = read_accounts(settings).get(session.user)
    if account is None and settings.web.is_proxied:
        account = find_granted_account(settings, session.user)
    if account is None and settings.web.is_proxied:
        raise ForbiddenError(
            "You are signed in but have no account here and no grant. Ask the operator for one:"
            " register web account add, or register access grant"
        )
    if account is not None and not settings.web.is_proxied and account.epoch != session.epoch:
        account, session = None, create_session()
    access = find_account_access(settings, account) if account else Access("")
    visitor = Visitor(session, account, sessions.build_form_token(session), access)
    request.state.session = session
    request.state.visitor = visitor
    return visitor


def _record_proxy_sign_in(settings: Settings, user: str, is_new: bool) -> None:
    """Record that the proxy signed a person in, or that the person has no account here."""
    actor = Actor(user, "proxy")
    if user not in read_accounts(settings):
        record_access(settings, Entry("refusal", "no_account", actor=actor))
    elif is_new:
        record_access(settings, Entry("sign_in", "signed_in", actor=actor))


def _read_proxy_user(request: Request, secret: str) -> str:
    secret_header = request.headers.get(SECRET_HEADER, "")
    user = request.headers.get(USER_HEADER, "").strip()
    if not hmac.compare_digest(secret_header.encode(), secret.encode()) or not user:
        raise ForbiddenError("Open this address through its proxy, which signs you in.")
    return user


def replace_session(request: Request, session: Session) -> None:
    """Set a new session cookie in the response to this request."""
    request.state.session = session


AnyVisitor = Annotated[Visitor, Depends(identify_visitor)]


def require_account(visitor: AnyVisitor) -> Visitor:
    """Return the visitor if they are signed in; otherwise raise `NotSignedInError`."""
    if visitor.account is None:
        raise NotSignedInError
    return visitor


# Staff, readers and people of suppliers.
AnyAccount = Annotated[Visitor, Depends(require_account)]


def require_sign_in(visitor: AnyAccount) -> Visitor:
    """Return the visitor unless they are a supplier's, whom only pages of deliveries admit."""
    if visitor.is_supplier:
        raise ForbiddenError(
            "This page is for people who work with the register. Yours is the page Deliver."
        )
    return visitor


def require_supplier(visitor: AnyAccount) -> Visitor:
    """Return the visitor if they are a supplier's; otherwise raise `ForbiddenError`."""
    if not visitor.is_supplier:
        raise ForbiddenError("This page is for suppliers. Use an account of a supplier.")
    return visitor


SignedIn = Annotated[Visitor, Depends(require_sign_in)]
SupplierVisitor = Annotated[Visitor, Depends(require_supplier)]


@dataclass(frozen=True)
class LevelRequired:
    """A dependency that lets through visitors with a grant of this level, for any area.

    If `is_national`, the grant must be for the whole nation. Otherwise the view itself shows only
    rows of the granted areas.
    """

    level: Level
    is_national: bool = False

    def __call__(self, visitor: SignedIn) -> Visitor:
        """Return the visitor; raise `ForbiddenError` if they have no such grant."""
        access = visitor.access
        has_grant = (
            access.sees_everything(self.level)
            if self.is_national
            else access.sees_any_area(self.level)
        )
        if not has_grant:
            raise ForbiddenError(
                "You have no grant for this page. Ask the operator: register access grant"
            )
        return visitor


# A visitor who may see rows without names, one who may see names and decide, and one who may do so
# for the whole nation.
SeesRows = Annotated[Visitor, Depends(LevelRequired("exact"))]
SeesNames = Annotated[Visitor, Depends(LevelRequired("identity"))]
SeesAllNames = Annotated[Visitor, Depends(LevelRequired("identity", is_national=True))]


def require_purpose(visitor: SeesNames) -> Visitor:
    """Return the visitor if they may see names and have stated a purpose."""
    if not visitor.session.purpose:
        raise PurposeMissingError
    return visitor


SeesNamesWithPurpose = Annotated[Visitor, Depends(require_purpose)]


def refuse_foreign_origin(request: Request) -> None:
    """Raise `ForbiddenError` if a browser sends the request for a page of another site."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != host:
        raise ForbiddenError("The form came from another site and was ignored.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError("The form came from another site and was ignored.")


def refuse_foreign_token(request: Request, visitor: Visitor, token: str) -> None:
    """Raise `ForbiddenError` if a form token is not of this session."""
    sessions: Sessions = request.app.state.sessions
    if not sessions.is_form_token(visitor.session, token):
        raise ForbiddenError("The form belongs to another session. Open the page again.")


async def check_form(request: Request, visitor: AnyVisitor) -> FormData:
    """Return the submitted form if it belongs to this session and came from this origin."""
    refuse_foreign_origin(request)
    form = await request.form(max_files=0, max_fields=100)
    refuse_foreign_token(request, visitor, str(form.get("form_token", "")))
    return form


Form = Annotated[FormData, Depends(check_form)]


def read_field(form: FormData, name: str) -> str:
    """Return the text of a field; empty if there is none."""
    return str(form.get(name) or "").strip()


def record_view(
    request: Request, visitor: Visitor, what: str, generation_id: str, keys: tuple[str, ...]
) -> None:
    """Record a view before it is shown. Raises `RecordError` if this fails."""
    kind: Literal["view", "export"] = "export" if what.endswith("export") else "view"
    entry = Entry(kind, what, visitor.session.purpose, generation_id, keys)
    record_access(get_settings(request), entry)


def list_view_keys(*groups: Iterable[str | None]) -> tuple[str, ...]:
    """List the keys of a view in order, without duplicates and without None."""
    return tuple(dict.fromkeys(key for group in groups for key in group if key))
