"""Pages of deliveries and decisions about them, which show only ids, counts and rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.authorisation import Form, SeesNames, SeesRows, read_field
from interfaces.web.pages import NotFoundError, Visitor, get_settings, render_page, slice_page
from interfaces.web.stale_forms import compute_fingerprint, refuse_stale
from register import feeds
from register.choices import Level
from register.decision_files import hold_decisions
from register.settings import Settings

router = APIRouter()
KINDS = ("held", "decided", "withdrawn", "rejected", "all")
PAGE = 100


@router.get("/deliveries")
def show_deliveries(
    request: Request, visitor: SeesRows, kind: str = "held", page: int = 1
) -> Response:
    """Show the deliveries of one kind, the latest received first."""
    settings = get_settings(request)
    chosen = kind if kind in KINDS else "held"
    decided = feeds.read_hold_decisions(settings)
    withdrawn = feeds.read_withdrawals(settings)
    deliveries = [
        entry
        for entry in reversed(list_own_deliveries(settings, visitor, "exact"))
        if _has_kind(entry, chosen, decided, withdrawn)
    ]
    entries, pages = slice_page(deliveries, page, PAGE)
    return render_page(
        request,
        "deliveries.html",
        visitor,
        entries=entries,
        kind=chosen,
        kinds=KINDS,
        decided=decided,
        withdrawn=withdrawn,
        **pages,
    )


@router.get("/deliveries/{delivery_id}")
def show_delivery(request: Request, visitor: SeesRows, delivery_id: str) -> Response:
    """Show one delivery: its rows, why it is held, and which decisions are possible."""
    settings = get_settings(request)
    entry = _find_delivery(settings, visitor, "exact", delivery_id)
    code = entry.reject_rule_code or entry.hold_rule_code
    rules = {rule.rule_code: rule for rule in feeds.list_feed_rules(settings.seeds, entry.feed)}
    may_decide = visitor.access.sees_area("identity", entry.supplier_code)
    choices = list_choices(settings, entry) if may_decide else {}
    return render_page(
        request,
        "delivery.html",
        visitor,
        entry=entry,
        rule=rules.get(code or ""),
        received=entry.count_received_rows_by_table(),
        landed=entry.count_landed_rows_by_table(),
        decision=feeds.read_hold_decisions(settings).get(delivery_id),
        is_withdrawn=delivery_id in feeds.read_withdrawals(settings),
        choices=list(choices),
        seen=fingerprint_delivery(settings, entry),
        has_site_page=(settings.quality / "site" / "deliveries" / f"{delivery_id}.html").is_file(),
    )


@router.post("/deliveries/{delivery_id}/decide")
def save_decision(request: Request, visitor: SeesNames, form: Form, delivery_id: str) -> Response:
    """Record a decision about a delivery, unless the delivery changed since its page was opened."""
    settings = get_settings(request)
    with hold_decisions(settings):
        entry = _find_delivery(settings, visitor, "identity", delivery_id)
        refuse_stale(
            read_field(form, "seen"),
            fingerprint_delivery(settings, entry),
            f"Delivery {delivery_id}",
        )
        write = list_choices(settings, entry).get(read_field(form, "decision"))
        if write is None:
            raise feeds.LedgerError("choose one of the decisions on the page")
        write(visitor.name, " ".join(read_field(form, "reason").split()))
    return RedirectResponse(f"/deliveries/{delivery_id}", 303)


def list_own_deliveries(settings: Settings, visitor: Visitor, level: Level) -> list[feeds.Delivery]:
    """List the deliveries of the suppliers that the visitor may see at this level."""
    return [
        entry
        for entry in feeds.read_ledger(settings)
        if visitor.access.sees_area(level, entry.supplier_code)
    ]


def is_waiting(entry: feeds.Delivery, decided: Mapping[str, str]) -> bool:
    """Return whether a delivery is held and no person has decided about it."""
    return entry.is_held and entry.delivery_id not in decided


def _has_kind(
    entry: feeds.Delivery, kind: str, decided: Mapping[str, str], withdrawn: frozenset[str]
) -> bool:
    return {
        "held": is_waiting(entry, decided),
        "decided": entry.is_held and entry.delivery_id in decided,
        "withdrawn": entry.delivery_id in withdrawn,
        "rejected": not entry.is_accepted,
        "all": True,
    }[kind]


def list_choices(
    settings: Settings, entry: feeds.Delivery
) -> dict[str, Callable[[str, str], None]]:
    """List the decisions that are possible now, each with the function that records it."""
    name = entry.delivery_id
    decision = feeds.read_hold_decisions(settings).get(name)
    if name in feeds.read_withdrawals(settings):
        return {"reinstate": lambda who, why: feeds.reinstate_delivery(settings, name, who, why)}
    choices: dict[str, Callable[[str, str], None]] = {}
    if entry.is_held and decision != "confirm":
        choices["confirm"] = lambda who, why: feeds.decide_delivery(
            settings, name, "confirm", who, why
        )
    if entry.is_held and decision != "refuse":
        choices["refuse"] = lambda who, why: feeds.decide_delivery(
            settings, name, "refuse", who, why
        )
    if entry.is_accepted and (not entry.is_held or decision == "confirm"):
        choices["withdraw"] = lambda who, why: feeds.withdraw_delivery(settings, name, who, why)
    return choices


def _find_delivery(
    settings: Settings, visitor: Visitor, level: Level, delivery_id: str
) -> feeds.Delivery:
    for entry in list_own_deliveries(settings, visitor, level):
        if entry.delivery_id == delivery_id:
            return entry
    raise NotFoundError("The ledger has no delivery with this id.")


def fingerprint_delivery(settings: Settings, entry: feeds.Delivery) -> str:
    """Return a fingerprint of what a decision about a delivery is based on."""
    return compute_fingerprint(
        entry.is_held,
        entry.hold_rule_code,
        feeds.read_hold_decisions(settings).get(entry.delivery_id),
        entry.delivery_id in feeds.read_withdrawals(settings),
    )
