"""Second opinions on pairs that another reviewer has judged.

Match weights, the outcome and the other reviewer's judgement are hidden. An answer is only a
judgement and changes nothing in the register.
"""

from __future__ import annotations

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
from interfaces.web.pages import Visitor, get_settings, render_page
from interfaces.web.review_questions import (
    AreaFilter,
    open_case_lists,
    read_own_pair,
    sort_pair_keys,
)
from register import review
from register.settings import Settings

router = APIRouter()
JUDGEMENT_LABELS: dict[review.Judgement, str] = {
    "same": "One child",
    "different": "Two children",
    "unsure": "The records do not tell",
}


@router.get("/review/second-opinions")
def show_second_opinions(request: Request, visitor: SeesNames) -> Response:
    """List pairs that others judged and the visitor did not, and how often two reviewers agree."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        pairs = list_pairs_to_judge(settings, case_lists, visitor)
    return render_page(
        request,
        "second_opinions.html",
        visitor,
        pairs=pairs,
        reliability=review.measure_reliability(review.read_judgements(settings))
        if visitor.access.sees_everything("identity")
        else None,
    )


@router.get("/review/pairs/{pair_id}/opinion")
def show_opinion_form(request: Request, visitor: SeesNamesWithPurpose, pair_id: str) -> Response:
    """Show both records without weights, outcome and other people's judgements."""
    with open_case_lists(request) as case_lists:
        pair = read_own_pair(case_lists, visitor, pair_id)
        left, right = case_lists.mentions_of([pair.left_mention_key, pair.right_mention_key])
        ids = [left.mention_id_register, right.mention_id_register]
        children = [left.child_id_register, right.child_id_register]
        keys = list_view_keys([pair_id], children, ids)
        record_view(request, visitor, "second_opinion", case_lists.generation_id, keys)
        return render_page(
            request,
            "opinion.html",
            visitor,
            pair=pair,
            left=left,
            right=right,
            rows=review.compare_records(case_lists, left, right, []),
            choices=JUDGEMENT_LABELS,
        )


@router.post("/review/pairs/{pair_id}/opinion")
def save_opinion(request: Request, visitor: SeesNames, form: Form, pair_id: str) -> Response:
    """Record the visitor's judgement of a pair."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        pair = read_own_pair(case_lists, visitor, pair_id)
    answer = read_field(form, "judgement")
    if answer not in get_args(review.Judgement):
        raise review.ReviewError("choose one of the answers")
    judged_by = review.first_judgements(review.read_judgements(settings)).get(
        sort_pair_keys(pair), {}
    )
    if visitor.name in judged_by:
        raise review.ReviewError(
            "you have already judged this pair: a second opinion needs another person"
        )
    purpose: review.Purpose = "double" if judged_by else "blind"
    review.record_judgement(
        settings,
        sort_pair_keys(pair),
        cast(review.Judgement, answer),
        by=visitor.name,
        is_blind=True,
        purpose=purpose,
    )
    return RedirectResponse("/review/second-opinions", 303)


def list_pairs_to_judge(
    settings: Settings, case_lists: review.CaseLists, visitor: Visitor
) -> list[review.Pair]:
    """List the pairs that others have judged and this reviewer has not, but may."""
    area_filter = AreaFilter(case_lists, visitor.access)
    judged = review.first_judgements(review.read_judgements(settings))
    return [
        pair
        for (left, right), by_reviewer in sorted(judged.items())
        if visitor.name not in by_reviewer
        for pair in case_lists.pairs_between([left], [right])
        if area_filter.shows_pair(pair)
    ]
