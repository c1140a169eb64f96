"""The review list, and the page of a question: both records, their weights, the cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from interfaces.web.authorisation import (
    SeesNames,
    SeesNamesWithPurpose,
    list_view_keys,
    record_view,
)
from interfaces.web.claims import read_claims
from interfaces.web.cluster_drawing import draw_cluster
from interfaces.web.pages import get_settings, render_page, slice_page
from interfaces.web.review_questions import (
    AreaFilter,
    fingerprint_pair,
    list_members,
    list_questions,
    list_recent_decisions,
    open_case_lists,
    read_own_pair,
    sort_pair_keys,
)
from register import review
from register.choices import CAUSES, ReasonCode
from register.settings import Settings

router = APIRouter()
PAGE = 50
REASON_CODES: tuple[str, ...] = get_args(ReasonCode)
DECISION_LABELS = {
    "link": "One child: link them",
    "never_link": "Two children: never link them",
    "split": "Two children: split them",
}
# The scale of a bar in pixels for each bit, and the weight in bits at which a bar is cut off.
BAR_SCALE, BAR_BITS = 4, 20


@router.get("/review")
def show_review_list(
    request: Request, visitor: SeesNames, cause: str | None = None, page: int = 1
) -> Response:
    """Show the pairs to review, the most valuable decision first, without names."""
    chosen_cause = cause if cause in CAUSES else None
    with open_case_lists(request) as case_lists:
        listed = list_questions(get_settings(request), case_lists, chosen_cause, visitor)
        generation_id = case_lists.generation_id
    open_count = sum(question.decided is None for question in listed)
    questions, pages = slice_page(listed, page, PAGE)
    return render_page(
        request,
        "review_list.html",
        visitor,
        questions=questions,
        open_count=open_count,
        decided_count=len(listed) - open_count,
        cause=chosen_cause,
        causes=CAUSES,
        standing=review.describe_outcome,
        generation_id=generation_id,
        **pages,
    )


@router.get("/review/decided")
def show_decided_list(request: Request, visitor: SeesNames) -> Response:
    """Show decisions since the last load, from here or the terminal, with a form to undo each."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        rows, area_filter = [], AreaFilter(case_lists, visitor.access)
        for row in reversed(list_recent_decisions(settings, case_lists.generation_id)):
            pairs = case_lists.pairs_between([row.left_mention_key], [row.right_mention_key])
            ends = case_lists.mentions_of([row.left_mention_key, row.right_mention_key])
            if area_filter.shows_mentions(ends) and all(map(area_filter.shows_pair, pairs)):
                rows.append((row, pairs[0] if pairs else None, ends))
        return render_page(
            request,
            "decided_list.html",
            visitor,
            rows=rows,
            generation_id=case_lists.generation_id,
        )


@router.get("/review/pairs/{pair_id}")
def show_pair(request: Request, visitor: SeesNamesWithPurpose, pair_id: str) -> Response:
    """Show one question with everything that a reviewer reads before deciding."""
    settings = get_settings(request)
    with open_case_lists(request) as case_lists:
        pair = read_own_pair(case_lists, visitor, pair_id)
        children = list_members(case_lists, pair)
        record_view(
            request,
            visitor,
            "review_pair",
            case_lists.generation_id,
            list_view_keys(
                [pair_id], *_list_keys(children, review.find_cause_pair(case_lists, pair))
            ),
        )
        return render_page(
            request,
            "pair.html",
            visitor,
            **build_pair_content(settings, case_lists, pair, children),
            claim=read_claims(settings).get(pair_id),
        )


def build_pair_content(
    settings: Settings,
    case_lists: review.CaseLists,
    pair: review.Pair,
    children: list[list[review.Mention]],
) -> dict[str, Any]:
    """Build the part of a question's page that is the same for every visitor."""
    left, right = case_lists.mentions_of([pair.left_mention_key, pair.right_mention_key])
    weights = case_lists.read_weights(pair.review_pair_id)
    between = review.find_cause_pair(case_lists, pair)
    return {
        "pair": pair,
        "left": left,
        "right": right,
        "rows": review.compare_records(case_lists, left, right, weights),
        "between": between,
        "between_rows": review.compare_records(case_lists, *between, []) if between else [],
        "weights": [
            (each, *review.split_comparison(each), _measure_bar(each.weight)) for each in weights
        ],
        "standing": review.describe_outcome(pair),
        "cause": review.describe_cause(pair),
        "drawing": draw_cluster(
            case_lists, children, sort_pair_keys(pair), ("Leave it as it is now")
        ),
        "in_force": _find_decision_in_force(settings, pair),
        "choices": list_choices(pair),
        "reason_codes": REASON_CODES,
        "today": datetime.now(UTC).date(),
        "seen": fingerprint_pair(settings, case_lists, pair),
        "generation_id": case_lists.generation_id,
    }


def list_choices(pair: review.Pair) -> dict[str, str]:
    """List the decisions that a pair allows, with their labels."""
    without = "never_link" if pair.is_joined else "split"
    return {code: words for code, words in DECISION_LABELS.items() if code != without}


def _find_decision_in_force(settings: Settings, pair: review.Pair) -> str | None:
    try:
        return review.decisions_in_force(settings).get(sort_pair_keys(pair))
    except review.ReviewError:
        # Ignore the error here: users see it when they decide.
        return None


def _list_keys(
    children: list[list[review.Mention]], between: tuple[review.Mention, review.Mention] | None
) -> tuple[list[str], list[str]]:
    mentions = [mention for child in children for mention in child] + list(between or ())
    ids = [mention.mention_id_register for mention in mentions]
    return [mention.child_id_register for mention in mentions], ids


def _measure_bar(weight: float) -> dict[str, Any]:
    """Measure the bar of a weight: to the right for one child, to the left for two."""
    length = round(min(abs(weight), BAR_BITS) * BAR_SCALE, 1)
    middle = BAR_BITS * BAR_SCALE
    begin = middle if weight >= 0 else middle - length
    return {"x": begin, "width": length, "kind": "for" if weight >= 0 else "against"}
