"""Signing in with a local account, and stating the purpose of looking at names.

A try is counted before its password is checked. Few passwords are checked at once, because each
check takes 64 MB. After wrong passwords, the next try must wait, longer each time. The wait applies
to a name together with an address, or together with a browser that has signed in under this name
before. So a stranger's tries do not lock out a person whose browser is known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.accounts import check_password, read_accounts
from interfaces.web.authorisation import (
    AnyVisitor,
    ForbiddenError,
    Form,
    SeesNames,
    read_field,
    replace_session,
)
from interfaces.web.pages import get_settings, render_page
from interfaces.web.sessions import KNOWN_BROWSER_SECONDS, Sessions, create_session
from register.access_record import Actor, Entry, record_access
from register.choices import PURPOSES
from register.settings import Settings

router = APIRouter()
FREE_FAILURES = 5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 900.0
# After this time, a failed try no longer counts.
MEMORY_SECONDS = 24 * 3600.0
# The maximum number of remembered names and addresses, to bound memory.
MAX_REMEMBERED = 10_000
# The number of passwords checked at the same time, and of checks that may wait.
MAX_CHECKED, MAX_WAITING = 2, 8
WRONG = (
    "Name or password is wrong. After five wrong passwords the next try waits, longer each time."
)
BUSY = "Many people are signing in. Try again in a minute."
Key = tuple[str, str]


class SignInFailures:
    """Failed attempts to sign in, by name and by the address or browser that made them."""

    def __init__(self) -> None:
        self._times: dict[Key, list[float]] = {}
        self._lock = threading.Lock()

    def count_try(self, key: Key) -> bool:
        """Count a try as failed before its password is checked; return whether it may be checked.

        A try that must wait is not counted, so people only need to wait until the time has passed.
        """
        with self._lock:
            now = time.monotonic()
            recent = [at for at in self._times.pop(key, []) if at > now - MEMORY_SECONDS]
            may_be_checked = not recent or now >= recent[-1] + _wait_seconds(len(recent))
            self._times[key] = [*recent, now] if may_be_checked else recent
            # The oldest tries come first, so remove from the start.
            while len(self._times) > MAX_REMEMBERED:
                del self._times[next(iter(self._times))]
            return may_be_checked

    def uncount_try(self, key: Key) -> None:
        """Remove the count of a try whose password was not checked after all."""
        with self._lock:
            if self._times.get(key):
                self._times[key].pop()

    def reset(self, key: Key) -> None:
        """Forget the failed tries after a correct password."""
        with self._lock:
            self._times.pop(key, None)


def _wait_seconds(count: int) -> float:
    """Return the seconds to wait after this many wrong passwords."""
    if count < FREE_FAILURES:
        return 0.0
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(count - FREE_FAILURES, 30), LONGEST_WAIT_SECONDS)


class PasswordChecks:
    """Limiter of simultaneous password checks, to bound memory and processor time."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MAX_CHECKED + MAX_WAITING)
        self._hashing = threading.BoundedSemaphore(MAX_CHECKED)

    @contextmanager
    def take_place(self) -> Iterator[bool]:
        """Wait for a turn to check a password. Yield False at once if too many wait."""
        if not self._places.acquire(blocking=False):
            yield False
            return
        try:
            with self._hashing:
                yield True
        finally:
            self._places.release()


def keep_local_path(text: str) -> str:
    """Return the path if it is a page of this application, and otherwise the first page's path."""
    parts = urlsplit(text)
    is_local = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_local and not parts.scheme and not parts.netloc else "/"


@router.get("/sign-in")
def show_sign_in(request: Request, visitor: AnyVisitor, then: str = "/") -> Response:
    """Show the form for name and password."""
    if visitor.account is not None:
        return RedirectResponse(keep_local_path(then), 303)
    return render_page(request, "sign_in.html", visitor, then=keep_local_path(then), fault="")


@router.post("/sign-in")
def sign_in(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """Sign a person in and start a new session."""
    settings = get_settings(request)
    if settings.web.is_proxied:
        raise ForbiddenError("The proxy signs you in: no password is needed here.")
    if settings.oidc.is_configured:
        raise ForbiddenError("Your organisation signs you in: no password is needed here.")
    name, then = read_field(form, "name")[:128], keep_local_path(read_field(form, "then"))
    failures: SignInFailures = request.app.state.failures
    sessions: Sessions = request.app.state.sessions
    is_known = sessions.is_known_browser(request.cookies.get(sessions.browser_cookie), name)
    address = request.client.host if request.client else ""
    key = (name, "a known browser" if is_known else address)
    fault, account = WRONG, None
    if failures.count_try(key):
        with request.app.state.judges.take_place() as has_place:
            if has_place:
                account = check_password(settings, name, str(form.get("password")))
            else:
                failures.uncount_try(key)
                fault = BUSY
    if account is None:
        record_refused_sign_in(settings, name)
        status = 403 if fault == WRONG else 429
        return render_page(request, "sign_in.html", visitor, status, then=then, fault=fault)
    failures.reset(key)
    record_access(settings, Entry("sign_in", "signed_in", actor=Actor(account.name, "password")))
    replace_session(request, create_session(account.name, account.epoch))
    answer = RedirectResponse(then, 303)
    answer.set_cookie(
        sessions.browser_cookie,
        sessions.write_known_browser(account.name),
        max_age=KNOWN_BROWSER_SECONDS,
        path="/",
        secure=sessions.is_secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def record_refused_sign_in(settings: Settings, name: str) -> None:
    """Record a refused sign-in. A name that is no account may be a password, so it is left out."""
    keys = (name,) if name in read_accounts(settings) else ()
    record_access(settings, Entry("refusal", "sign_in", keys=keys, actor=Actor("", "none")))


@router.get("/purpose")
def show_purpose_form(request: Request, visitor: SeesNames, then: str = "/") -> Response:
    """Show the form that asks for the purpose of looking at names."""
    return render_page(
        request, "purpose.html", visitor, then=keep_local_path(then), purposes=PURPOSES
    )


@router.post("/purpose")
def save_purpose(request: Request, visitor: SeesNames, form: Form) -> Response:
    """Store the purpose in the session; from now on it is logged with every view."""
    chosen_purpose = read_field(form, "purpose")
    if chosen_purpose not in PURPOSES:
        raise ForbiddenError("Choose one of the purposes.")
    replace_session(request, replace(visitor.session, purpose=chosen_purpose))
    return RedirectResponse(keep_local_path(read_field(form, "then")), 303)
