"""The web application: its routes, the headers of every response, and errors as pages.

Each request opens the generation that is current at its start, so a load that publishes a new one
does not disturb it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import duckdb
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from interfaces.web import (
    approval_views,
    audit_views,
    deliver_views,
    delivered_views,
    delivery_views,
    help_views,
    home_views,
    log_views,
    oidc_views,
    outbox_views,
    quality_views,
    release_forms,
    release_views,
    review_forms,
    review_views,
    row_views,
    second_opinion_views,
    sign_in_views,
    status_views,
)
from interfaces.web.api_app import PATH as API_PATH
from interfaces.web.api_app import build_problem, create_api
from interfaces.web.authorisation import ForbiddenError, NotSignedInError, PurposeMissingError
from interfaces.web.claims import ClaimedError
from interfaces.web.pages import (
    NotFoundError,
    NothingPublishedError,
    Visitor,
    get_settings,
    render_page,
)
from interfaces.web.release_forms import Report
from interfaces.web.request_limits import RequestLimits
from interfaces.web.row_views import BusyError, FilterLimiter
from interfaces.web.sessions import Sessions
from interfaces.web.stale_forms import StaleFormError
from interfaces.web.upload_checks import UploadChecks
from interfaces.web.uploads import UploadError
from official_statistics.releases import ReleaseError
from register.access_grants import GrantError
from register.access_record import Entry, RecordError, record_access
from register.appearance import build_style_sheet
from register.approvals import ApprovalError
from register.feeds import LedgerError
from register.review import ReviewError
from register.settings import Settings
from register.signatory_keys import SignatoryKeyError

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
    # Forms are checked for their origin, which a browser would not send under `no-referrer`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
STRICT_TRANSPORT = "max-age=31536000"
TOO_MANY = "Too many requests came from your address in one minute. Try again in a minute.\n"
FAILED = (
    "The application failed, and nothing was written. The operator's log has the kind of error."
)
ROUTERS = (
    sign_in_views.router,
    oidc_views.router,
    home_views.router,
    review_views.router,
    review_forms.router,
    second_opinion_views.router,
    help_views.router,
    delivery_views.router,
    deliver_views.router,
    delivered_views.router,
    status_views.router,
    audit_views.router,
    outbox_views.router,
    row_views.router,
    approval_views.router,
    release_views.router,
    release_forms.router,
    log_views.router,
    quality_views.router,
)
# Errors that are shown to the user as a page, with the HTTP status and the heading.
REFUSALS: dict[type[Exception], tuple[int, str]] = {
    ForbiddenError: (403, "This is not allowed"),
    ReviewError: (400, "This cannot be done"),
    LedgerError: (400, "This cannot be done"),
    NotFoundError: (404, "This page does not exist"),
    ClaimedError: (409, "A colleague is working on this"),
    StaleFormError: (409, "This has changed since you opened it"),
    RecordError: (503, "The access record is not in order"),
    ApprovalError: (403, "Another person has to do this"),
    ReleaseError: (409, "This step is refused"),
    SignatoryKeyError: (403, "Nothing was signed"),
    GrantError: (503, "The access grants are not in order"),
    BusyError: (429, "Too many requests at once"),
}


def create_app(settings: Settings, report_release: Report | None = None) -> FastAPI:
    """Create the web application for a home.

    `report_release` is called with each release whose state changed.
    """
    app = FastAPI(title="register web", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.report_release = report_release
    app.state.sessions = Sessions(settings)
    app.state.failures = sign_in_views.SignInFailures()
    app.state.judges = sign_in_views.PasswordChecks()
    app.state.filters = FilterLimiter()
    app.state.requests = RequestLimits(settings.web)
    app.state.checks = UploadChecks()
    for router in ROUTERS:
        app.include_router(router)
    app.get("/style.css", include_in_schema=False)(read_style_sheet)
    app.mount(API_PATH, create_api(app.state))
    _add_error_pages(app)
    _add_upload_refusals(app)
    app.middleware("http")(_complete_response)
    oidc_views.add_oidc(app, settings)
    hosts = [*LOOPBACK_HOSTS, *filter(None, [settings.web.host])]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    return app


def read_style_sheet() -> Response:
    """Return the style of the application's pages."""
    text = build_style_sheet("interfaces.web", "templates/style.css")
    return PlainTextResponse(text, media_type="text/css")


