"""Second opinions: pairs that somebody else has judged, judged again without that judgement.

Weights, outcome and the other judgement are hidden. An answer is a judgement and changes nothing.
"""

from __future__ import annotations

from typing import cast, get_args

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Form, Looking, Staff, note_view, text_of
from interfaces.web.listed_questions import keys_of_pair
from interfaces.web.pages import generation_of, settings_of, show
from register.review import (
    CaseLists,
    Judgement,
    Pair,
    Purpose,
    ReviewError,
    compare_records,
    first_judgements,
    measure_reliability,
    read_judgements,
    record_judgement,
)
from register.settings import Settings

router = APIRouter()
JUDGEMENT_WORDS: dict[Judgement, str] = {
    "same": "One child",
    "different": "Two children",
    "unsure": "The records do not tell",
}


@router.get("/review/second-opinions")
def waiting_list(request: Request, visitor: Staff) -> Response:
    """Pairs that others have judged and the visitor has not; how often two judged alike."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists:
        pairs = pairs_to_judge(settings, case_lists, visitor.name)
    return show(
        request,
        "second_opinions.html",
        visitor,
        pairs=pairs,
        reliability=measure_reliability(read_judgements(settings)),
    )


@router.get("/review/pairs/{pair_id}/opinion")
def opinion_page(request: Request, visitor: Looking, pair_id: str) -> Response:
    """Both records, and nothing of what the model or anybody else says of them."""
    with CaseLists(generation_of(request)) as case_lists:
        pair = case_lists.read_pair(pair_id)
        left, right = case_lists.mentions_of([pair.left_mention_key, pair.right_mention_key])
        ids = [left.mention_id_register, right.mention_id_register]
        children = [left.child_id_register, right.child_id_register]
        keys = keys_of([pair_id], children, ids)
        note_view(request, visitor, "second_opinion", case_lists.generation_id, keys)
        return show(
            request,
            "opinion.html",
            visitor,
            pair=pair,
            left=left,
            right=right,
            rows=compare_records(case_lists, left, right, []),
            choices=JUDGEMENT_WORDS,
        )


@router.post("/review/pairs/{pair_id}/opinion")
def give_opinion(request: Request, visitor: Staff, form: Form, pair_id: str) -> Response:
    """Write what a second person thinks of a pair."""
    settings = settings_of(request)
    answer = text_of(form, "judgement")
    if answer not in get_args(Judgement):
        raise ReviewError("choose one of the answers")
    with CaseLists(generation_of(request)) as case_lists:
        pair = case_lists.read_pair(pair_id)
    judged_by = first_judgements(read_judgements(settings)).get(keys_of_pair(pair), {})
    if visitor.name in judged_by:
        raise ReviewError("you have judged this pair already: a second opinion is another person's")
    purpose: Purpose = "double" if judged_by else "blind"
    record_judgement(
        settings,
        keys_of_pair(pair),
        cast(Judgement, answer),
        by=visitor.name,
        is_blind=True,
        purpose=purpose,
    )
    return RedirectResponse("/review/second-opinions", 303)


def pairs_to_judge(settings: Settings, case_lists: CaseLists, name: str) -> list[Pair]:
    """The pairs that others have judged and this reviewer has not."""
    judged = first_judgements(read_judgements(settings))
    return [
        pair
        for (left, right), by_reviewer in sorted(judged.items())
        if name not in by_reviewer
        for pair in case_lists.pairs_between([left], [right])
    ]
