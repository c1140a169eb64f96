"""The page of requests for acts that need two people: approve or refuse another person's."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.authorisation import ForbiddenError, Form, LevelRequired, SignedIn, read_field
from interfaces.web.pages import Visitor, get_settings, render_page
from register.approvals import ACTS, decide_request, read_approvals

router = APIRouter()


def require_approver(request: Request, visitor: SignedIn) -> Visitor:
    """Return the visitor if they sign releases, or see names of the whole nation.

    A request has keys, and no name.
    """
    if visitor.name in get_settings(request).signatories:
        return visitor
    return LevelRequired("identity", is_national=True)(visitor)


Approver = Annotated[Visitor, Depends(require_approver)]
SHOWN_DECIDED = 50


@router.get("/approvals")
def show_approvals(request: Request, visitor: Approver) -> Response:
    """Show open requests with a form for each, and the latest decided ones."""
    requests = read_approvals(get_settings(request))
    return render_page(
        request,
        "approvals.html",
        visitor,
        acts=ACTS,
        open_requests=[each for each in requests if each.is_open],
        decided=[each for each in reversed(requests) if not each.is_open][:SHOWN_DECIDED],
    )


@router.post("/approvals/{request_id}")
def decide(request: Request, visitor: Approver, form: Form, request_id: str) -> Response:
    """Approve or refuse a request as the signed-in person, who cannot approve their own."""
    chosen = read_field(form, "decision")
    if chosen not in ("approved", "refused"):
        raise ForbiddenError("Choose to approve or to refuse.")
    decision: Literal["approved", "refused"] = "approved" if chosen == "approved" else "refused"
    decide_request(get_settings(request), request_id, decision, read_field(form, "reason")[:500])
    return RedirectResponse("/approvals", 303)
