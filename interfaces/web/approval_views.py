"""The page of requests for acts that need two people: approve or refuse another person's."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.authorisation import ForbiddenError, Form, Staff, read_field
from interfaces.web.pages import get_settings, render_page
from register.approvals import decide_request, read_approvals

router = APIRouter()
SHOWN_DECIDED = 50


@router.get("/approvals")
def show_approvals(request: Request, visitor: Staff) -> Response:
    """Show open requests with a form for each, and the latest decided ones."""
    requests = read_approvals(get_settings(request))
    return render_page(
        request,
        "approvals.html",
        visitor,
        open_requests=[each for each in requests if each.is_open],
        decided=[each for each in reversed(requests) if not each.is_open][:SHOWN_DECIDED],
    )


@router.post("/approvals/{request_id}")
def decide(request: Request, visitor: Staff, form: Form, request_id: str) -> Response:
    """Approve or refuse a request as the signed-in person, who cannot approve their own."""
    chosen = read_field(form, "decision")
    if chosen not in ("approved", "refused"):
        raise ForbiddenError("Choose to approve or to refuse.")
    decision: Literal["approved", "refused"] = "approved" if chosen == "approved" else "refused"
    decide_request(get_settings(request), request_id, decision, read_field(form, "reason")[:500])
    return RedirectResponse("/approvals", 303)
