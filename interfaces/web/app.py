"""The application: its routes, the headers of every answer, and errors as pages.

It opens the published generation for reading, request by request, so that a load that publishes
another meanwhile changes what the next request sees and breaks none.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from importlib.resources import files

import duckdb
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from interfaces.web import (
    audit_views,
    case_views,
    delivery_views,
    home_views,
    log_views,
    outbox_views,
    quality_views,
    review_forms,
    review_views,
    row_views,
    second_opinion_views,
    signing_in,
)
from interfaces.web.access_log import AccessLogError
from interfaces.web.asking import ForbiddenError, NotSignedInError, PurposeMissingError
from interfaces.web.claims import ClaimedError
from interfaces.web.pages import NotHereError, NothingPublishedError, Visitor, show
from interfaces.web.row_views import BusyError, Filters
from interfaces.web.sessions import Sessions
from interfaces.web.stale import StaleFormError
from register.feeds import LedgerError
from register.review import ReviewError
from register.settings import Settings

LOGGER = logging.getLogger(__name__)
LOOPBACK_HOSTS = ["127.0.0.1", "localhost"]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With `no-referrer` a browser sends no origin with a form, and forms are checked by it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000"
ROUTERS = (
    signing_in.router,
    home_views.router,
    review_views.router,
    review_forms.router,
    second_opinion_views.router,
    case_views.router,
    delivery_views.router,
    audit_views.router,
    outbox_views.router,
    row_views.router,
    log_views.router,
    quality_views.router,
)
# What was asked cannot be done: the status, and the heading of the page that says why.
REFUSALS: dict[type[Exception], tuple[int, str]] = {
    ForbiddenError: (403, "This is not allowed"),
    ReviewError: (400, "This cannot be done"),
    LedgerError: (400, "This cannot be done"),
    NotHereError: (404, "There is nothing here"),
    ClaimedError: (409, "Somebody else is on this"),
    StaleFormError: (409, "This has changed since you opened it"),
    AccessLogError: (503, "The access log is not in order"),
    BusyError: (429, "Somebody is being served"),
}


def create_app(settings: Settings) -> FastAPI:
    """The application of a home."""
    app = FastAPI(title="register web", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.sessions = Sessions(settings)
    app.state.failures = signing_in.Failures()
    app.state.judges = signing_in.Judges()
    app.state.filters = Filters()
    for router in ROUTERS:
        app.include_router(router)
    app.get("/style.css", include_in_schema=False)(_style)
    _answer_errors(app)
    app.middleware("http")(_finish)
    hosts = [*LOOPBACK_HOSTS, *filter(None, [settings.web.host])]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    return app


def _style() -> Response:
    text = files("interfaces.web").joinpath("templates/style.css").read_text(encoding="utf-8")
    return PlainTextResponse(text, media_type="text/css")


async def _finish(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Give an answer its headers and the cookie of its session."""
    try:
        response = await go_on(request)
    except Exception as error:
        # Its message and its traceback may quote a value of a row.
        LOGGER.error("%s failed: %s", request.method, type(error).__name__)
        response = show(
            request,
            "message.html",
            None,
            500,
            title="Something went wrong",
            text="It was not your doing. Nothing was written. The operator's log has the kind of"
            " the error.",
        )
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    sessions: Sessions = request.app.state.sessions
    session = getattr(request.state, "session", None)
    if sessions.is_secure:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    if session is not None:
        response.set_cookie(
            sessions.cookie,
            sessions.write(session),
            max_age=sessions.seconds,
            path="/",
            secure=sessions.is_secure,
            httponly=True,
            samesite="strict",
        )
    return response


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(NotSignedInError)
    def _ask_to_sign_in(request: Request, error: Exception) -> Response:
        return RedirectResponse(f"/sign-in?then={_asked_for(request)}", 303)

    @app.exception_handler(PurposeMissingError)
    def _ask_why(request: Request, error: Exception) -> Response:
        return RedirectResponse(f"/purpose?then={_asked_for(request)}", 303)

    @app.exception_handler(NothingPublishedError)
    def _nothing_published(request: Request, error: Exception) -> Response:
        return _message(request, 503, "Nothing is published yet", "Run register load first.")

    @app.exception_handler(duckdb.IOException)
    def _gone(request: Request, error: Exception) -> Response:
        text = "The generation that you were reading is no longer kept. Open the page again."
        return _message(request, 503, "Another generation is published", text)

    @app.exception_handler(RequestValidationError)
    def _no_such_value(request: Request, error: Exception) -> Response:
        # What was sent is not said again.
        return _message(request, 404, "There is no such page", "Check the address.")

    @app.exception_handler(HTTPException)
    def _plain(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _message(request, 404, "There is no such page", "Check the address.")
        return _message(request, error.status_code, "This cannot be done", str(error.detail))

    def refuse(request: Request, error: Exception) -> Response:
        status, title = next(found for kind, found in REFUSALS.items() if isinstance(error, kind))
        text = str(error.args[0]) if error.args else ""
        return _message(request, status, title, text)

    for kind in REFUSALS:
        app.add_exception_handler(kind, refuse)


def _message(request: Request, status: int, title: str, text: str) -> Response:
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return show(request, "message.html", visitor, status, title=title, text=text)


def _asked_for(request: Request) -> str:
    """Where to go afterwards: the page itself, or what a form would have changed, as a page."""
    from urllib.parse import quote

    path = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return quote(path + query, safe="")
