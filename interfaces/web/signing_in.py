"""Signing in and out with a local account, and saying why one looks at what names children.

A try is counted before it is judged, and few passwords are judged at once: each takes 32 MB. After
wrong passwords the next try waits, longer each time, for whoever sends them alone: a name from one
address, or a browser that has signed in as that name before. A stranger's tries keep nobody out
who uses such a browser.
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

from interfaces.web.access_log import PURPOSES
from interfaces.web.accounts import check_password, end_sessions
from interfaces.web.asking import (
    Anybody,
    ForbiddenError,
    Form,
    SignedIn,
    Staff,
    keep_session,
    text_of,
)
from interfaces.web.pages import settings_of, show
from interfaces.web.sessions import KNOWN_BROWSER_SECONDS, Sessions, new_session

router = APIRouter()
MOST_FAILURES = 5
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 900.0
# Wrong passwords of longer ago are forgotten.
MEMORY_SECONDS = 24 * 3600.0
# Of names and addresses that are remembered: a flood of invented names takes no memory.
MOST_REMEMBERED = 10_000
# Passwords that are judged at once, and those that wait for it.
MOST_JUDGED, MOST_WAITING = 2, 8
WRONG = (
    "Name or password is wrong. After five wrong passwords the next try waits, longer each time."
)
BUSY = "Many people are signing in. Try again in a minute."
Key = tuple[str, str]


class Failures:
    """Tries to sign in that were not right, by name and by where they came from."""

    def __init__(self) -> None:
        self._at: dict[Key, list[float]] = {}
        self._lock = threading.Lock()

    def begin(self, key: Key) -> bool:
        """Count a try as wrong until it is judged; whether it may be judged now.

        A try that may not is not counted: who only waits is let in.
        """
        with self._lock:
            now = time.monotonic()
            recent = [at for at in self._at.pop(key, []) if at > now - MEMORY_SECONDS]
            may_be_judged = not recent or now >= recent[-1] + _wait_seconds(len(recent))
            self._at[key] = [*recent, now] if may_be_judged else recent
            # Those that were tried last are at the end.
            while len(self._at) > MOST_REMEMBERED:
                del self._at[next(iter(self._at))]
            return may_be_judged

    def take_back(self, key: Key) -> None:
        """Do not count a try that was not judged after all."""
        with self._lock:
            if self._at.get(key):
                self._at[key].pop()

    def forget(self, key: Key) -> None:
        """Begin anew, after the right password."""
        with self._lock:
            self._at.pop(key, None)


def _wait_seconds(count: int) -> float:
    """How long after the last of so many wrong passwords the next is judged."""
    if count < MOST_FAILURES:
        return 0.0
    return min(FIRST_WAIT_SECONDS * 2.0 ** min(count - MOST_FAILURES, 30), LONGEST_WAIT_SECONDS)


class Judges:
    """Judges few passwords at a time, so that hashing takes a bounded share of the machine."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST_JUDGED + MOST_WAITING)
        self._hashing = threading.BoundedSemaphore(MOST_JUDGED)

    @contextmanager
    def take_place(self) -> Iterator[bool]:
        """Wait for a turn; false at once where too many wait already."""
        if not self._places.acquire(blocking=False):
            yield False
            return
        try:
            with self._hashing:
                yield True
        finally:
            self._places.release()


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
    sessions: Sessions = request.app.state.sessions
    is_known = sessions.is_known_browser(request.cookies.get(sessions.browser_cookie), name)
    address = request.client.host if request.client else ""
    key = (name, "a known browser" if is_known else address)
    fault, account = WRONG, None
    if failures.begin(key):
        with request.app.state.judges.take_place() as has_place:
            if has_place:
                account = check_password(settings, name, str(form.get("password")))
            else:
                failures.take_back(key)
                fault = BUSY
    if account is None:
        status = 403 if fault == WRONG else 429
        return show(request, "sign_in.html", visitor, status, then=then, fault=fault)
    failures.forget(key)
    keep_session(request, new_session(account.name, account.epoch))
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
