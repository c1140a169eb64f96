"""Pages of audit samples and of their cases, with the form for an auditor's answers."""

from __future__ import annotations

from dataclasses import replace

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
from interfaces.web.pages import NotFoundError, Visitor, get_settings, render_page
from interfaces.web.stale_forms import compute_fingerprint, refuse_stale
from register import audit
from register.decision_files import hold_decisions
from register.publishing import Generation, RawLineError, kept_generations, read_raw_line
from register.serving import list_own_agreements
from register.settings import Settings

router = APIRouter()


@router.get("/audit")
def show_samples(request: Request, visitor: SeesNames) -> Response:
    """Show the samples of this home, how many cases are answered, and the estimates."""
    settings = get_settings(request)
    samples_answered = [
        (sample, len(read_answers(settings, sample)))
        for sample in list_own_samples(settings, visitor)
    ]
    sees_estimates = visitor.access.sees_everything("identity")
    return render_page(
        request,
        "audit_samples.html",
        visitor,
        samples=samples_answered,
        reports=audit.report_audits(settings) if sees_estimates else [],
    )


@router.get("/audit/{sample_id}")
def show_cases(request: Request, visitor: SeesNames, sample_id: str) -> Response:
    """Show the cases of a sample, by number."""
    settings = get_settings(request)
    sample = _read_sample(settings, visitor, sample_id)
    return render_page(
        request,
        "audit_sample.html",
        visitor,
        sample=sample,
        answers=read_answers(settings, sample),
    )


@router.get("/audit/{sample_id}/{number}")
def show_case(
    request: Request, visitor: SeesNamesWithPurpose, sample_id: str, number: int, lines: str = ""
) -> Response:
    """Show the published values of a case, and the form for the auditor's answers."""
    settings = get_settings(request)
    sample = _read_sample(settings, visitor, sample_id)
    case = _read_case(sample, number)
    generation = _find_sample_generation(settings, sample)
    details = _read_details(visitor, generation, case) if generation else None
    is_with_lines = lines == "yes" and details is not None
    children = {report["child_id_register"] for report in details.reports} if details else set()
    record_view(
        request,
        visitor,
        "audit_case_lines" if is_with_lines else "audit_case",
        sample.design.generation_id,
        list_view_keys([sample_id, case.agreement_id], sorted(children)),
    )
    texts = []
    if is_with_lines and details is not None:
        try:
            texts = [
                read_raw_line(settings, line)
                for line in details.lines
                # A line that another area delivered may name other people than this child.
                if visitor.access.sees_area("identity", line.supplier_code)
            ]
        except RawLineError as error:
            raise NotFoundError(str(error)) from None
    current_answer = audit.read_latest_answers(settings, sample).get(number)
    return render_page(
        request,
        "audit_case.html",
        visitor,
        sample=sample,
        case=case,
        details=details,
        timeline=audit.draw_case_timeline(details) if details else "",
        compared=audit.compare_reports(details) if details else [],
        texts=texts,
        questions=audit.ANSWERS,
        answer=current_answer,
        seen=compute_fingerprint(current_answer),
    )


@router.post("/audit/{sample_id}/{number}")
def save_answer(
    request: Request, visitor: SeesNames, form: Form, sample_id: str, number: int
) -> Response:
    """Save the answers to a case, and go to the next case without an answer."""
    settings = get_settings(request)
    sample = _read_sample(settings, visitor, sample_id)
    answers = {column: read_field(form, column) for column in audit.ANSWERS}
    try:
        with hold_decisions(settings):
            now = compute_fingerprint(audit.read_latest_answers(settings, sample).get(number))
            refuse_stale(read_field(form, "seen"), now, f"Case {number}")
            audit.answer_case(settings, sample, number, answers, visitor.name)
    except audit.ResultError as error:
        raise NotFoundError(f"Not written: {error}.") from None
    answered = read_answers(settings, sample)
    following = [case.case_number for case in sample.cases if case.case_number not in answered]
    later = [each for each in following if each > number] or following
    place = f"/audit/{sample_id}" + (f"/{later[0]}" if later else "")
    return RedirectResponse(place, 303)


def list_own_samples(settings: Settings, visitor: Visitor) -> list[audit.Sample]:
    """List the samples with the cases that the visitor may see; samples without any are left out.

    A case belongs to the areas of its row in `fct_agreement`. Once its generation is removed, it
    belongs to its local authority.
    """
    samples = audit.read_samples(settings)
    if visitor.access.sees_everything("identity"):
        return samples
    own = []
    for sample in samples:
        generation = _find_sample_generation(settings, sample)
        areas = visitor.access.list_areas("identity")
        ids = list_own_agreements(generation, areas) if generation else frozenset()
        cases = tuple(
            case
            for case in sample.cases
            if (case.agreement_id in ids if generation else case.authority_code_dfe in areas)
        )
        if cases:
            own.append(replace(sample, cases=cases))
    return own


def _read_sample(settings: Settings, visitor: Visitor, sample_id: str) -> audit.Sample:
    for sample in list_own_samples(settings, visitor):
        if sample.sample_id == sample_id:
            return sample
    raise NotFoundError("This home has no such sample.")


def read_answers(settings: Settings, sample: audit.Sample) -> dict[int, audit.AuditResult]:
    """Return the latest answers to the cases of a sample, or to the visitor's part of it."""
    numbers = {case.case_number for case in sample.cases}
    answers = audit.read_latest_answers(settings, sample)
    return {number: answer for number, answer in answers.items() if number in numbers}


def _read_details(visitor: Visitor, generation: Generation, case: audit.Case) -> audit.CaseDetails:
    """Return the published values of a case, without links to records of other areas."""
    details = audit.read_details(generation, [case])[0]
    links = [
        link for link in details.links if visitor.access.sees_area("identity", link["issuer_code"])
    ]
    return replace(details, links=links)


def _read_case(sample: audit.Sample, number: int) -> audit.Case:
    try:
        return audit.find_case(sample, number)
    except audit.ResultError as error:
        raise NotFoundError(str(error)) from None


def _find_sample_generation(settings: Settings, sample: audit.Sample) -> Generation | None:
    """Return the generation from which the sample was drawn; None if it was removed."""
    generation_id = sample.design.generation_id
    generations = kept_generations(settings)
    return next((each for each in generations if each.generation_id == generation_id), None)
