"""The review list, and one question of it: both records, their weights, the whole cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Looking, Staff, note_view
from interfaces.web.claims import read_claims
from interfaces.web.cluster_drawing import draw_cluster
from interfaces.web.listed_questions import (
    decided_since,
    keys_of_pair,
    mark_of_pair,
    members_of,
    questions,
)
from interfaces.web.pages import generation_of, settings_of, show
from register.choices import CAUSES, ReasonCode
from register.review import (
    CaseLists,
    Mention,
    Pair,
    ReviewError,
    compare_records,
    decisions_in_force,
    describe_cause,
    describe_outcome,
    find_cause_pair,
)
from register.settings import Settings

router = APIRouter()
PAGE = 50
REASON_CODES: tuple[str, ...] = get_args(ReasonCode)
DECISION_WORDS = {
    "link": "One child: link them",
    "never_link": "Two children: never link them",
    "split": "Two children: split them",
}
# Pixels of a bar for each bit, and the bits at which a bar is cut.
BAR_SCALE, BAR_BITS = 4, 20


@router.get("/review")
def review_list(
    request: Request, visitor: Staff, cause: str | None = None, page: int = 1
) -> Response:
    """What a person should look at, the most valuable decision first. It names no child."""
    asked = cause if cause in CAUSES else None
    with CaseLists(generation_of(request)) as case_lists:
        found = questions(settings_of(request), case_lists, asked)
        generation_id = case_lists.generation_id
    open_count = sum(question.decided is None for question in found)
    first = max(page - 1, 0) * PAGE
    return show(
        request,
        "review_list.html",
        visitor,
        questions=found[first : first + PAGE],
        open_count=open_count,
        decided_count=len(found) - open_count,
        page=max(page, 1),
        page_count=max(1, -(-len(found) // PAGE)),
        cause=asked,
        causes=CAUSES,
        standing=describe_outcome,
        generation_id=generation_id,
    )


@router.get("/review/decided")
def decided_list(request: Request, visitor: Staff) -> Response:
    """What was decided since the load, here or in the terminal, to be taken back."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists:
        rows = []
        for row in reversed(decided_since(settings, case_lists.generation_id)):
            pairs = case_lists.pairs_between([row.left_mention_key], [row.right_mention_key])
            ends = case_lists.mentions_of([row.left_mention_key, row.right_mention_key])
            rows.append((row, pairs[0] if pairs else None, ends))
        return show(
            request,
            "decided_list.html",
            visitor,
            rows=rows,
            generation_id=case_lists.generation_id,
        )


@router.get("/review/pairs/{pair_id}")
def pair_page(request: Request, visitor: Looking, pair_id: str) -> Response:
    """One question: what a reviewer reads before deciding."""
    settings = settings_of(request)
    with CaseLists(generation_of(request)) as case_lists:
        pair = case_lists.read_pair(pair_id)
        children = members_of(case_lists, pair)
        note_view(
            request,
            visitor,
            "review_pair",
            case_lists.generation_id,
            keys_of([pair_id], *_keys(children, find_cause_pair(case_lists, pair))),
        )
        return show(
            request,
            "pair.html",
            visitor,
            **content_of(settings, case_lists, pair, children),
            claim=read_claims(settings).get(pair_id),
        )


def content_of(
    settings: Settings, case_lists: CaseLists, pair: Pair, children: list[list[Mention]]
) -> dict[str, Any]:
    """What the page of a question shows, whoever looks."""
    left, right = case_lists.mentions_of([pair.left_mention_key, pair.right_mention_key])
    weights = case_lists.read_weights(pair.review_pair_id)
    between = find_cause_pair(case_lists, pair)
    return {
        "pair": pair,
        "left": left,
        "right": right,
        "rows": compare_records(case_lists, left, right, weights),
        "between": between,
        "between_rows": compare_records(case_lists, *between, []) if between else [],
        "weights": [(each, _bar(each.weight)) for each in weights],
        "standing": describe_outcome(pair),
        "cause": describe_cause(pair),
        "drawing": draw_cluster(case_lists, children, keys_of_pair(pair), "As it is now"),
        "in_force": _in_force(settings, pair),
        "choices": choices_of(pair),
        "reason_codes": REASON_CODES,
        "today": datetime.now(UTC).date(),
        "seen": mark_of_pair(settings, case_lists, pair),
        "generation_id": case_lists.generation_id,
    }


def choices_of(pair: Pair) -> dict[str, str]:
    """The decisions that a pair allows, with their words."""
    without = "never_link" if pair.is_joined else "split"
    return {code: words for code, words in DECISION_WORDS.items() if code != without}


def _in_force(settings: Settings, pair: Pair) -> str | None:
    try:
        return decisions_in_force(settings).get(keys_of_pair(pair))
    except ReviewError:
        # What is wrong with the file is said when somebody decides.
        return None


def _keys(
    children: list[list[Mention]], between: tuple[Mention, Mention] | None
) -> tuple[list[str], list[str]]:
    mentions = [mention for child in children for mention in child] + list(between or ())
    ids = [mention.mention_id_register for mention in mentions]
    return [mention.child_id_register for mention in mentions], ids


def _bar(weight: float) -> dict[str, Any]:
    """A bar of a weight: to the right of the middle for one child, to the left against."""
    length = round(min(abs(weight), BAR_BITS) * BAR_SCALE, 1)
    middle = BAR_BITS * BAR_SCALE
    begin = middle if weight >= 0 else middle - length
    return {"x": begin, "width": length, "kind": "for" if weight >= 0 else "against"}
