"""The access log as a page: whether its chain is whole, and who looked at what."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter, Request, Response

from interfaces.web.access_log import read_log, verify_log
from interfaces.web.asking import Staff
from interfaces.web.pages import settings_of, show

router = APIRouter()
SHOWN = 200


@router.get("/log")
def access_log(request: Request, visitor: Staff, key: str = "") -> Response:
    """The last views, or those of one key; the chain is followed from its beginning."""
    settings = settings_of(request)
    wanted = key.strip() or None
    entries = list(read_log(settings, wanted))
    return show(
        request,
        "log.html",
        visitor,
        verification=verify_log(settings),
        entries=list(islice(reversed(entries), SHOWN)),
        count=len(entries),
        key=wanted or "",
        shown=SHOWN,
    )
