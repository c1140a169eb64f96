"""The first page, with counts of the waiting work."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.audit_views import list_own_samples, read_answers
from interfaces.web.authorisation import AnyAccount
from interfaces.web.delivery_views import is_waiting, list_own_deliveries
from interfaces.web.help_views import list_own_silences
from interfaces.web.outbox_views import list_outbox_files
from interfaces.web.pages import Visitor, find_generation, get_settings, render_page
from interfaces.web.review_questions import list_questions
from interfaces.web.second_opinion_views import list_pairs_to_judge
from register.feeds import read_hold_decisions
from register.publishing import count_tasks
from register.review import CaseLists

router = APIRouter()


@router.get("/")
def show_home(request: Request, visitor: AnyAccount) -> Response:
    """Show the amount of waiting work, without names. People of suppliers get their own page."""
    if visitor.is_supplier:
        return RedirectResponse("/deliver", 303)
    generation = find_generation(request)
    counts = (
        _count_waiting_work(request, visitor) if visitor.access.sees_any_area("identity") else []
    )
    return render_page(
        request, "home.html", visitor, counts=counts, generation_id=generation.generation_id
    )


def _count_waiting_work(request: Request, visitor: Visitor) -> list[tuple[str, int, str]]:
    """Return each kind of waiting work: its name, its number and its page."""
    settings, generation = get_settings(request), find_generation(request)
    with CaseLists(generation, settings.seeds) as case_lists:
        open_questions = list_questions(settings, case_lists, None, visitor)
        opinions = len(list_pairs_to_judge(settings, case_lists, visitor))
    decided = read_hold_decisions(settings)
    held_count = sum(
        is_waiting(entry, decided) for entry in list_own_deliveries(settings, visitor, "identity")
    )
    try:
        tasks = sum(
            each.children_count
            for each in count_tasks(generation)
            if visitor.access.sees_area("identity", each.body_code)
        )
        silence_count = len(list_own_silences(visitor, generation))
    except LookupError:
        tasks = silence_count = 0
    unanswered = sum(
        len(sample.cases) - len(read_answers(settings, sample))
        for sample in list_own_samples(settings, visitor)
    )
    feedback_count = sum(
        generation.generation_id in each.file_name for each in list_outbox_files(settings, visitor)
    )
    return [
        ("tasks for children who need help", tasks, "/help"),
        ("pairs to decide", sum(each.decided is None for each in open_questions), "/review"),
        (
            "pairs that a reviewer is working on",
            sum(each.claim is not None for each in open_questions),
            "/review",
        ),
        ("pairs waiting for your second opinion", opinions, "/review/second-opinions"),
        ("held deliveries to decide", held_count, "/deliveries"),
        ("feeds of silent suppliers", silence_count, "/suppliers"),
        ("audit cases without an answer", unanswered, "/audit"),
        ("suppliers with new feedback to send", feedback_count, "/outbox"),
    ]
