"""Forms about a question of the review list: claim, preview a decision, decide, undo.

They call the same functions and write the same file as the commands at the terminal.
"""

from __future__ import annotations

from datetime import date
from typing import cast, get_args

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.authorisation import (
    Form,
    SeesNames,
    SeesNamesWithPurpose,
    list_view_keys,
    read_field,
    record_view,
)
from interfaces.web.claims import ClaimedError, claim_question, read_claims, release_question
from interfaces.web.cluster_drawing import draw_cluster
from interfaces.web.pages import get_settings, render_page
from interfaces.web.review_questions import (
    fingerprint_pair,
    list_questions,
    open_case_lists,
    read_own_pair,
    sort_pair_keys,
)
from interfaces.web.review_views import REASON_CODES, list_choices
from interfaces.web.stale_forms import refuse_stale
from register import review
from register.choices import Decision, ReasonCode
from register.decision_files import hold_decisions
from register.settings import Settings

router = APIRouter()


@router.post("/review/next")
def take_next_question(request: Request, visitor: SeesNames, form: Form) -> Response:
    """Claim the most valuable open question that nobody has claimed."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        listed = list_questions(settings, case_lists, read_field(form, "cause") or None, visitor)
    for question in listed:
        if question.decided is None and question.claim is None:
            try:
                claim_question(settings, question.pair.review_pair_id, visitor.name)
            except ClaimedError:
                continue
            return _redirect_to_pair(question.pair.review_pair_id)
    return RedirectResponse("/review", 303)


@router.post("/review/pairs/{pair_id}/claim")
def claim_pair(request: Request, visitor: SeesNames, form: Form, pair_id: str) -> Response:
    """Claim a question, or take over another person's claim."""
    with open_case_lists(request) as case_lists:
        read_own_pair(case_lists, visitor, pair_id)
    is_taken_over = read_field(form, "take_over") == "yes"
    claim_question(get_settings(request), pair_id, visitor.name, is_taken_over=is_taken_over)
    return _redirect_to_pair(pair_id)


@router.post("/review/pairs/{pair_id}/release")
def release_pair(request: Request, visitor: SeesNames, form: Form, pair_id: str) -> Response:
    """End one's own claim on a question."""
    with open_case_lists(request) as case_lists:
        read_own_pair(case_lists, visitor, pair_id)
    release_question(get_settings(request), pair_id, visitor.name)
    return RedirectResponse("/review", 303)


@router.post("/review/pairs/{pair_id}/preview")
def preview_decision(
    request: Request, visitor: SeesNamesWithPurpose, form: Form, pair_id: str
) -> Response:
    """Show what a decision would change. Only the view is recorded."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        pair = read_own_pair(case_lists, visitor, pair_id)
        decision, reason_code, reason, expires_on = _read_decision(form, pair)
        in_force = review.decisions_in_force(settings)
        forecast = review.forecast_decision(case_lists, in_force, sort_pair_keys(pair), decision)
        members = [mention for child in forecast.before for mention in child]
        record_view(
            request,
            visitor,
            "review_preview",
            case_lists.generation_id,
            list_view_keys(
                [pair_id],
                [mention.child_id_register for mention in members],
                [mention.mention_id_register for mention in members],
            ),
        )
        keys = sort_pair_keys(pair)
        return render_page(
            request,
            "preview.html",
            visitor,
            pair=pair,
            decision=decision,
            decision_words=list_choices(pair)[decision],
            reason=reason,
            reason_code=reason_code,
            expires_on=expires_on,
            forecast=forecast,
            before=draw_cluster(case_lists, forecast.before, keys, "Now", members),
            after=draw_cluster(case_lists, forecast.after, keys, "After the decision", members),
            claim=read_claims(settings).get(pair_id),
            seen=read_field(form, "seen"),
        )


@router.post("/review/pairs/{pair_id}/decide")
def decide_pair(
    request: Request, visitor: SeesNamesWithPurpose, form: Form, pair_id: str
) -> Response:
    """Record a decision, unless something shown on its page changed since the page was opened."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists, hold_decisions(settings):
        pair = read_own_pair(case_lists, visitor, pair_id)
        decision, reason_code, reason, expires_on = _read_decision(form, pair)
        _refuse_other_claim(settings, pair_id, visitor.name)
        now = fingerprint_pair(settings, case_lists, pair)
        refuse_stale(read_field(form, "seen"), now, f"Pair {pair_id}")
        review.record_decision(
            settings,
            case_lists,
            sort_pair_keys(pair),
            decision,
            by=visitor.name,
            reason=reason,
            reason_code=reason_code,
            expires_on=expires_on,
        )
    release_question(settings, pair_id, visitor.name)
    return RedirectResponse("/review/decided", 303)


@router.post("/review/pairs/{pair_id}/undo")
def undo_pair(request: Request, visitor: SeesNames, form: Form, pair_id: str) -> Response:
    """Undo the decision that is in force for a pair."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists, hold_decisions(settings):
        pair = read_own_pair(case_lists, visitor, pair_id)
        _refuse_other_claim(settings, pair_id, visitor.name)
        if (seen_fingerprint := read_field(form, "seen")) != "":
            refuse_stale(
                seen_fingerprint, fingerprint_pair(settings, case_lists, pair), f"Pair {pair_id}"
            )
        reason = read_field(form, "reason")
        review.take_back_decision(
            settings,
            by=visitor.name,
            reason=reason,
            keys=sort_pair_keys(pair),
            case_lists=case_lists,
        )
    return _redirect_to_pair(pair_id)


def _refuse_other_claim(settings: Settings, pair_id: str, who: str) -> None:
    current_claim = read_claims(settings).get(pair_id)
    if current_claim is not None and current_claim.by != who:
        raise ClaimedError(current_claim)


def _read_decision(form: Form, pair: review.Pair) -> tuple[Decision, ReasonCode, str, date | None]:
    """Read a form: decision, published reason code, reason in words, and last day of effect."""
    decision, code = read_field(form, "decision"), read_field(form, "reason_code")
    if decision not in list_choices(pair):
        raise review.ReviewError("choose one of the decisions on the page")
    if code not in get_args(ReasonCode) or code not in REASON_CODES:
        raise review.ReviewError("choose one of the published reasons")
    reason, last_day = read_field(form, "reason"), read_field(form, "expires_on")
    if not reason:
        raise review.ReviewError("give the reason in words: a decision needs one")
    try:
        expires_on = date.fromisoformat(last_day) if last_day else None
    except ValueError:
        raise review.ReviewError("the last day is a date such as 2027-03-31") from None
    return cast(Decision, decision), cast(ReasonCode, code), reason, expires_on


def _redirect_to_pair(pair_id: str) -> Response:
    return RedirectResponse(f"/review/pairs/{pair_id}", 303)
