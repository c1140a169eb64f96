"""The page *Status* for the data team: loads, suppliers, disk, schedule and alerts of the home.

The facts are those of `register status`. Decisions are sent to the page of each delivery.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import SeesAllNames
from interfaces.web.delivery_views import fingerprint_delivery, list_choices
from interfaces.web.pages import get_settings, render_page
from register.home_status import GIGABYTE, LOAD_ZONE, describe_delivery, read_home_status

router = APIRouter()
# How many deliveries of each kind the page lists; the page *Deliveries* has all.
SHOWN = 20


@router.get("/status")
def show_status(request: Request, visitor: SeesAllNames) -> Response:
    """Show what the home needs of its operators, with the decisions that are possible."""
    settings = get_settings(request)
    home = read_home_status(settings)
    shown = {entry.delivery_id: entry for entry in (*home.faulty[:SHOWN], *home.held[:SHOWN])}
    listed = (*shown.values(), *home.rejected[:SHOWN])
    return render_page(
        request,
        "status.html",
        visitor,
        home=home,
        names={entry.delivery_id: describe_delivery(settings, entry) for entry in listed},
        choices={name: list(list_choices(settings, entry)) for name, entry in shown.items()},
        seen={name: fingerprint_delivery(settings, entry) for name, entry in shown.items()},
        shown=SHOWN,
        gigabyte=GIGABYTE,
        zone=LOAD_ZONE,
        dagster_url=settings.watch.dagster_url,
    )
