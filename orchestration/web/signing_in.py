"""Signing in and out with a local account, and saying why one looks at what names children."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from orchestration.web.access_log import PURPOSES
from orchestration.web.accounts import check_password, end_sessions
from orchestration.web.asking import (
    Anybody,
    ForbiddenError,
    Form,
    SignedIn,
    Staff,
    keep_session,
    text_of,
)
from orchestration.web.pages import settings_of, show
from orchestration.web.sessions import new_session

router = APIRouter()
MOST_FAILURES = 5
WAIT_SECONDS = 900.0
WRONG = "Name or password is wrong. After five wrong passwords an account waits 15 minutes."


class Failures:
    """Wrong passwords by name, so that none is guessed by trying."""

    def __init__(self) -> None:
        self._at: defaultdict[str, list[float]] = defaultdict(list)

    def is_waiting(self, name: str) -> bool:
        """Whether the name has had too many wrong passwords lately."""
        since = time.monotonic() - WAIT_SECONDS
        self._at[name] = [moment for moment in self._at[name] if moment > since]
        return len(self._at[name]) >= MOST_FAILURES

    def add(self, name: str) -> None:
        """Count a wrong password."""
        self._at[name].append(time.monotonic())

    def forget(self, name: str) -> None:
        """Begin anew, after the right password."""
        self._at.pop(name, None)


def local_path(text: str) -> str:
    """A path of this application to go on to; the first page for anything else."""
    parts = urlsplit(text)
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_local and not parts.scheme and not parts.netloc else "/"


@router.get("/sign-in")
def sign_in(request: Request, visitor: Anybody, then: str = "/") -> Response:
    """The form for name and password."""
    if visitor.account is not None:
        return RedirectResponse(local_path(then), 303)
    return show(request, "sign_in.html", visitor, then=local_path(then), fault="")


@router.post("/sign-in")
def signed_in_now(request: Request, visitor: Anybody, form: Form) -> Response:
    """Sign in, with a session of a new id."""
    settings = settings_of(request)
    if settings.web.is_proxied:
        raise ForbiddenError("The proxy signs you in: there is no password here.")
    name, then = text_of(form, "name")[:64], local_path(text_of(form, "then"))
    failures: Failures = request.app.state.failures
    is_waiting = failures.is_waiting(name)
    account = None if is_waiting else check_password(settings, name, str(form.get("password")))
    if account is None:
        failures.add(name)
        return show(request, "sign_in.html", visitor, 403, then=then, fault=WRONG)
    failures.forget(name)
    keep_session(request, new_session(account.name, account.epoch))
    return RedirectResponse(then, 303)


@router.post("/sign-out")
def sign_out(request: Request, visitor: SignedIn, form: Form) -> Response:
    """End every session of the account."""
    end_sessions(settings_of(request), visitor.name)
    keep_session(request, new_session())
    return RedirectResponse("/sign-in", 303)


@router.get("/purpose")
def purpose(request: Request, visitor: Staff, then: str = "/") -> Response:
    """The form that asks why somebody looks at what names children."""
    return show(request, "purpose.html", visitor, then=local_path(then), purposes=PURPOSES)


@router.post("/purpose")
def purpose_given(request: Request, visitor: Staff, form: Form) -> Response:
    """Keep the purpose with the session: it is written with every view from now on."""
    given = text_of(form, "purpose")
    if given not in PURPOSES:
        raise ForbiddenError("Choose one of the purposes.")
    keep_session(request, replace(visitor.session, purpose=given))
    return RedirectResponse(local_path(text_of(form, "then")), 303)
