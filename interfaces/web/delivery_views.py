"""Deliveries that wait for a person, and those that were set aside: ids, counts and rules alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.asking import Form, Staff, text_of
from interfaces.web.pages import NotHereError, settings_of, show
from interfaces.web.stale import mark_of, refuse_stale
from register.decision_files import hold_decisions
from register.feeds import (
    Delivery,
    LedgerError,
    decide_delivery,
    list_feed_rules,
    read_hold_decisions,
    read_ledger,
    read_withdrawals,
    reinstate_delivery,
    withdraw_delivery,
)
from register.settings import Settings

router = APIRouter()
SHOWN = ("held", "decided", "withdrawn", "rejected", "all")
PAGE = 100


@router.get("/deliveries")
def deliveries(request: Request, visitor: Staff, kind: str = "held", page: int = 1) -> Response:
    """The deliveries of one kind, the latest received first."""
    settings = settings_of(request)
    chosen = kind if kind in SHOWN else "held"
    decided = read_hold_decisions(settings.decisions)
    withdrawn = read_withdrawals(settings.decisions)
    found = [
        entry
        for entry in reversed(read_ledger(settings))
        if _is_of(entry, chosen, decided, withdrawn)
    ]
    number = max(page, 1)
    return show(
        request,
        "deliveries.html",
        visitor,
        entries=found[(number - 1) * PAGE : number * PAGE],
        count=len(found),
        kind=chosen,
        kinds=SHOWN,
        decided=decided,
        withdrawn=withdrawn,
        page=number,
        page_count=max(1, -(-len(found) // PAGE)),
    )


@router.get("/deliveries/{delivery_id}")
def delivery(request: Request, visitor: Staff, delivery_id: str) -> Response:
    """One delivery: what came, why it is held, and what can be decided."""
    settings = settings_of(request)
    entry = _entry(settings, delivery_id)
    code = entry.reject_rule_code or entry.hold_rule_code
    rules = {rule.rule_code: rule for rule in list_feed_rules(settings.seeds, entry.feed)}
    choices = _choices(settings, entry)
    return show(
        request,
        "delivery.html",
        visitor,
        entry=entry,
        rule=rules.get(code or ""),
        received=entry.count_received_rows_by_table(),
        landed=entry.count_landed_rows_by_table(),
        decision=read_hold_decisions(settings.decisions).get(delivery_id),
        is_withdrawn=delivery_id in read_withdrawals(settings.decisions),
        choices=list(choices),
        seen=_mark(settings, entry),
        has_site_page=(settings.quality / "site" / "deliveries" / f"{delivery_id}.html").is_file(),
    )


@router.post("/deliveries/{delivery_id}/decide")
def decide(request: Request, visitor: Staff, form: Form, delivery_id: str) -> Response:
    """Write a decision on a delivery, if it is still what the page showed."""
    settings = settings_of(request)
    with hold_decisions(settings):
        entry = _entry(settings, delivery_id)
        refuse_stale(text_of(form, "seen"), _mark(settings, entry), f"Delivery {delivery_id}")
        write = _choices(settings, entry).get(text_of(form, "decision"))
        if write is None:
            raise LedgerError("choose one of the decisions that the page offers")
        write(visitor.name, " ".join(text_of(form, "reason").split()))
    return RedirectResponse(f"/deliveries/{delivery_id}", 303)


def is_waiting(entry: Delivery, decided: Mapping[str, str]) -> bool:
    """Whether a delivery is held and nobody has decided."""
    return entry.is_held and entry.delivery_id not in decided


def _is_of(
    entry: Delivery, kind: str, decided: Mapping[str, str], withdrawn: frozenset[str]
) -> bool:
    return {
        "held": is_waiting(entry, decided),
        "decided": entry.is_held and entry.delivery_id in decided,
        "withdrawn": entry.delivery_id in withdrawn,
        "rejected": not entry.is_accepted,
        "all": True,
    }[kind]


def _choices(settings: Settings, entry: Delivery) -> dict[str, Callable[[str, str], None]]:
    """What can be decided about a delivery now, and what writes it by name and reason."""
    name = entry.delivery_id
    decision = read_hold_decisions(settings.decisions).get(name)
    if name in read_withdrawals(settings.decisions):
        return {"reinstate": lambda who, why: reinstate_delivery(settings, name, who, why)}
    found: dict[str, Callable[[str, str], None]] = {}
    if entry.is_held and decision != "confirm":
        found["confirm"] = lambda who, why: decide_delivery(settings, name, "confirm", who, why)
    if entry.is_held and decision != "refuse":
        found["refuse"] = lambda who, why: decide_delivery(settings, name, "refuse", who, why)
    if entry.is_accepted and (not entry.is_held or decision == "confirm"):
        found["withdraw"] = lambda who, why: withdraw_delivery(settings, name, who, why)
    return found


def _entry(settings: Settings, delivery_id: str) -> Delivery:
    found = next((item for item in read_ledger(settings) if item.delivery_id == delivery_id), None)
    if found is None:
        raise NotHereError("No delivery of this id is in the ledger.")
    return found


def _mark(settings: Settings, entry: Delivery) -> str:
    return mark_of(
        entry.is_held,
        entry.hold_rule_code,
        read_hold_decisions(settings.decisions).get(entry.delivery_id),
        entry.delivery_id in read_withdrawals(settings.decisions),
    )
