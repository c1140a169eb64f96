"""Audit samples, filled in on the page: one case after the other."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from interfaces.web.access_log import keys_of
from interfaces.web.asking import Form, Looking, Staff, note_view, text_of
from interfaces.web.pages import NotHereError, settings_of, show
from interfaces.web.stale import mark_of, refuse_stale
from register.audit import (
    ANSWERS,
    Case,
    ResultError,
    Sample,
    SampleError,
    answer_case,
    compare_reports,
    draw_case_timeline,
    find_case,
    read_details,
    read_latest_answers,
    read_sample,
    read_samples,
    report_audits,
)
from register.decision_files import hold_decisions
from register.publishing import Generation, RawLineError, kept_generations, read_raw_line
from register.settings import Settings

router = APIRouter()


@router.get("/audit")
def samples(request: Request, visitor: Staff) -> Response:
    """The samples that were drawn here, how far each is answered, and what was found."""
    settings = settings_of(request)
    found = [
        (sample, len(read_latest_answers(settings, sample))) for sample in read_samples(settings)
    ]
    return show(
        request, "audit_samples.html", visitor, samples=found, reports=report_audits(settings)
    )


@router.get("/audit/{sample_id}")
def cases(request: Request, visitor: Staff, sample_id: str) -> Response:
    """The cases of a sample, by number."""
    settings = settings_of(request)
    sample = _sample(settings, sample_id)
    return show(
        request,
        "audit_sample.html",
        visitor,
        sample=sample,
        answers=read_latest_answers(settings, sample),
    )


@router.get("/audit/{sample_id}/{number}")
def case_page(
    request: Request, visitor: Looking, sample_id: str, number: int, lines: str = ""
) -> Response:
    """What was published about a case, and the form for what the auditor finds."""
    settings = settings_of(request)
    sample = _sample(settings, sample_id)
    case = _case(sample, number)
    generation = _generation(settings, sample)
    details = read_details(generation, [case])[0] if generation else None
    is_with_lines = lines == "yes" and details is not None
    children = {report["child_id_register"] for report in details.reports} if details else set()
    note_view(
        request,
        visitor,
        "audit_case_lines" if is_with_lines else "audit_case",
        sample.design.generation_id,
        keys_of([sample_id, case.agreement_id], sorted(children)),
    )
    texts = []
    if is_with_lines and details is not None:
        try:
            texts = [read_raw_line(settings, line) for line in details.lines]
        except RawLineError as error:
            raise NotHereError(str(error)) from None
    answer = read_latest_answers(settings, sample).get(number)
    return show(
        request,
        "audit_case.html",
        visitor,
        sample=sample,
        case=case,
        details=details,
        timeline=draw_case_timeline(details) if details else "",
        compared=compare_reports(details) if details else [],
        texts=texts,
        questions=ANSWERS,
        answer=answer,
        seen=mark_of(answer),
    )


@router.post("/audit/{sample_id}/{number}")
def answer(request: Request, visitor: Staff, form: Form, sample_id: str, number: int) -> Response:
    """Keep the answers to a case, and go on to the next that has none."""
    settings = settings_of(request)
    sample = _sample(settings, sample_id)
    answers = {column: text_of(form, column) for column in ANSWERS}
    try:
        with hold_decisions(settings):
            now = mark_of(read_latest_answers(settings, sample).get(number))
            refuse_stale(text_of(form, "seen"), now, f"Case {number}")
            answer_case(settings, sample, number, answers, visitor.name)
    except ResultError as error:
        raise NotHereError(f"Not written: {error}.") from None
    answered = read_latest_answers(settings, sample)
    following = [case.case_number for case in sample.cases if case.case_number not in answered]
    later = [each for each in following if each > number] or following
    place = f"/audit/{sample_id}" + (f"/{later[0]}" if later else "")
    return RedirectResponse(place, 303)


def _sample(settings: Settings, sample_id: str) -> Sample:
    try:
        return read_sample(settings, sample_id)
    except SampleError as error:
        raise NotHereError(str(error)) from None


def _case(sample: Sample, number: int) -> Case:
    try:
        return find_case(sample, number)
    except ResultError as error:
        raise NotHereError(str(error)) from None


def _generation(settings: Settings, sample: Sample) -> Generation | None:
    """The generation that the sample was drawn from; None where it is no longer kept."""
    wanted = sample.design.generation_id
    kept = kept_generations(settings)
    return next((each for each in kept if each.generation_id == wanted), None)
