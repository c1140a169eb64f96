"""The stand-alone page of `register check --serve`, which checks files in memory.

The page has no accounts and no home, and it runs no script. The rules belong in `register.feeds`,
and the result's part of the page in `interfaces.web.check_page`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware.trustedhost import TrustedHostMiddleware

from interfaces.web.app import HEADERS, LOOPBACK_HOSTS, read_style_sheet
from interfaces.web.check_page import render_check
from interfaces.web.pages import get_template
from register.feeds import (
    CheckedDelivery,
    FeedbackLine,
    LayoutError,
    check_files,
    load_contracts,
)
from register.settings import Settings
from register.supplier_names import name_suppliers

LOGGER = logging.getLogger(__name__)
# The feedback on a checked delivery, and notes about rules that were not checked.
ListFeedback = Callable[[CheckedDelivery], tuple[Sequence[FeedbackLine], Sequence[str]]]
# The form's own fields and the lines between its parts.
OVERHEAD_BYTES = 1 << 20
MAX_FIELDS = 20
SENT_FIELDS = ("files", "folder")
PLACE_FIELDS = ("feed", "supplier", "period")


def create_check_app(settings: Settings, list_feedback: ListFeedback) -> FastAPI:
    """Create the application that checks a delivery for anybody on this machine."""
    app = FastAPI(title="register check", docs_url=None, redoc_url=None, openapi_url=None)
    # One check at a time: a delivery is in memory as a whole.
    lock = asyncio.Lock()

    @app.get("/")
    def show_form() -> Response:
        return _render(settings)

    @app.post("/")
    async def show_result(request: Request) -> Response:
        _refuse_other_sites(request)
        _refuse_large(request, settings.limits.delivery_bytes + OVERHEAD_BYTES)
        async with lock:
            form = await _read_form(request, settings.limits.archive_members)
            try:
                files = await _read_files(form)
                place = [str(form.get(name) or "").strip() for name in PLACE_FIELDS]
                return await run_in_threadpool(_build_answer, settings, list_feedback, files, place)
            finally:
                await form.close()

    @app.exception_handler(HTTPException)
    def answer_refusal(request: Request, error: HTTPException) -> Response:
        text = "There is no such page." if error.status_code == 404 else str(error.detail)
        return _render(settings, error.status_code, fault=text)

    app.get("/style.css", include_in_schema=False)(read_style_sheet)
    app.middleware("http")(_complete_response)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_HOSTS, www_redirect=False)
    return app


async def _complete_response(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        response = await call_next(request)
    except Exception as error:
        # The message and the traceback may contain a value of a record, so they are not logged.
        LOGGER.error("the check failed: %s", type(error).__name__)
        response = HTMLResponse("<p>The check failed. Nothing was kept.</p>", 500)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


class _MemoryParser(MultiPartParser):
    """A parser of forms that writes no part of a form to disk."""

    spool_max_size = 1 << 40


async def _read_form(request: Request, max_files: int) -> FormData:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise HTTPException(400, "Send the files with the form of this page.")
    parser = _MemoryParser(
        request.headers, request.stream(), max_files=max_files, max_fields=MAX_FIELDS
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise HTTPException(400, "The form cannot be read, or has too many files.") from error


async def _read_files(form: FormData) -> dict[str, bytes]:
    """Return the bytes of each sent file by its name, in which a path leads nowhere else."""
    files: dict[str, bytes] = {}
    for field in SENT_FIELDS:
        for item in form.getlist(field):
            if isinstance(item, UploadFile) and item.filename:
                parts = PurePosixPath(item.filename.replace("\\", "/")).parts
                name = "/".join(part for part in parts if part not in ("/", ".", ".."))
                files[name or "file"] = await item.read()
    return files


def _refuse_other_sites(request: Request) -> None:
    origin = request.headers.get("origin")
    is_own = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_own or request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "The form came from another site and was ignored.")


def _refuse_large(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise HTTPException(411, "The size of the files is missing. Send them with this form.")
    if int(length) > limit:
        raise HTTPException(
            413, f"The files are too large. At most {limit >> 20} MB can be checked at once."
        )


def _build_answer(
    settings: Settings, list_feedback: ListFeedback, files: dict[str, bytes], place: list[str]
) -> Response:
    feed, supplier_code, period = place
    chosen = dict(zip(PLACE_FIELDS, place, strict=True))
    if feed not in load_contracts():
        return _render(settings, 400, fault="Choose a feed of the list.", chosen=chosen)
    if not files:
        return _render(settings, 400, fault="Choose at least one file.", chosen=chosen)
    try:
        checked = check_files(settings, files, feed, supplier_code, period, datetime.now(UTC))
        lines, notes = list_feedback(checked)
    except LayoutError:
        text = "The layout of this supplier cannot be used. Tell the register's team."
        return _render(settings, 500, fault=text, chosen=chosen)
    return _render(settings, result=render_check(checked, lines, notes), chosen=chosen)


def _render(
    settings: Settings,
    status: int = 200,
    *,
    fault: str = "",
    result: str = "",
    chosen: dict[str, str] | None = None,
) -> Response:
    text = get_template("check_form.html").render(
        visitor=None,
        navigation=(),
        fault=fault,
        result=result,
        chosen=chosen or dict.fromkeys(PLACE_FIELDS, ""),
        feeds=list(load_contracts()),
        suppliers=name_suppliers(settings.seeds),
        limit=settings.limits.delivery_bytes >> 20,
    )
    return HTMLResponse(text, status)
