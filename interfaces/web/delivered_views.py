"""Pages of what a supplier delivered before: its outcome, receipt, feedback and messages."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import SupplierVisitor
from interfaces.web.csv_responses import build_file_response
from interfaces.web.pages import get_settings, render_page, slice_page
from interfaces.web.supplier_history import (
    find_own_delivery,
    list_messages,
    list_own_history,
    read_message,
    read_own_feedback,
    read_own_receipt,
)
from register import feeds
from register.access_record import Entry, record_access

router = APIRouter()
PAGE = 100
MAX_SHOWN = 200


@router.get("/delivered")
def show_history(request: Request, visitor: SupplierVisitor, page: int = 1) -> Response:
    """Show the supplier's deliveries, by whichever way they came, and the messages for it."""
    settings = get_settings(request)
    own = list_own_history(settings, visitor.supplier_codes)
    listed, pages = slice_page(own, page, PAGE)
    return render_page(
        request,
        "delivered_list.html",
        visitor,
        deliveries=listed,
        messages=list_messages(settings, visitor.supplier_codes)[:PAGE],
        **pages,
    )


@router.get("/delivered/{delivery_id}")
def show_delivered(request: Request, visitor: SupplierVisitor, delivery_id: str) -> Response:
    """Show one delivery: its outcome, its rows, and what to put right."""
    settings = get_settings(request)
    own = find_own_delivery(settings, visitor.supplier_codes, delivery_id)
    entry = own.entry
    record_access(settings, Entry("view", "supplier_feedback", keys=(delivery_id,)))
    lines = read_own_feedback(settings, entry)
    receipt = feeds.read_receipt(settings, entry.delivery_id)
    rules = {rule.rule_code: rule for rule in feeds.list_feed_rules(settings.seeds, entry.feed)}
    return render_page(
        request,
        "delivered.html",
        visitor,
        own=own,
        entry=entry,
        rule=rules.get(entry.reject_rule_code or entry.hold_rule_code or ""),
        received=entry.count_received_rows_by_table(),
        landed=entry.count_landed_rows_by_table(),
        receipt=receipt.parse() if receipt else None,
        lines=lines[:MAX_SHOWN],
        count=len(lines),
    )


@router.get("/delivered/{delivery_id}/feedback.csv")
def export_feedback(request: Request, visitor: SupplierVisitor, delivery_id: str) -> Response:
    """Return what to put right in a delivery as a CSV file."""
    settings = get_settings(request)
    own = find_own_delivery(settings, visitor.supplier_codes, delivery_id)
    record_access(settings, Entry("export", "supplier_feedback", keys=(delivery_id,)))
    text = feeds.format_feedback(read_own_feedback(settings, own.entry))
    return build_file_response("feedback.csv", text)


@router.get("/delivered/{delivery_id}/receipt.json")
def export_receipt(request: Request, visitor: SupplierVisitor, delivery_id: str) -> Response:
    """Return the receipt of a delivery as a file."""
    receipt = read_own_receipt(get_settings(request), visitor.supplier_codes, delivery_id)
    return _build_file(receipt.content, f"{delivery_id}.json")


@router.get("/delivered/{delivery_id}/receipt.json.jws")
def export_signature(request: Request, visitor: SupplierVisitor, delivery_id: str) -> Response:
    """Return the signature of a receipt as a file."""
    receipt = read_own_receipt(get_settings(request), visitor.supplier_codes, delivery_id)
    return _build_file(receipt.signature, f"{delivery_id}.json.jws")


@router.get("/messages/{file_name}")
def export_message(request: Request, visitor: SupplierVisitor, file_name: str) -> Response:
    """Return a message of the register to the supplier as a file."""
    settings = get_settings(request)
    content = read_message(settings, visitor.supplier_codes, file_name)
    record_access(settings, Entry("export", "supplier_message", keys=visitor.supplier_codes))
    return _build_file(content)


def _build_file(content: bytes, name: str = "") -> Response:
    """Build a response that a browser saves. `name` is that of a delivery in the ledger."""
    place = f'attachment; filename="{name}"' if name else "attachment"
    headers = {"Content-Disposition": place}
    return Response(content, media_type="application/octet-stream", headers=headers)
