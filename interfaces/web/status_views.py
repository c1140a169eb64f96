"""The page *Status* for the data team: loads, suppliers, disk, schedule and alerts of the home.

The facts are those of `register status`. Decisions are sent to the page of each delivery.
"""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import SeesAllNames
from interfaces.web.delivery_views import fingerprint_delivery, list_choices
from interfaces.web.pages import get_settings, render_page
from register.feeds import Delivery, list_feed_rules
from register.home_status import GIGABYTE, LOAD_ZONE, describe_delivery, read_home_status
from register.settings import Settings

router = APIRouter()
# How many deliveries of each kind the page lists; the page *Deliveries* has all.
SHOWN = 20


@router.get("/status")
def show_status(request: Request, visitor: SeesAllNames) -> Response:
    """Show what the home needs of its operators, with the decisions that are possible."""
    settings = get_settings(request)
    home = read_home_status(settings)
    decidable = {
        entry.delivery_id: entry for entry in (*home.faulty[:SHOWN], *home.held_deliveries[:SHOWN])
    }
    listed = (*decidable.values(), *home.rejected[:SHOWN])
    return render_page(
        request,
        "status.html",
        visitor,
        home=home,
        names={entry.delivery_id: describe_delivery(settings, entry) for entry in listed},
        choices={name: list(list_choices(settings, entry)) for name, entry in decidable.items()},
        rules=_title_rules(settings, listed),
        seen={name: fingerprint_delivery(settings, entry) for name, entry in decidable.items()},
        shown=SHOWN,
        gigabyte=GIGABYTE,
        zone=LOAD_ZONE,
        dagster_url=settings.watch.dagster_url,
    )


def _title_rules(settings: Settings, entries: Iterable[Delivery]) -> dict[str, str]:
    """Return the title of each rule by which one of these deliveries is held or rejected."""
    return {
        rule.rule_code: rule.title
        for feed in {entry.feed for entry in entries}
        for rule in list_feed_rules(settings.seeds, feed)
    }
