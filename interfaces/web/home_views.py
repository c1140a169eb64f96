"""The first page: what waits for somebody, counted."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from interfaces.web.asking import SignedIn
from interfaces.web.delivery_views import is_waiting
from interfaces.web.listed_questions import questions
from interfaces.web.outbox_views import outbox_files
from interfaces.web.pages import generation_of, settings_of, show
from interfaces.web.second_opinion_views import pairs_to_judge
from register.audit import read_latest_answers, read_samples
from register.feeds import read_hold_decisions, read_ledger
from register.publishing import count_by_body
from register.review import CaseLists

router = APIRouter()


@router.get("/")
def home(request: Request, visitor: SignedIn) -> Response:
    """What waits, as counts: no child is named."""
    generation = generation_of(request)
    counts = _counts(request, visitor.name) if visitor.is_staff else []
    return show(
        request, "home.html", visitor, counts=counts, generation_id=generation.generation_id
    )


def _counts(request: Request, name: str) -> list[tuple[str, int, str]]:
    """Words, how many, and the page of each kind of work."""
    settings, generation = settings_of(request), generation_of(request)
    with CaseLists(generation) as case_lists:
        asked = questions(settings, case_lists, None)
        opinions = len(pairs_to_judge(settings, case_lists, name))
    decided = read_hold_decisions(settings.decisions)
    held = sum(is_waiting(entry, decided) for entry in read_ledger(settings))
    try:
        cases = sum(body.case_count for body in count_by_body(generation))
    except LookupError:
        cases = 0
    unanswered = sum(
        len(sample.cases) - len(read_latest_answers(settings, sample))
        for sample in read_samples(settings)
    )
    told = sum(generation.generation_id in each.file_name for each in outbox_files(settings))
    return [
        ("pairs to decide", sum(each.decided is None for each in asked), "/review"),
        (
            "pairs on which somebody is now",
            sum(each.claim is not None for each in asked),
            "/review",
        ),
        ("pairs that wait for your second opinion", opinions, "/review/second-opinions"),
        ("children and suppliers on a case list", cases, "/cases"),
        ("deliveries held until somebody decides", held, "/deliveries"),
        ("audit cases without an answer", unanswered, "/audit"),
        ("suppliers with new feedback to send", told, "/outbox"),
    ]
