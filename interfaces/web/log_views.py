"""The page of the access log: whether its chain of hashes is intact, and who viewed what."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter, Request, Response

from interfaces.web.access_log import read_log, verify_log
from interfaces.web.authorisation import Staff
from interfaces.web.pages import get_settings, render_page

router = APIRouter()
SHOWN_VIEWS = 200


@router.get("/log")
def show_log(request: Request, visitor: Staff, key: str = "") -> Response:
    """Show the latest views (or those of one key), and verify the whole chain of hashes."""
    settings = get_settings(request)
    chosen_key = key.strip() or None
    entries = list(read_log(settings, chosen_key))
    return render_page(
        request,
        "log.html",
        visitor,
        verification=verify_log(settings),
        entries=list(islice(reversed(entries), SHOWN_VIEWS)),
        count=len(entries),
        key=chosen_key or "",
        shown=SHOWN_VIEWS,
    )