async def _complete_response(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Add the security headers and the session cookie to a response."""
    try:
        if request.app.state.requests.count_request(request):
            response = await call_next(request)
        else:
            response = _refuse_many(request)
    except Exception as error:
        # The message and the traceback may contain a value of a row, so they are not logged.
        LOGGER.error("%s failed: %s", request.method, type(error).__name__)
        response = _answer_failure(request)
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


def _is_machine(request: Request) -> bool:
    """Return whether a program sent the request, and reads a problem rather than a page."""
    is_script = request.headers.get("accept", "").startswith("application/json")
    return request.url.path.startswith(f"{API_PATH}/") or is_script


def _refuse_many(request: Request) -> Response:
    if _is_machine(request):
        answer: Response = build_problem(429, "Too many requests", TOO_MANY.strip())
    else:
        answer = PlainTextResponse(TOO_MANY, 429)
    answer.headers["Retry-After"] = "60"
    return answer


def _answer_failure(request: Request) -> Response:
    title = "Something went wrong"
    if _is_machine(request):
        return build_problem(500, title, FAILED)
    return render_page(request, "message.html", None, 500, title=title, text=FAILED)


def _add_error_pages(app: FastAPI) -> None:
    @app.exception_handler(NotSignedInError)
    def _redirect_to_sign_in(request: Request, error: Exception) -> Response:
        return RedirectResponse(f"/sign-in?then={_find_return_path(request)}", 303)

    @app.exception_handler(PurposeMissingError)
    def _redirect_to_purpose(request: Request, error: Exception) -> Response:
        return RedirectResponse(f"/purpose?then={_find_return_path(request)}", 303)

    @app.exception_handler(NothingPublishedError)
    def _answer_nothing_published(request: Request, error: Exception) -> Response:
        return _render_message(request, 503, "Nothing is published yet", "Run register load first.")

    @app.exception_handler(duckdb.IOException)
    def _answer_removed_generation(request: Request, error: Exception) -> Response:
        text = "The generation that you were reading no longer exists. Open the page again."
        return _render_message(request, 503, "Another generation is published", text)

    @app.exception_handler(RequestValidationError)
    def _answer_invalid_request(request: Request, error: Exception) -> Response:
        # The page must not repeat the submitted values, so it has a fixed text.
        return _render_message(request, 404, "There is no such page", "Check the address.")

    @app.exception_handler(HTTPException)
    def _answer_http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _render_message(request, 404, "There is no such page", "Check the address.")
        return _render_message(request, error.status_code, "This cannot be done", str(error.detail))

    def _refuse(request: Request, error: Exception) -> Response:
        status, title = next(
            details for kind, details in REFUSALS.items() if isinstance(error, kind)
        )
        text = str(error.args[0]) if error.args else ""
        _record_refusal(request, error)
        return _render_message(request, status, title, text)

    for kind in REFUSALS:
        app.add_exception_handler(kind, _refuse)


def _add_upload_refusals(app: FastAPI) -> None:
    @app.exception_handler(UploadError)
    def _refuse_upload(request: Request, error: UploadError) -> Response:
        if _is_machine(request):
            return build_problem(error.status, "Refused", str(error), error.offset)
        return _render_message(request, error.status, "This cannot be done", str(error))


def _record_refusal(request: Request, error: Exception) -> None:
    """Record what a signed-in person may not do, by the route and without what they sent."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    is_signed_in = visitor is not None and visitor.account is not None
    if is_signed_in and isinstance(error, (ForbiddenError, SignatoryKeyError)):
        route = getattr(request.scope.get("route"), "path", "")
        record_access(get_settings(request), Entry("refusal", route))


def _render_message(request: Request, status: int, title: str, text: str) -> Response:
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return render_page(request, "message.html", visitor, status, title=title, text=text)


def _find_return_path(request: Request) -> str:
    """Return the path to open after sign-in: the requested page, or `/` if a form was sent."""
    from urllib.parse import quote

    path = request.url.path if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return quote(path + query, safe="")
