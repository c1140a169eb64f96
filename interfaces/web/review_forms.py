"""What a reviewer does on a question: take it, see what a decision would change, decide, undo.

Decisions go through the same functions as those of the terminal, into the same file.
"""

from __future__ import annotations

from datetime import date
from typing import cast, get_args

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Form, Looking, Staff, note_view, text_of
from interfaces.web.claims import ClaimedError, claim, read_claims, release
from interfaces.web.cluster_drawing import draw_cluster
from interfaces.web.listed_questions import keys_of_pair, mark_of_pair, questions
from interfaces.web.pages import generation_of, settings_of, show
from interfaces.web.review_views import REASON_CODES, choices_of
from interfaces.web.stale import refuse_stale
from register.choices import Decision, ReasonCode
from register.decision_files import hold_decisions
from register.review import (
    CaseLists,
    Pair,
    ReviewError,
    decisions_in_force,
    forecast_decision,
    record_decision,
    take_back_decision,
)
from register.settings import Settings

router = APIRouter()


@router.post("/review/next")
def next_question(request: Request, visitor: Staff, form: Form) -> Response:
    """Take the most valuable question that is open and that nobody is on."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists:
        found = questions(settings, case_lists, text_of(form, "cause") or None)
    for question in found:
        if question.decided is None and question.claim is None:
            try:
                claim(settings, question.pair.review_pair_id, visitor.name)
            except ClaimedError:
                continue
            return _to(question.pair.review_pair_id)
    return RedirectResponse("/review", 303)


@router.post("/review/pairs/{pair_id}/claim")
def claim_pair(request: Request, visitor: Staff, form: Form, pair_id: str) -> Response:
    """Take a question, or take it over from somebody else."""
    with CaseLists(generation_of(request)) as case_lists:
        case_lists.read_pair(pair_id)
    is_taken_over = text_of(form, "take_over") == "yes"
    claim(settings_of(request), pair_id, visitor.name, is_taken_over=is_taken_over)
    return _to(pair_id)


@router.post("/review/pairs/{pair_id}/release")
def release_pair(request: Request, visitor: Staff, form: Form, pair_id: str) -> Response:
    """Give a question back to the list."""
    release(settings_of(request), pair_id, visitor.name)
    return RedirectResponse("/review", 303)


@router.post("/review/pairs/{pair_id}/preview")
def preview(request: Request, visitor: Looking, form: Form, pair_id: str) -> Response:
    """What a decision would change, before it is taken. Nothing is written but the view."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists:
        pair = case_lists.read_pair(pair_id)
        decision, reason_code, reason, expires_on = _asked(form, pair)
        in_force = decisions_in_force(settings)
        forecast = forecast_decision(case_lists, in_force, keys_of_pair(pair), decision)
        members = [mention for child in forecast.before for mention in child]
        note_view(
            request,
            visitor,
            "review_preview",
            case_lists.generation_id,
            keys_of(
                [pair_id],
                [mention.child_id_register for mention in members],
                [mention.mention_id_register for mention in members],
            ),
        )
        keys = keys_of_pair(pair)
        return show(
            request,
            "preview.html",
            visitor,
            pair=pair,
            decision=decision,
            decision_words=choices_of(pair)[decision],
            reason=reason,
            reason_code=reason_code,
            expires_on=expires_on,
            forecast=forecast,
            before=draw_cluster(case_lists, forecast.before, keys, "Now", members),
            after=draw_cluster(case_lists, forecast.after, keys, "After the decision", members),
            claim=read_claims(settings).get(pair_id),
            seen=text_of(form, "seen"),
        )


@router.post("/review/pairs/{pair_id}/decide")
def decide_pair(request: Request, visitor: Looking, form: Form, pair_id: str) -> Response:
    """Write a decision, if nothing that it is judged by has changed since the page was made."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists, hold_decisions(settings):
        pair = case_lists.read_pair(pair_id)
        decision, reason_code, reason, expires_on = _asked(form, pair)
        _refuse_claimed(settings, pair_id, visitor.name)
        now = mark_of_pair(settings, case_lists, pair)
        refuse_stale(text_of(form, "seen"), now, f"Pair {pair_id}")
        record_decision(
            settings,
            case_lists,
            keys_of_pair(pair),
            decision,
            by=visitor.name,
            reason=reason,
            reason_code=reason_code,
            expires_on=expires_on,
        )
    release(settings, pair_id, visitor.name)
    return RedirectResponse("/review/decided", 303)


@router.post("/review/pairs/{pair_id}/undo")
def undo_pair(request: Request, visitor: Staff, form: Form, pair_id: str) -> Response:
    """Take back the decision in force on a pair."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists, hold_decisions(settings):
        pair = case_lists.read_pair(pair_id)
        _refuse_claimed(settings, pair_id, visitor.name)
        if (seen := text_of(form, "seen")) != "":
            refuse_stale(seen, mark_of_pair(settings, case_lists, pair), f"Pair {pair_id}")
        reason = text_of(form, "reason")
        take_back_decision(settings, by=visitor.name, reason=reason, keys=keys_of_pair(pair))
    return _to(pair_id)


def _refuse_claimed(settings: Settings, pair_id: str, who: str) -> None:
    held = read_claims(settings).get(pair_id)
    if held is not None and held.by != who:
        raise ClaimedError(held)


def _asked(form: Form, pair: Pair) -> tuple[Decision, ReasonCode, str, date | None]:
    """The decision of a form, its published reason, its reason in words, and its last day."""
    decision, code = text_of(form, "decision"), text_of(form, "reason_code")
    if decision not in choices_of(pair):
        raise ReviewError("choose one of the decisions that the page offers")
    if code not in get_args(ReasonCode) or code not in REASON_CODES:
        raise ReviewError("choose one of the reasons that are published")
    reason, last_day = text_of(form, "reason"), text_of(form, "expires_on")
    if not reason:
        raise ReviewError("say why, in words: a decision needs a reason")
    try:
        expires_on = date.fromisoformat(last_day) if last_day else None
    except ValueError:
        raise ReviewError("the last day is a date such as 2027-03-31") from None
    return cast(Decision, decision), cast(ReasonCode, code), reason, expires_on


def _to(pair_id: str) -> Response:
    return RedirectResponse(f"/review/pairs/{pair_id}", 303)
