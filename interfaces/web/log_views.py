"""The page of the access record: whether it is complete, and who saw or did what."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import SeesAllNames
from interfaces.web.pages import get_settings, render_page
from register.access_record import read_record, verify_record
from register.outside_record import read_recorded_heads

router = APIRouter()
SHOWN_ENTRIES = 200


@router.get("/log")
def show_log(request: Request, visitor: SeesAllNames, key: str = "") -> Response:
    """Show the latest entries (or those about one key), and verify the whole record."""
    settings = get_settings(request)
    chosen_key = key.strip() or None
    entries = list(read_record(settings, chosen_key))
    return render_page(
        request,
        "log.html",
        visitor,
        verification=verify_record(settings, read_recorded_heads(settings)),
        entries=list(islice(reversed(entries), SHOWN_ENTRIES)),
        count=len(entries),
        key=chosen_key or "",
        shown=SHOWN_ENTRIES,
    )
